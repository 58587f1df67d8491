"""A checkpoint: outputs, changed rows and input offsets become durable together, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from eropaf.streams.config import StreamsConfig
from eropaf.streams.errors import CheckpointAborted, CheckpointRefused
from eropaf.streams.observe.tracing import Span
from eropaf.streams.runtime.chain import Handed, HandedOn, Unplaced
from eropaf.streams.runtime.invariants import forward
from eropaf.streams.runtime.placing import Passed, Places
from eropaf.streams.runtime.record import Output
from eropaf.streams.runtime.stage import transactional_id
from eropaf.streams.runtime.transactional import TransactionalClient
from eropaf.streams.topic_partition import TP

log = structlog.get_logger(__name__)

# The group moved on without this member: what it holds is somebody else's now.
NOT_OURS = frozenset(
    {
        KafkaError.UNKNOWN_MEMBER_ID,
        KafkaError.FENCED_MEMBER_EPOCH,
        KafkaError.FENCED_INSTANCE_ID,
        KafkaError.REBALANCE_IN_PROGRESS,
        KafkaError._FENCED,
        KafkaError.INVALID_PRODUCER_EPOCH,
        KafkaError.PRODUCER_FENCED,
    }
)

# Under the newer protocol (KIP-848) a member's epoch rises whenever somebody joins or leaves. What it began
# under the one before is not taken, and is still its own to write: whoever lost a partition is told of it,
# and ends, before it learns of a newer epoch. Under the older one every change takes all partitions.
NOT_OURS_BY_PROTOCOL = {"consumer": NOT_OURS, "classic": NOT_OURS | {KafkaError.ILLEGAL_GENERATION}}


@dataclass(slots=True)
class Checkpoint:
    """What has been done since the last one: taken in one step, when no batch is in hand."""

    outputs: list[Output] = field(default_factory=list)
    rows: list[Output] = field(default_factory=list)
    offsets: dict[TP, int] = field(default_factory=dict)
    """Next offset to read, by input partition."""
    terms: dict[TP, int] = field(default_factory=dict)
    """The assignment under which each was read."""
    spans: list[Span] = field(default_factory=list)
    """What is traced of it, told once it is durable."""
    handed: dict[TP, HandedOn] = field(default_factory=dict)
    """What of the outputs was handed on to a chained stage, by partition."""
    unplaced: list[Unplaced] = field(default_factory=list)
    """Letters that say where one of the outputs stands."""

    def take_offset(self, tp: TP, offset: int, term: int) -> None:
        """Add that `tp` was read up to `offset` in the assignment `term`."""
        forward(tp, self.offsets.get(tp), offset)
        self.offsets[tp] = offset
        self.terms[tp] = term

    def take_handed(self, tp: TP, records: Sequence[Handed]) -> None:
        """Add that `records`, among the outputs, were handed on."""
        first, last, before = records[0].output, records[-1].output, self.handed.get(tp)
        if before is None:
            self.handed[tp] = HandedOn(first, last, len(records))
        else:
            self.handed[tp] = before._replace(last=last, records=before.records + len(records))

    def take_rows(
        self, changelog: str, partition: int, changes: Iterable[tuple[bytes, bytes | None]]
    ) -> None:
        """Add changed rows; a changelog carries no time of its own."""
        self.rows += [Output(changelog, key, value, 0, partition) for key, value in changes]

    def records(self) -> Iterable[Output]:
        """Yield everything that is written: outputs before rows."""
        yield from self.outputs
        yield from self.rows


class TransactionWriter:
    """Writes checkpoints, each in one Kafka transaction (KIP-447). Blocking: has its own thread.

    `send_offsets_to_transaction` carries the group's metadata, so a worker that wakes up after its
    partitions moved on is refused by the broker, and nothing it wrote is ever seen. Nothing is begun
    under a producer epoch in which an answer was lost (ADR 54).
    """

    def __init__(self, config: StreamsConfig, stage: str) -> None:
        self._timeout_s = config.transaction_timeout_s
        self._not_ours = NOT_OURS_BY_PROTOCOL[config.group_protocol]
        self.queue_full = False
        """Whether the Kafka client takes no more records at the moment."""
        self.queued = 0
        """Records that the Kafka client took so far."""
        self._passed = Passed()
        self._client = TransactionalClient(
            config.transport.producer,
            config.bootstrap,
            config.client,
            # A stable name closes at once what a killed predecessor left open; readers would otherwise
            # wait for its time-out.
            transactional_id(config.group, config.worker, stage),
            config.transaction_timeout_s,
            more={
                "linger.ms": 0,
                # A transaction that begins while the broker still completes the last one is asked to
                # come again; by default it would come after a tenth of a second.
                "retry.backoff.ms": 1,
                "retry.backoff.max.ms": 100,
                # Offsets wait for the group's coordinator, which is asked for three times in a row; while
                # a broker starts that may be too soon. After that librdkafka asks again when a connection
                # comes or goes, and else never: one that is idle goes.
                "connections.max.idle.ms": 2_000,
                "queue.buffering.max.messages": 1_000_000,
            },
            tells=True,
        )

    def open(self) -> None:
        """Introduce this worker: its predecessor's open transaction is aborted, itself fenced."""
        self._client.introduce(self._timeout_s * 2)

    @property
    def epochs(self) -> int:
        """How many producer epochs this worker has taken."""
        return self._client.epochs

    def write(self, checkpoint: Checkpoint, group_metadata: Any) -> None:
        """Make `checkpoint` durable.

        Raises:
            CheckpointAborted: nothing of it is visible; it may be written again.
            CheckpointRefused: it must not be written again by this process.

        """
        self._begin()
        kafka = self._client.kafka
        try:
            read_to = self._write_records(checkpoint)
            offsets = [TopicPartition(tp.topic, tp.partition, at) for tp, at in read_to.items()]
            self._with_retries(
                lambda: kafka.send_offsets_to_transaction(offsets, group_metadata, self._timeout_s)
            )
            self._with_retries(lambda: kafka.commit_transaction(self._timeout_s))
        except KafkaException as error:
            self._give_up(error.args[0])
        else:
            self._passed.saved(read_to, checkpoint.handed)

    def _write_records(self, checkpoint: Checkpoint) -> dict[TP, int]:
        """Write every record of `checkpoint`; return which offsets to note."""
        places = Places(checkpoint.handed.values(), checkpoint.unplaced)
        for record in checkpoint.records():
            self._produce(record, places.teller(record))
        if checkpoint.handed:
            self._client.kafka.flush(self._timeout_s)
        for letter in places.letters(checkpoint.unplaced):
            self._produce(letter)
        return self._passed.offsets(checkpoint.offsets, checkpoint.handed, places)

    def _begin(self) -> None:
        try:
            self._client.begin(self._timeout_s * 2)
        except KafkaException as failed:
            error = failed.args[0]
            where = f"{error.name()}: {error.str()}"
            if error.fatal() or error.code() in self._not_ours:
                raise CheckpointRefused(f"the broker refused the checkpoint ({where})") from None
            raise CheckpointAborted(f"the checkpoint was not begun ({where})") from None

    def _produce(self, record: Output, delivered: Callable[[Any, Any], None] | None = None) -> None:
        while True:
            try:
                self._client.kafka.produce(
                    record.topic,
                    key=record.key,
                    value=record.value,
                    partition=record.partition,
                    timestamp=record.timestamp_ms,
                    headers=record.headers,
                    on_delivery=delivered,
                )
            except BufferError:
                self.queue_full = True
                self._client.kafka.poll(0.05)
            else:
                self.queue_full = False
                self.queued += 1
                return

    def _with_retries(self, call: Any) -> None:
        # librdkafka has already waited `_timeout_s` and retried inside; one more round covers a
        # coordinator that moves just then.
        try:
            call()
        except KafkaException as error:
            if not error.args[0].retriable():
                raise
            call()

    def _give_up(self, error: KafkaError) -> None:
        where = f"{error.name()}: {error.str()}"
        if error.fatal() or error.code() in self._not_ours:
            raise CheckpointRefused(f"the broker refused the checkpoint ({where})")
        self._client.doubt()
        try:
            self._client.kafka.abort_transaction(self._timeout_s)
        except KafkaException as failed:
            raise CheckpointRefused(
                f"the checkpoint failed ({where}) and could not be aborted ({failed.args[0].str()})"
            ) from None
        raise CheckpointAborted(f"the checkpoint was aborted ({where})")
