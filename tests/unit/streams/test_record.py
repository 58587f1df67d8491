"""A record has one name for ever, also after it was sent again; and nobody can take another's."""

from __future__ import annotations

from typing import cast

import pytest

from eropaf.streams.runtime.record import REPLAY_OF, STORED_AT, Record, first_place, kept_from, stored_at


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


class Stored:
    """A record as far as its time goes."""

    def __init__(self, *headers: tuple[str, bytes | None]) -> None:
        self._headers = list(headers)

    def timestamp(self) -> tuple[int, int]:
        return 1, 1_000

    def headers(self) -> list[tuple[str, bytes | None]]:
        return self._headers


FIRST = (REPLAY_OF, b"arrears.rent-3-17")


@pytest.mark.parametrize(
    ("headers", "at"),
    [
        ([], 1_000),
        ([FIRST, (STORED_AT, b"17")], 17),
        ([(STORED_AT, b"17")], 1_000),
        ([FIRST, (STORED_AT, b"")], 1_000),
        ([FIRST, (STORED_AT, b"-17")], 1_000),
        ([FIRST, (STORED_AT, b"9" * 16)], 1_000),
        ([FIRST, (STORED_AT, None)], 1_000),
        # Nothing was stored first after it was stored again.
        ([FIRST, (STORED_AT, b"1001")], 1_000),
        ([FIRST, (STORED_AT, b"9" * 15)], 1_000),
    ],
)
def test_a_replay_keeps_the_time_of_what_it_replays(headers: list[tuple[str, bytes | None]], at: int) -> None:
    assert stored_at(cast(Record, Stored(*headers))) == at


def test_a_time_stamp_of_another_year_does_not_say_how_long_a_record_is_kept() -> None:
    day_ms = 24 * 60 * 60 * 1000
    now_ms = 20_000 * day_ms

    assert kept_from(now_ms - day_ms, now_ms) == now_ms - day_ms
    assert kept_from(now_ms - day_ms - 1, now_ms) == now_ms
    assert kept_from(now_ms + 1, now_ms) == now_ms
    assert kept_from(now_ms + 2 * day_ms, now_ms) == now_ms
