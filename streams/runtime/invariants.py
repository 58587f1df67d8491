"""Invariants. These checks stay on: a worker that breaks one ends before it saves.

They check a batch or a checkpoint, never a single record, so they cost next to nothing per event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eropaf.streams.errors import InvariantBroken
from eropaf.streams.topic_partition import TP


class ReadOn:
    """Asserts that each partition is read on from where it stopped, never backwards."""

    def __init__(self) -> None:
        self._next: dict[TP, int] = {}

    def begin(self, starts: Mapping[TP, int]) -> None:
        """Record that partitions are opened again, each read from its start."""
        self._next.update(starts)

    def next(self, tp: TP) -> int:
        """Return what is to be read next: all before it was handed out."""
        return self._next[tp]

    def passed(self, tp: TP, end: int) -> None:
        """Record that `tp` has nothing to read before `end`."""
        self._next[tp] = max(self._next.get(tp, 0), end)

    def hand_out(self, tp: TP, records: Sequence[Any]) -> None:
        """Record that `records` of `tp` are handed out.

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
    """Assert that a partition's checkpointed offset only rises.

    Raises:
        InvariantBroken: it does not.

    """
    if before is not None and after <= before:
        raise InvariantBroken(
            f"{tp.topic}-{tp.partition}: offset {after} after {before} in one checkpoint. "
            "This is a fault of this program, please report it"
        )


def one_term(tp: TP, done_under: int, is_under: int) -> None:
    """Assert that a partition's work was done under the same assignment as its rows.

    Raises:
        InvariantBroken: it was revoked since, and perhaps reassigned.

    """
    if not done_under == is_under > 0:
        raise InvariantBroken(
            f"{tp.topic}-{tp.partition}: read under assignment {done_under}, and saved under {is_under}. "
            "This is a fault of this program, please report it"
        )


def in_sequence(what: str, before: int, after: int) -> None:
    """Assert that a sequence neither skips a number nor goes back.

    Raises:
        InvariantBroken: it does.

    """
    if after != before + 1:
        raise InvariantBroken(
            f"{what} {after} follows {before}. This is a fault of this program, please report it"
        )
