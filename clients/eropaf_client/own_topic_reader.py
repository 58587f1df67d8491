"""A topic that is one creditor's own: read from the beginning, then as records come."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any, Callable, Generic, TypeVar

from eropaf_client.cluster import Where, cluster
from eropaf_client.connection import POLL_WAIT_S
from eropaf_client.lifetime import Closing
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.wire import Codec
from eropaf_client.source import KafkaSource
from eropaf_client.topic_reader import Read, TopicReader

LOG = logging.getLogger("eropaf_client")
Told = TypeVar("Told")


class OwnTopicReader(Closing, Generic[Told]):
    """Reads what a creditor is told on `topic`. Unreadable records are skipped and logged.

    However a loop ends, what is in hand comes again in the next loop. For one thread at a time.
    """

    def __init__(
        self, where: Where, topic: str, record: str, make: Callable[[Mapping[str, Any]], Told | None]
    ) -> None:
        """Take `make`, which makes of a record what is told; None: it is not told any more."""
        at = cluster(where)
        codec: Codec[dict[str, Any]] = Codec(record, topic, at.registry)
        self._reader = TopicReader(
            KafkaSource(at, [topic], topic.split(".")[0]),
            {topic: lambda value: make(codec.decode(value))},
            lambda aside: LOG.error("%s cannot be used: passed over", aside),
        )
        self._first: Read | None = None

    def close(self) -> None:
        """Stop reading. Idempotent."""
        self._reader.close()

    def __iter__(self) -> Iterator[Told]:
        while True:
            first = self.first(POLL_WAIT_S)
            if first is not None:
                yield first
                self.done(first)

    def first(self, wait_s: float) -> Told | None:
        """Return the first one not dealt with; None if none arrives within `wait_s`."""
        read = self._reader.first(wait_s)
        while read is not None and read.value is None:
            self._reader.done(read)
            read = self._reader.first(0.0)
        self._first = read
        return None if read is None else read.value

    def done(self, told: Told) -> None:
        """Mark `told` as dealt with. Idempotent."""
        if self._first is not None and self._first.value is told:
            self._reader.done(self._first)

    @property
    def asides(self) -> Asides:
        """The records that could not be used; the first of them are in the log."""
        return self._reader.asides

    @property
    def caught_up(self) -> bool:
        """Whether everything stored at the start has been read."""
        return self._reader.caught_up

    def poll(self, wait_s: float) -> list[Told]:
        """Return what has arrived; wait at most `wait_s` for the first.

        Raises:
            NotAuthenticated, NotPermitted, TopicMissing, ClientBroken: waiting will not help.
        """
        return [each.value for each in self._reader.poll(wait_s) if each.value is not None]
