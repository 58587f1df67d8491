"""How far partitions were read beyond their last record: to their end, past the marks of transactions.

A mark takes an offset, and is never handed out. Were only records noted, a partition that was read to its
end would look, once retention has emptied it, as if something had been deleted unread.
"""

from __future__ import annotations

from collections.abc import Mapping

from eropaf.streams.topic_partition import TP

# An end is saved with the next checkpoint of its stage, or by itself after this long. Retention takes hours.
SAVED_AFTER_S = 5.0


class Ends:
    """Knows for each open partition the next offset to be saved, and the end behind it."""

    def __init__(self) -> None:
        self._noted: dict[TP, int] = {}  # what the group has, or gets with the next checkpoint
        self._reached: dict[TP, tuple[int, float]] = {}  # an end beyond that, and since when

    def open(self, starts: Mapping[TP, int], known: Mapping[TP, int]) -> None:
        """Take in that partitions are read from `starts` on, of which the group had noted `known`."""
        for tp, start in starts.items():
            self._noted[tp] = max(0, known[tp])
            self._reached.pop(tp, None)
            self.reach({tp: start}, 0.0)

    def close(self, tp: TP) -> None:
        """Forget a partition that is given up."""
        self._noted.pop(tp, None)
        self._reached.pop(tp, None)

    def reach(self, ends: Mapping[TP, int], now: float) -> None:
        """Take in that there was nothing more to read of these at `now` (monotonic seconds)."""
        for tp, end in ends.items():
            noted = self._noted.get(tp)
            if noted is not None and end > noted:
                self._reached[tp] = (end, self._reached.get(tp, (end, now))[1])

    def note(self, tp: TP, offset: int) -> None:
        """Take in that a checkpoint holds `offset`."""
        self._noted[tp] = offset
        if tp in self._reached and self._reached[tp][0] <= offset:
            del self._reached[tp]

    def beyond(self, tp: TP) -> int | None:
        """Return the end that was reached and is not noted yet."""
        reached = self._reached.get(tp)
        return None if reached is None else reached[0]

    def due(self, now: float) -> set[TP]:
        """Return the partitions whose end has waited long enough."""
        return {tp for tp, (_, since) in self._reached.items() if now - since >= SAVED_AFTER_S}

    def waiting(self) -> set[TP]:
        """Return the partitions whose end is not noted yet."""
        return set(self._reached)
