"""A record as it is read, and as it will be written."""

from __future__ import annotations

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


class Output(NamedTuple):
    """A record to be written with the checkpoint. `partition` -1: by the key, murmur2."""

    topic: str
    key: bytes | None
    value: bytes | None
    timestamp_ms: int
    partition: int = -1


def event_id(record: Record) -> str:
    """Name a record for ever: topic-partition-offset."""
    return f"{record.topic()}-{record.partition()}-{record.offset()}"
