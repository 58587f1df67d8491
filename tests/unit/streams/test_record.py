"""A record has one name for ever, also after it was sent again; and nobody can take another's."""

from __future__ import annotations

import pytest

from eropaf.streams.runtime.record import REPLAY_OF, first_place


def named(*headers: tuple[str, bytes | None]) -> str:
    return first_place("arrears.rent", 3, 99, headers)


def test_a_record_is_named_by_where_it_stands() -> None:
    assert named() == "arrears.rent-3-99"
    assert named(("trace", b"abc")) == "arrears.rent-3-99"


def test_a_replay_is_named_by_where_its_record_stood_first() -> None:
    assert named(("trace", b"abc"), (REPLAY_OF, b"arrears.rent-3-17")) == "arrears.rent-3-17"


@pytest.mark.parametrize(
    "said",
    [
        b"arrears.water-3-17",
        b"arrears.rent-4-17",
        b"arrears.rent-3-",
        b"arrears.rent-3-x",
        b"arrears.rent-3-1-7",
        b"arrears.rent-3-" + b"9" * 20,
        b"",
        None,
    ],
)
def test_a_name_of_another_partition_or_none_at_all_is_not_believed(said: bytes | None) -> None:
    assert named((REPLAY_OF, said)) == "arrears.rent-3-99"
