"""Reads the ranked list: first as a whole, then change by change."""

from __future__ import annotations

from typing import Callable, Union

from eropaf_client.inbox import Inbox, Received
from eropaf_client.lifetime import Closing
from eropaf_client.live_list import LiveList, Moved, Snapshot
from eropaf_client.records import PriorityUpdate
from eropaf_client.source import Source

Change = Union[Snapshot, Moved]


class ListReader(Closing):
    """The list of one area (four digits), or of all. For one thread at a time."""

    def __init__(
        self, source: Source, decode: Callable[[bytes], PriorityUpdate], area: str | None = None
    ) -> None:
        self._source, self._area = source, area
        self._inbox = Inbox(source, decode)
        self._ranking = LiveList()
        self._told = False

    def close(self) -> None:
        """Stop reading. Idempotent."""
        self._source.close()

    def next(self, wait_s: float) -> Change | None:
        """Return the list once complete, later one change at a time; None if nothing within `wait_s`."""
        received = self._inbox.take(wait_s)
        moved = None
        while received is not None:
            self._inbox.complete(received)
            moved = self._applied(received)
            if self._told and moved is not None:
                return moved
            received = self._inbox.take(0.0) if self._inbox.more else None
        if not self._told and self._inbox.caught_up:
            self._told = True
            return Snapshot(self._ranking.ranked())
        return None

    def _applied(self, received: Received) -> Moved | None:
        update = received.update
        if update is None:
            moved = self._ranking.forget(received.household)
            return moved if moved.was is not None else None
        return self._ranking.apply(update) if self._area in (None, update.area) else None
