"""What must hold whatever happens. These checks stay on: a worker that breaks one ends before it saves.

They look at a batch or a checkpoint, never at a record, so that an event costs next to nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eropaf.streams.errors import InvariantBroken
from eropaf.streams.topic_partition import TP


class ReadOn:
    """Insists that each partition is read on from where it was left, and never back."""

    def __init__(self) -> None:
        self._next: dict[TP, int] = {}

    def begin(self, starts: Mapping[TP, int]) -> None:
        """Take in that partitions are opened anew, each to be read on from its start."""
        self._next.update(starts)

    def passed(self, tp: TP, end: int) -> None:
        """Take in that there is nothing to read of `tp` before `end`."""
        self._next[tp] = max(self._next.get(tp, 0), end)

    def hand_out(self, tp: TP, records: Sequence[Any]) -> None:
        """Take in that `records` of `tp` are handed out.

        Raises:
            InvariantBroken: some of them were handed out before, or they do not rise.

        """
        first, last, must = records[0].offset(), records[-1].offset(), self._next.get(tp)
        if must is None or first < must or last - first < len(records) - 1:
            raise InvariantBroken(
                f"{tp.topic}-{tp.partition}: {len(records)} records from offset {first} to {last}, where "
                f"{must} was to be read next. This is a fault of this program, please report it"
            )
        self._next[tp] = last + 1


def forward(tp: TP, before: int | None, after: int) -> None:
    """Insist that a checkpoint's offset of a partition only rises.

    Raises:
        InvariantBroken: it does not.

    """
    if before is not None and after <= before:
        raise InvariantBroken(
            f"{tp.topic}-{tp.partition}: offset {after} after {before} in one checkpoint. "
            "This is a fault of this program, please report it"
        )


def one_term(tp: TP, done_under: int, is_under: int) -> None:
    """Insist that what was done of a partition was done under the assignment that its rows are of.

    Raises:
        InvariantBroken: it was given up since, and perhaps taken again.

    """
    if not done_under == is_under > 0:
        raise InvariantBroken(
            f"{tp.topic}-{tp.partition}: read under assignment {done_under}, and saved under {is_under}. "
            "This is a fault of this program, please report it"
        )


def in_sequence(what: str, before: int, after: int) -> None:
    """Insist that what is numbered one after the other never skips a number, and never goes back.

    Raises:
        InvariantBroken: it does.

    """
    if after != before + 1:
        raise InvariantBroken(
            f"{what} {after} follows upon {before}. This is a fault of this program, please report it"
        )
