"""What one creditor is told on a topic of its own, read from a cursor on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar

from eropaf.gateway.cursors import Cursors


class Item(Protocol):
    """Something that was told."""

    @property
    def offset(self) -> int:
        """Where it stands in its partition."""

    def to_json(self) -> dict[str, Any]:
        """Return it as a caller reads it."""


Told = TypeVar("Told", bound=Item)


class OwnTopic(Generic[Told]):
    """What a creditor was told, while it holds; `topic_id` tells the topic from a recreated one."""

    def __init__(self, partitions: int, topic_id: str) -> None:
        self._logs: list[list[Told]] = [[] for _ in range(partitions)]
        self._cursors = Cursors(partitions, topic_id)

    def take(self, partition: int, told: Told) -> None:
        """Note what was read."""
        self._logs[partition].append(told)

    def keep(self, holds: Callable[[Told], bool]) -> list[Told]:
        """Keep what holds; return what does no longer."""
        gone = [each for log in self._logs for each in log if not holds(each)]
        if gone:
            for log in self._logs:
                log[:] = [each for each in log if holds(each)]
        return gone

    def after(self, cursor: str | None, most: int) -> tuple[list[Told], str]:
        """Return what is behind a cursor, `most` at once, and the cursor behind that.

        What is told of one contract comes in its order.

        Raises:
            Problem: it is not a cursor of this topic.
        """
        reached = self._cursors.read(cursor)
        found = list(islice(self._behind(reached), most))
        return found, self._cursors.write(reached)

    def _behind(self, reached: list[int]) -> Iterator[Told]:
        for partition, log in enumerate(self._logs):
            first = bisect_left(log, reached[partition], key=lambda each: each.offset)
            for told in islice(log, first, None):
                reached[partition] = told.offset + 1
                yield told
