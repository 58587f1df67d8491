"""A record as it is read, and as it will be written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol


class Record(Protocol):
    """One record as the Kafka client gives it."""

    def topic(self) -> str: ...  # noqa: D102
    def partition(self) -> int: ...  # noqa: D102
    def offset(self) -> int: ...  # noqa: D102
    def key(self) -> bytes | None: ...  # noqa: D102
    def value(self) -> bytes | None: ...  # noqa: D102
    def timestamp(self) -> tuple[int, int]: ...  # noqa: D102
    def headers(self) -> list[tuple[str, bytes | None]] | None: ...  # noqa: D102


Headers = list[tuple[str, str | bytes | None]] | None


class Output(NamedTuple):
    """A record to be written with the checkpoint. `partition` -1: by the key, murmur2."""

    topic: str
    key: bytes | None
    value: bytes | None
    timestamp_ms: int
    partition: int = -1
    headers: Headers = None


# Digits of the largest offset that Kafka knows, 2^63 - 1.
LONGEST_OFFSET = 19
# On a record that was set aside and sent again: where it stood first, topic-partition-offset.
REPLAY_OF = "eropaf-replay-of"
# Beside it: when it was stored there, milliseconds since 1970 UTC. Its own timestamp is that of the replay,
# so that it is kept as long as what comes in now.
STORED_AT = "eropaf-stored-at"
LONGEST_MS = 15
# What follows from a record bears its timestamp, so that the time it took can be told; beyond a day, our own
# clock's. A sender whose clock stands in another year would have it deleted before anybody reads it.
STAMP_HOLDS_MS = 24 * 60 * 60 * 1000


def event_id(record: Record) -> str:
    """Name a record for ever: topic-partition-offset of where it stood first."""
    return first_place(record.topic(), record.partition(), record.offset(), record.headers() or ())


def stored_at(record: Record) -> int:
    """Return when a record was stored first, ms since 1970 UTC: a replay has the time of what it replays.

    Whoever writes to a topic can set the headers of a replay. Nothing was stored first after it was stored
    again, so a header only makes a record older; the broker bounds the timestamp.
    """
    stamp = record.timestamp()[1]
    headers = dict(record.headers() or ())
    said = headers.get(STORED_AT)
    if said is None or REPLAY_OF not in headers or len(said) > LONGEST_MS or not said.isdigit():
        return stamp
    return min(int(said), stamp)


def kept_from(timestamp_ms: int, now_ms: int) -> int:
    """Return the timestamp by which a record is kept: the one given, or now where it is ahead or a day old.

    A broker refuses one that is an hour ahead, and with it the checkpoint.
    """
    return timestamp_ms if 0 <= now_ms - timestamp_ms <= STAMP_HOLDS_MS else now_ms


def first_place(topic: str, partition: int, offset: int, headers: Iterable[tuple[str, bytes | None]]) -> str:
    """Return where a record stood first: a replay keeps the name of what it replays.

    A header is believed only where it names the partition that it stands on, so a sender can
    give its own records' names and nobody else's.
    """
    partition_is = f"{topic}-{partition}-"
    for name, value in headers:
        if name == REPLAY_OF and value is not None and value.startswith(partition_is.encode()):
            first = value[len(partition_is) :]
            if first.isdigit() and len(first) <= LONGEST_OFFSET:
                return partition_is + first.decode()
    return f"{partition_is}{offset}"
