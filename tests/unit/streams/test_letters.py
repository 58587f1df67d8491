"""What is open among letters and notes, in whatever order they are read and whichever are deleted by then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import permutations
from typing import Any

import pytest

from eropaf.agents.codecs import letters as codec_of
from eropaf.streams.operate.letters import (
    ANSWERED,
    CLOSED,
    COUNTED,
    NEAR,
    REPLAYED,
    Letter,
    Letters,
    _rounds,
    note,
)
from eropaf.streams.runtime.record import REPLAY_OF
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import REJECTED


class Held(Letters):
    """Letters that a test made, in place of those of a cluster."""

    def __init__(self, letters: Iterable[dict[str, Any]]) -> None:
        super().__init__("nowhere", {}, codec_of(LocalRegistry()))
        self._held = list(letters)

    def read(self, only: Iterable[tuple[int, int]] | None = None) -> Iterator[tuple[tuple[int, int], Any]]:
        yield from (((0, number), letter) for number, letter in enumerate(self._held))


def index(*letters: dict[str, Any]) -> Letter:
    (found,) = Held(letters).index()
    return found


def a_letter(at: int, reason: str = "too-large", **headers: int) -> dict[str, Any]:
    first = [{"name": REPLAY_OF, "value": b"arrears.rent-3-1"}]
    return {
        "reason": reason,
        "detail": "",
        "agent": "intake",
        "topic": "arrears.rent",
        "partition": 3,
        "offset": at,
        "timestamp_ms": 5,
        "key": b"contract",
        "value": b"%d" % at,
        "headers": first,
    }


def a_note(*headers: tuple[str, int]) -> dict[str, Any]:
    note = a_letter(9, REPLAYED)
    note["headers"] = [*note["headers"], *({"name": name, "value": b"%d" % value} for name, value in headers)]
    return note


def test_a_record_with_a_letter_that_no_note_answers_is_open() -> None:
    for order in permutations([a_letter(1), a_note((ANSWERED, 1)), a_letter(7)]):
        found = index(*order)
        assert found.open
        assert (found.times, found.offset, found.size) == (2, 7, 1)


def test_a_record_of_which_every_letter_is_answered_is_not_open() -> None:
    notes = a_note((ANSWERED, 1)), a_note((ANSWERED, 1), (ANSWERED, 7))
    for order in permutations([a_letter(1), a_letter(7), *notes]):
        assert not index(*order).open


def test_a_later_letter_stays_open_when_the_earlier_one_was_deleted_by_age() -> None:
    for order in permutations([a_note((ANSWERED, 1)), a_letter(7)]):
        assert index(*order).open


def test_a_note_of_an_earlier_version_answers_as_many_letters_as_it_says() -> None:
    assert not index(a_letter(1), a_note((COUNTED, 1))).open
    assert index(a_letter(1), a_note((COUNTED, 1)), a_letter(7)).open


@pytest.mark.parametrize(
    ("places", "rounds"),
    [
        ([], []),
        ([(0, 5)], [{0: (5, 6)}]),
        ([(0, 5), (0, 7), (1, 2)], [{0: (5, 8), 1: (2, 3)}]),
        (
            [(0, 5), (0, 6 + NEAR), (0, 9_000), (1, 2)],
            [{0: (5, 7 + NEAR), 1: (2, 3)}, {0: (9_000, 9_001)}],
        ),
    ],
)
def test_letters_that_lie_far_apart_are_not_read_through(
    places: list[tuple[int, int]], rounds: list[dict[int, tuple[int, int]]]
) -> None:
    assert [
        {tp.partition: (start, until[tp]) for tp, start in starts.items()}
        for starts, until in _rounds(REJECTED, places)
    ] == rounds
    assert all(tp.topic == REJECTED for starts, _ in _rounds(REJECTED, places) for tp in starts)


def closed(at: int, *answers: int) -> dict[str, Any]:
    return note(a_letter(at), CLOSED, answers, detail="corrected by its sender", agent="close")


def test_a_record_that_a_person_closed_is_not_open_and_says_why() -> None:
    for order in permutations([a_letter(1), closed(1, 1)]):
        found = index(*order)
        assert (found.open, found.closed) == (False, "corrected by its sender")


def test_a_closed_record_that_is_set_aside_once_more_is_open_again() -> None:
    for order in permutations([a_letter(1), closed(1, 1), a_letter(7)]):
        found = index(*order)
        assert (found.open, found.closed) == (True, None)


def test_a_note_holds_nothing_of_the_record_but_its_key_and_place() -> None:
    left = note(a_letter(1), CLOSED, [1], detail="why", agent="close")

    assert left["value"] is None
    assert [header["name"] for header in left["headers"]] == [REPLAY_OF, ANSWERED]
