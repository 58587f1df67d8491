"""Follows topics: from their beginning, then as records come. How far is not saved."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, Callable, NamedTuple

from eropaf_client.lifetime import Closing
from eropaf_client.schemas.aside import Asides, SetAside
from eropaf_client.schemas.errors import ClientError
from eropaf_client.source import End, Record, Source

Decode = Callable[[Any], Any]


class Read(NamedTuple):
    """A record that was read, its place, when it was stored (ms since 1970 UTC), and its key.

    Without a value: it could not be used, and was set aside.
    """

    topic: str
    partition: int
    offset: int
    value: Any
    stored_at_ms: int
    key: bytes

    def __repr__(self) -> str:
        # Without value and key: they may say who is in arrears.
        return f"Read({self.topic!r}, {self.partition}, {self.offset})"


class TopicReader(Closing):
    """Reads the topics of a source, each by its own function, from bytes to a value.

    A record stays the first until it is `done`: what a loop that was left, or an error, had not dealt with
    comes again. Used by one thread at a time.
    """

    def __init__(
        self,
        source: Source,
        decode: Mapping[str, Decode],
        tell: Callable[[SetAside], object] = lambda aside: None,
    ) -> None:
        self._source, self._decode = source, decode
        self._unread: deque[Record | End] = deque()
        self._first: Read | None = None
        self._behind = {(topic, each) for topic, count in source.partitions.items() for each in range(count)}
        self.reached: dict[tuple[str, int], int] = {}
        """The offset of each topic and partition before which everything is dealt with."""
        self.asides = Asides(tell)
        """What could not be used."""
        source.start({})

    def close(self) -> None:
        """Stop reading. Idempotent."""
        self._source.close()

    @property
    def caught_up(self) -> bool:
        """Whether everything that was there was read once, and dealt with."""
        return not self._behind and not self._unread

    def behind(self) -> int | None:
        """Return how many records are stored and not dealt with yet; None where no broker answers."""
        stored = self._source.behind()
        return None if stored is None else stored + sum(not isinstance(each, End) for each in self._unread)

    def first(self, wait_s: float) -> Read | None:
        """Return the first record that is not dealt with; None where none comes within `wait_s`.

        Raises:
            RegistryUnavailable: it cannot be read now; it stays the first.
            NotAuthenticated, NotPermitted, TopicMissing, ClientBroken: waiting does not help.
        """
        if self._first is None:
            self._first = self._next() or (self._next() if self._polled(wait_s) else None)
        return self._first

    def done(self, read: Read) -> None:
        """Say that `read` is dealt with. Where it is not the first any more, that was said before."""
        if read is self._first:
            self._first = None
            self._unread.popleft()
            self.reached[read.topic, read.partition] = read.offset + 1
            self._pass_ends()

    def poll(self, wait_s: float) -> list[Read]:
        """Return what is there, all of it dealt with; wait at most `wait_s` for the first.

        Raises:
            ClientError: see `first`; what was read before it was returned by the call before.
        """
        found: list[Read] = []
        try:
            read = self.first(wait_s)
            while read is not None:
                found.append(read)
                self.done(read)
                read = self.first(0.0) if self._unread else None
        except ClientError:
            if not found:
                raise
        return found

    def _polled(self, wait_s: float) -> bool:
        self._unread.extend(self._source.poll(wait_s))
        self._pass_ends()
        return bool(self._unread)

    def _next(self) -> Read | None:
        if not self._unread:
            return None
        record = self._unread[0]
        assert not isinstance(record, End)  # noqa: S101  # none is ever left in front
        topic = record.topic() or ""
        value = self.asides.usable(record, self._decode[topic])
        return Read(
            topic=topic,
            partition=record.partition() or 0,
            offset=record.offset() or 0,
            value=value,
            stored_at_ms=record.timestamp()[1],
            key=record.key() or b"",
        )

    def _pass_ends(self) -> None:
        while self._unread and isinstance(end := self._unread[0], End):
            self._unread.popleft()
            self._behind.discard((end.topic, end.partition))
            self.reached[end.topic, end.partition] = end.offset
