"""One member of a Kafka consumer group: polls, and reports rebalances. Blocking: runs on its own thread."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from confluent_kafka import (
    Consumer,
    IsolationLevel,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)
from confluent_kafka.admin import OffsetSpec
from tenacity import retry, retry_if_exception, stop_after_delay, wait_fixed

from eropaf.streams.config import QUEUE_BACKOFF_MS, QUIET, StreamsConfig
from eropaf.streams.errors import NotAllowed, StreamsError, refused
from eropaf.streams.operate import reading
from eropaf.streams.topic_partition import TP

log = structlog.get_logger(__name__)

# Records of one partition buffered in the client before it stops fetching. All partitions share one queue in
# order of arrival, so this also bounds how far one that lags can get ahead of the others.
QUEUED_OF_ONE = 1_000

SOUGHT_WITHIN_S = 10.0
# How often a member under the newer protocol asks for what it is given, while it is to hurry; else the broker
# says how often, every five seconds by default.
HURRIES_EVERY_S = 0.1
# Under the classic protocol.
HEARTBEAT_S = 0.3


@dataclass(frozen=True, slots=True)
class Order:
    """One turn: partitions to open, pause and resume, then a poll."""

    wait_s: float
    """How long to wait for the first record."""
    starts: Mapping[TP, int]
    """Partitions to be opened, each with the offset to read on from."""
    held: Collection[TP]
    freed: Collection[TP]
    lag_of: Collection[TP] | None
    """Of which partitions to say how many records wait; None: of none."""
    hurried: bool = False
    """Whether to ask the group at once what it has for us."""


@dataclass(frozen=True, slots=True)
class Polled:
    """The result of a turn."""

    records: Sequence[Any]
    metadata: Any
    """The group's metadata for a transaction, taken after the poll: whoever lost something was told in it."""
    lags: Mapping[TP, int] | None
    ends: Mapping[TP, int]
    """Where fully read partitions ended, including the records above."""

    def by_partition(self) -> dict[TP, list[Any]]:
        """Return the records of each partition, in order."""
        found: dict[tuple[str, int], list[Any]] = {}
        for record in self.records:
            partition = (record.topic(), record.partition())
            if partition in found:
                found[partition].append(record)
            else:
                found[partition] = [record]
        return {TP(*partition): own for partition, own in found.items()}


class GroupMember:
    """A worker as a member of its group.

    `on_taken` must return at once. `on_revoked` may take its time: the group waits for it. Both are
    called from inside `poll`, on the thread that polls.
    """

    def __init__(
        self,
        config: StreamsConfig,
        on_taken: Callable[[list[TP]], None],
        on_revoked: Callable[[list[TP]], None],
        on_lost: Callable[[list[TP]], None],
    ) -> None:
        self._on_taken = on_taken
        self._on_revoked = on_revoked
        self._on_lost = on_lost
        self._incremental = config.group_protocol == "consumer"
        self._group = config.group
        self._most = config.poll_records
        self._starts: dict[TP, int] = {}
        self._ends: dict[TP, int] = {}
        self._reached: dict[TP, int] = {}  # ends of this poll
        self._looked: dict[TP, int] = {}
        self._topics: list[str] = []
        self._hurried_at = -math.inf
        self._asking = partial(
            config.transport.admin, {**config.client, "bootstrap.servers": config.bootstrap}
        )
        self.joined = False
        """Whether the group knew this member at the last poll."""
        self._consumer = config.transport.consumer(_settings(config))

    def subscribe(self, topics: Iterable[str]) -> None:
        """Join the group."""
        self._topics = sorted(topics)
        self._subscribe()

    def turn(self, order: Order) -> Polled:
        """Carry out `order`; return the result."""
        if order.starts:
            self.begin(order.starts)
        if order.held or order.freed:
            self.hold(order.held, order.freed)
        if order.hurried:
            self.hurry()
        records = self.poll(order.wait_s)
        lags = None if order.lag_of is None else self.lag(order.lag_of)
        return Polled(records, self.metadata(), lags, dict(self._reached))

    def poll(self, wait_s: float) -> list[Message]:
        """Return the available records, `poll_records` at most; wait for the first one only."""
        self._reached.clear()
        records = reading.arrived(self._consumer, self._most, wait_s)
        # Fetched only here: inside a rebalance the call never returns, and the rebalance may be waiting for
        # the caller.
        self.joined = bool(self._consumer.memberid())
        return [record for record in records if self._is_record(record)]

    def metadata(self) -> Any:
        """Return the group's metadata for a transaction. Never call this while `poll` runs.

        Inside a rebalance it would never return.
        """
        return self._consumer.consumer_group_metadata()

    def begin(self, starts: Mapping[TP, int]) -> None:
        """Start fetching partitions, each from its start."""
        for tp, offset in starts.items():
            self._seek(TopicPartition(*tp, offset))
        self._starts.update(starts)
        self._consumer.resume([TopicPartition(*tp) for tp in starts])

    def hold(self, held: Iterable[TP], freed: Iterable[TP]) -> None:
        """Pause `held` and resume `freed`; no record is skipped."""
        self._consumer.pause([TopicPartition(*tp) for tp in held])
        self._consumer.resume([TopicPartition(*tp) for tp in freed])

    def hurry(self) -> None:
        """Ask the group what it has for us: a member that subscribes says so at once, and is answered.

        Under the classic protocol that would be a rebalance; there the next heartbeat is soon enough.
        """
        now = time.monotonic()
        if self._incremental and now - self._hurried_at >= HURRIES_EVERY_S:
            self._hurried_at = now
            self._subscribe()

    def look_at_ends(self, tps: Iterable[TP]) -> None:
        """Ask for the end offsets of paused partitions: librdkafka learns them only by fetching.

        From any thread. If no broker answers, the last known ends remain; the next attempt is a second later.
        """
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        with contextlib.suppress(KafkaException, NotAllowed):
            self._looked |= reading.offsets(self._asking, tps, latest, IsolationLevel.READ_COMMITTED)

    def lag(self, tps: Iterable[TP]) -> dict[TP, int]:
        """Return the lag of each partition, as far as the client knows.

        Counted by position and by end-of-partition: a transaction's control records take offsets
        that are never read.
        """
        positions = self._consumer.position([TopicPartition(*tp) for tp in tps])
        lags = {}
        for position in positions:
            tp = TP(position.topic, position.partition)
            _, high = self._consumer.get_watermark_offsets(TopicPartition(*tp), cached=True)
            read = max(position.offset, self._starts.get(tp, 0), self._ends.get(tp, 0))
            lags[tp] = max(0, max(high, self._looked.get(tp, 0)) - read)
        return lags

    def close(self) -> None:
        """Leave the group, revoking everything first."""
        self._consumer.close()

    def _subscribe(self) -> None:
        self._consumer.subscribe(
            self._topics, on_assign=self._assign, on_revoke=self._revoke, on_lost=self._lose
        )

    def _is_record(self, record: Message) -> bool:
        error = record.error()
        if error is None:
            return True
        if error.code() == KafkaError._PARTITION_EOF:
            tp = TP(str(record.topic()), int(record.partition() or 0))
            self._ends[tp] = self._reached[tp] = int(record.offset() or 0)
        elif error.code() == KafkaError._AUTO_OFFSET_RESET:
            raise StreamsError(
                f"{record.topic()}-{record.partition()}: the position we read from is no longer on the "
                "broker: records were deleted before they were read here, or the broker was restored from "
                "an older copy (docs/how-to/backup-and-move.md)"
            )
        elif error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED:
            raise refused(error, "READ", self._group)
        elif error.fatal():
            raise StreamsError(f"the Kafka client cannot continue: {error.str()}")
        elif error.code() != KafkaError._ALL_BROKERS_DOWN:
            log.warning(
                "kafka client", error=error.name(), topic=record.topic(), partition=record.partition()
            )
        return False

    @retry(
        retry=retry_if_exception(lambda error: _code(error) == KafkaError._STATE),
        wait=wait_fixed(0.01),
        stop=stop_after_delay(SOUGHT_WITHIN_S),
        reraise=True,
    )
    def _seek(self, start: TopicPartition) -> None:
        """Seek to the offset of `start`, once the client has started fetching it."""
        self._consumer.seek(start)

    def _assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        # With an offset, though not the real one yet. A client that must look one up may be paused and
        # resumed before the answer; it then retries half a second later and starts over.
        tps = _tps(partitions)
        earliest = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
        beginnings = reading.offsets(self._asking, tps, earliest, IsolationLevel.READ_COMMITTED)
        for start, tp in zip(partitions, tps, strict=True):
            start.offset = beginnings[tp]
        (consumer.incremental_assign if self._incremental else consumer.assign)(partitions)
        if partitions:
            # Nothing is read before its rows are restored.
            consumer.pause(partitions)
        self._on_taken(tps)

    def _revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._on_revoked(_tps(partitions))
        self._drop(consumer, partitions)

    def _lose(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._on_lost(_tps(partitions))
        self._drop(consumer, partitions)

    def _drop(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        if self._incremental:
            consumer.incremental_unassign(partitions)
        else:
            consumer.unassign()


def _code(error: BaseException) -> object:
    return error.args[0].code() if isinstance(error, KafkaException) else None


def _tps(partitions: list[TopicPartition]) -> list[TP]:
    return [TP(partition.topic, partition.partition) for partition in partitions]


def _settings(config: StreamsConfig) -> dict[str, Any]:
    settings: dict[str, Any] = {
        **config.client,
        "bootstrap.servers": config.bootstrap,
        "group.id": config.group,
        "client.id": config.worker,  # so that describing the group shows which worker reads what
        "group.protocol": config.group_protocol,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "error",
        # Also makes the client wait for the offsets of pending transactions.
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
        # All partitions together; librdkafka's default is 64 MB for each.
        "queued.max.messages.kbytes": config.prefetch_kbytes,
        "fetch.max.bytes": config.fetch_kbytes * 1024,
        "max.partition.fetch.bytes": config.fetch_partition_kbytes * 1024,
        "queued.min.messages": QUEUED_OF_ONE,
        "fetch.wait.max.ms": 50,
        "log_level": QUIET,
        "fetch.queue.backoff.ms": QUEUE_BACKOFF_MS,
    }
    if config.static_membership:
        settings["group.instance.id"] = config.worker
    if config.group_protocol == "consumer":
        settings["group.remote.assignor"] = "range"
    else:
        settings["partition.assignment.strategy"] = "range"
        settings["session.timeout.ms"] = int(config.session_timeout_s * 1000)
        # Several heartbeats must fit into a session timeout, or a healthy member is taken for dead. And by
        # one a member learns that another has gone.
        settings["heartbeat.interval.ms"] = int(min(HEARTBEAT_S, config.session_timeout_s / 5) * 1000)
    return settings
