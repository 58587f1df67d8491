"""A broker as the client's transport seam sees it, in memory: transactions, fencing, tombstones, faults."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest
from confluent_kafka import KafkaError

from eropaf_client import sending
from eropaf_client.errors import NotAcknowledged, OutboxInUse
from eropaf_client.ledger import Identity
from eropaf_client.outbox import Stored, Waiting
from eropaf_client.records import Band, Change, PriorityUpdate
from eropaf_client.schemas.errors import BodyBroken
from eropaf_client.source import End


class FakeTopic:
    """What a cluster holds of one outbox."""

    def __init__(self) -> None:
        self.records: list[tuple[str, bytes]] = []
        self.position: Stored | None = None
        self.epoch = 0
        self.identity = Identity("cluster", "topic")


class FakePost:
    """See `Post`. `fails` says what the next calls do: before the transaction, or after it."""

    def __init__(self, topic: FakeTopic) -> None:
        self.topic = topic
        self.fails: list[str] = []
        self.sure = True
        self._epoch = -1

    def identity(self) -> Identity:
        return self.topic.identity

    def take_over(self) -> Stored | None:
        self.topic.epoch += 1
        self._epoch = self.topic.epoch
        self.sure = True
        return self.topic.position

    def store(self, batch: Iterable[Waiting], stored: Stored) -> None:
        if self._epoch != self.topic.epoch:
            raise OutboxInUse("fenced")
        fault = self.fails.pop(0) if self.fails else ""
        if fault == "before":
            raise NotAcknowledged("not stored")
        written = [(each.contract, each.value) for each in batch]
        # One line: both, or neither.
        self.topic.records, self.topic.position = self.topic.records + written, stored
        if fault == "after":
            raise NotAcknowledged("stored, and nobody knows")

    def found(self, values: set[bytes], since: date) -> set[bytes]:
        return {value for _, value in self.topic.records if value in values}

    def close(self) -> None:
        pass


class FakeRecord(NamedTuple):
    """See `Record`."""

    at_topic: str
    at_partition: int
    at_offset: int
    its_key: bytes
    its_value: bytes | None
    its_headers: tuple[tuple[str, bytes], ...] = ()

    def topic(self) -> str:
        return self.at_topic

    def partition(self) -> int:
        return self.at_partition

    def offset(self) -> int:
        return self.at_offset

    def key(self) -> bytes:
        return self.its_key

    def value(self) -> bytes | None:
        return self.its_value

    def headers(self) -> tuple[tuple[str, bytes], ...]:
        return self.its_headers

    def timestamp(self) -> tuple[int, int]:
        return (1, 1_772_442_000_000 + self.at_offset)


class FakeSource:
    """See `Source`: a topic as a list for each partition; `None` in it is an offset that holds no record."""

    def __init__(self, partitions: int = 1, topic: str = "outreach.priorities") -> None:
        self.topic = topic
        self.partitions: Mapping[str, int] = {topic: partitions}
        self.logs: list[list[FakeRecord | None]] = [[] for _ in range(partitions)]
        self.at_once = 1000
        self.polls = 0
        self.starts = 0
        self.which = Identity("cluster", "topic")
        self._next: dict[int, int] = {}

    def write(self, key: str, value: bytes | None, partition: int = 0) -> None:
        log = self.logs[partition]
        log.append(FakeRecord(self.topic, partition, len(log), key.encode(), value))

    def gap(self, partition: int = 0) -> None:
        """Take an offset that holds no record, as a transaction's marker or compaction does."""
        self.logs[partition].append(None)

    def identity(self, topic: str | None = None) -> Identity:
        return self.which

    def start(self, positions: Mapping[tuple[str, int], int]) -> None:
        self.starts += 1
        self._next = {each: positions.get((self.topic, each), 0) for each in range(len(self.logs))}

    def poll(self, wait_s: float) -> list[FakeRecord | End]:
        self.polls += 1
        found: list[FakeRecord | End] = []
        for partition, log in enumerate(self.logs):
            first = self._next[partition]
            held = log[first : first + self.at_once]
            found += [each for each in held if each is not None]
            self._next[partition] = first + len(held)
            if self._next[partition] == len(log):
                found.append(End(self.topic, partition, len(log)))
        return found

    def behind(self) -> int | None:
        return sum(len(log) - self._next[partition] for partition, log in enumerate(self.logs))

    def close(self) -> None:
        pass


class FakeProducer:
    """As confluent-kafka's: what is produced is answered when it is polled, by whatever thread.

    `held` keeps answers back; `fails` says which values are not stored.
    """

    def __init__(self, settings: Mapping[str, Any] | None = None) -> None:
        self.settings = dict(settings or {})
        self.stored: list[bytes] = []
        self.sent: list[tuple[str, bytes, bytes | None, Any]] = []
        self.fails: set[bytes] = set()
        self.held = False
        self.full = 0
        self.polled_by: set[int] = set()
        self._waiting: deque[tuple[Any, FakeRecord]] = deque()

    def produce(
        self, topic: str, *, key: bytes, value: bytes | None, headers: Any, on_delivery: Any = None
    ) -> None:
        if self.full:
            self.full -= 1
            raise BufferError
        self.sent.append((topic, key, value, headers))
        self._waiting.append((on_delivery, FakeRecord(topic, 0, len(self.sent) - 1, key, value)))

    def poll(self, wait_s: float) -> int:
        self.polled_by.add(threading.get_ident())
        if self.held or not self._waiting:
            time.sleep(min(wait_s, 0.001))
            return 0
        on_delivery, record = self._waiting.popleft()
        if record.value() in self.fails:
            on_delivery(KafkaError(KafkaError._MSG_TIMED_OUT), record)
        else:
            self.stored.append(record.value() or b"")
            on_delivery(None, record)
        return 1

    def flush(self, within_s: float) -> int:
        while self._waiting and not self.held:
            self.poll(0)
        return len(self._waiting)


def fake_producer(monkeypatch: pytest.MonkeyPatch) -> FakeProducer:
    """Let what sends use one in memory, which knows the settings that it was made with."""
    made = FakeProducer()

    def make(settings: Mapping[str, Any]) -> FakeProducer:
        made.settings.update(settings)
        return made

    monkeypatch.setattr(sending, "Producer", make)
    monkeypatch.setattr(sending.connection, "check", lambda *_: 3)
    return made


def decoded(value: bytes) -> PriorityUpdate:
    """Make an update of `household sequence`."""
    try:
        household, sequence = value.decode().split()
    except ValueError:
        raise BodyBroken("not an update") from None
    return PriorityUpdate(
        f"{household}/{sequence}", household, int(sequence), "1011AB", 12, "", "1011", 5_000, Band.MEDIUM,
        date(2026, 3, 30), Change.RAISED, "v", datetime(2026, 3, 2, tzinfo=UTC),
    )  # fmt: skip
