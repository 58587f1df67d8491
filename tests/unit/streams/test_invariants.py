"""What must always hold is told aloud where it does not."""

from __future__ import annotations

import pytest

from eropaf.streams.errors import InvariantBroken
from eropaf.streams.runtime.invariants import ReadOn, forward, in_sequence, one_term
from eropaf.streams.topic_partition import TP
from tests.stepped import Told

NUMBERS = TP("numbers", 0)


def test_what_is_handed_out_goes_on_from_where_it_was_left_also_past_marks() -> None:
    read_on = ReadOn()
    read_on.begin({NUMBERS: 3})

    read_on.hand_out(NUMBERS, [Told(NUMBERS, 3), Told(NUMBERS, 5)])
    read_on.hand_out(NUMBERS, [Told(NUMBERS, 9)])

    with pytest.raises(InvariantBroken, match=r"numbers-0.*10 was to be read next"):
        read_on.hand_out(NUMBERS, [Told(NUMBERS, 9)])


def test_what_was_never_opened_is_not_handed_out() -> None:
    with pytest.raises(InvariantBroken):
        ReadOn().hand_out(NUMBERS, [Told(NUMBERS, 0)])


def test_a_partition_that_is_opened_anew_may_be_read_again() -> None:
    read_on = ReadOn()
    read_on.begin({NUMBERS: 0})
    read_on.hand_out(NUMBERS, [Told(NUMBERS, 0)])

    read_on.begin({NUMBERS: 0})

    read_on.hand_out(NUMBERS, [Told(NUMBERS, 0)])


@pytest.mark.parametrize(("before", "after"), [(5, 5), (5, 4)])
def test_an_offset_only_rises(before: int, after: int) -> None:
    forward(NUMBERS, None, before)

    with pytest.raises(InvariantBroken):
        forward(NUMBERS, before, after)


@pytest.mark.parametrize(("read", "saved"), [(1, 2), (1, 0), (0, 0)])
def test_rows_and_offsets_are_of_one_assignment(read: int, saved: int) -> None:
    one_term(NUMBERS, 7, 7)

    with pytest.raises(InvariantBroken, match="numbers-0"):
        one_term(NUMBERS, read, saved)


@pytest.mark.parametrize("after", [4, 5, 7])
def test_a_sequence_never_skips_and_never_goes_back(after: int) -> None:
    in_sequence("update", 5, 6)

    with pytest.raises(InvariantBroken, match=f"update {after} follows 5"):
        in_sequence("update", 5, after)
