"""Partitions read to their end: beyond the last record, past transaction markers.

A marker takes an offset but is never handed out. If only records were counted, a partition read to its end
would look, once retention has emptied it, as if records had been deleted unread.
"""

from __future__ import annotations

from collections.abc import Mapping

from eropaf.streams.topic_partition import TP

# An end is saved with its stage's next checkpoint, or by itself after this long. Retention takes hours.
SAVED_AFTER_S = 5.0


class Ends:
    """Tracks, for each open partition, the next offset to save and the end beyond it."""

    def __init__(self) -> None:
        self._noted: dict[TP, int] = {}  # what the group has, or will have with the next checkpoint
        self._reached: dict[TP, tuple[int, float]] = {}  # an end beyond that, and since when

    def open(self, starts: Mapping[TP, int], known: Mapping[TP, int]) -> None:
        """Start tracking partitions read from `starts`, where the group had committed `known`."""
        for tp, start in starts.items():
            self._noted[tp] = max(0, known[tp])
            self._reached.pop(tp, None)
            self.reach({tp: start}, 0.0)

    def close(self, tp: TP) -> None:
        """Stop tracking a revoked partition."""
        self._noted.pop(tp, None)
        self._reached.pop(tp, None)

    def reach(self, ends: Mapping[TP, int], now: float) -> None:
        """Record that these partitions had nothing more to read at `now` (monotonic seconds)."""
        for tp, end in ends.items():
            noted = self._noted.get(tp)
            if noted is not None and end > noted:
                self._reached[tp] = (end, self._reached.get(tp, (end, now))[1])

    def note(self, tp: TP, offset: int) -> None:
        """Record that a checkpoint holds `offset`."""
        self._noted[tp] = offset
        if tp in self._reached and self._reached[tp][0] <= offset:
            del self._reached[tp]

    def beyond(self, tp: TP) -> int | None:
        """Return the end that was reached but is not saved yet."""
        reached = self._reached.get(tp)
        return None if reached is None else reached[0]

    def due(self, now: float) -> set[TP]:
        """Return the partitions whose end is due to be saved."""
        return {tp for tp, (_, since) in self._reached.items() if now - since >= SAVED_AFTER_S}

    def waiting(self) -> set[TP]:
        """Return the partitions whose end is not saved yet."""
        return set(self._reached)
