"""For creditors whose process may be killed at any line: on disk first, then stored once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from eropaf_client import connection
from eropaf_client.errors import ClientError, NotAcknowledged, OutboxInUse
from eropaf_client.outbox import Outbox, Waiting
from eropaf_client.publisher import encoded
from eropaf_client.records import ArrearsSignal
from eropaf_client.schemas.registry import LocalRegistry, Registry
from eropaf_client.schemas.topics import arrears
from eropaf_client.schemas.wire import Codec
from eropaf_client.sending import ACKNOWLEDGED_WITHIN_S, settings
from eropaf_client.tracing import MakeTraceparent, trace_headers

# Signals in one transaction: enough for full speed, little enough to hold in memory.
TOGETHER = 5_000
FENCED = (KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH)


class OutboxPublisher:
    """Publishes one creditor's signals through an outbox on disk.

        with OutboxPublisher("kafka:9092", "rent", Path("outbox.db")) as publisher:
            publisher.report(signal)

    A signal is on disk before it is sent. Signals and the outbox's position are stored by the broker
    in one transaction, so a process that is killed at any line finds, when it starts again, which
    signals the broker has: none is lost, and none is stored twice. A signal reported again under
    the same id and version is known and does nothing.

    The principal needs the transactional id and the consumer group `outbox-<creditor>-*` besides
    its topic. The group is never joined: it keeps the position.

    Raises:
        BrokerUnreachable, TopicMissing: at the start, within ten seconds.
        OutboxInUse: another process has the file.
    """

    def __init__(
        self,
        bootstrap: str,
        creditor: str,
        outbox: Path,
        registry: Registry | None = None,
        config: Mapping[str, Any] | None = None,
        traceparent: MakeTraceparent | None = None,
    ) -> None:
        self.topic = arrears(creditor)
        self._traceparent = traceparent
        self._encode = Codec("ArrearsSignal", self.topic, registry or LocalRegistry()).encode
        self._outbox = Outbox(outbox)
        self._place = TopicPartition(self.topic, 0)
        self._bootstrap = bootstrap
        self._config = config
        self._name = f"outbox-{creditor}-{self._outbox.id}"
        self._positions = Consumer(
            {
                **(config or {}),
                "bootstrap.servers": bootstrap,
                "group.id": self._name,
                "enable.auto.commit": False,
                "log_level": 0,
            }
        )
        self._producer: Producer | None = None
        try:
            connection.check(self._positions, bootstrap, self.topic)
            self._producer = self._begin()
        except BaseException:
            self._outbox.close()
            self._positions.close()
            raise

    def __enter__(self) -> OutboxPublisher:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._positions.close()
        self._outbox.close()

    @property
    def waiting(self) -> int:
        """How many signals are on disk and not yet stored by the broker."""
        return len(self._outbox)

    def report(self, signal: ArrearsSignal) -> None:
        """Keep one signal on disk, then send what waits; return when the broker has it.

        Raises:
            InvalidSignal: it was not kept; the message names the field.
            NotAcknowledged: it is on disk, and goes with the next `report` or `deliver`.
        """
        self.report_all([signal])

    def report_all(self, signals: Iterable[ArrearsSignal]) -> int:
        """Keep and send many signals; return how many were new when the broker has all.

        Raises:
            InvalidSignal: mend the one named and report all again; what was kept already is known.
            NotAcknowledged: nothing is lost; report all again, what was kept already is known.
        """
        ready = ((s.signal_id, s.version, s.contract, encoded(s, self._encode)) for s in signals)
        new = 0
        while batch := list(islice(ready, TOGETHER)):
            new += self._outbox.put(batch)
            self.deliver()
        return new

    def deliver(self) -> int:
        """Send everything that waits on disk; return how many when the broker has them.

        Raises:
            NotAcknowledged: no answer in time; nothing is lost, call it again.
            OutboxInUse: a copy of this outbox is at work elsewhere.
        """
        count = 0
        # After a failure only the broker knows whether the transaction was stored: ask it first.
        self._producer = self._producer or self._begin()
        while batch := self._outbox.waiting(TOGETHER):
            try:
                self._store(self._producer, batch)
            except KafkaException as error:
                self._producer = None
                raise self._failed(error) from None
            self._outbox.stored(batch[-1].position)
            count += len(batch)
        return count

    def _begin(self) -> Producer:
        """Become the only sender of this outbox, and learn what the broker has."""
        within_ms = int(ACKNOWLEDGED_WITHIN_S * 1000)
        producer = Producer(
            {
                **settings(self._bootstrap, self._config),
                "transactional.id": self._name,
                # A transaction whose coordinator is away ends by this alone, whatever a call's own time-out.
                "transaction.timeout.ms": within_ms,
                "message.timeout.ms": within_ms,
                # And one that is not there yet is asked for again only when a connection goes.
                "connections.max.idle.ms": 5_000,
            }
        )
        try:
            # From here on no earlier process of this outbox can finish anything, so what the
            # position says now is what is so.
            producer.init_transactions(ACKNOWLEDGED_WITHIN_S)
            (found,) = self._positions.committed([self._place], timeout=ACKNOWLEDGED_WITHIN_S)
            if found.error is not None:
                raise KafkaException(found.error)
        except KafkaException as error:
            raise self._failed(error) from None
        if found.offset > 0:
            self._outbox.stored(found.offset)
        return producer

    def _store(self, producer: Producer, batch: list[Waiting]) -> None:
        producer.begin_transaction()
        for each in batch:
            headers = trace_headers(self._traceparent)
            producer.produce(self.topic, key=each.contract.encode(), value=each.value, headers=headers)
            producer.poll(0)
        self._place.offset = batch[-1].position
        producer.send_offsets_to_transaction(
            [self._place], self._positions.consumer_group_metadata(), ACKNOWLEDGED_WITHIN_S
        )
        producer.commit_transaction(ACKNOWLEDGED_WITHIN_S)

    def _failed(self, error: KafkaException) -> ClientError:
        cause: KafkaError = error.args[0]
        if cause.code() in FENCED:
            return OutboxInUse(f"another process sends from a copy of this outbox on {self.topic}")
        return NotAcknowledged(
            f"{self.topic} did not take what waits in the outbox ({cause.str()}). It is on disk: "
            "nothing is lost, and it goes with the next call"
        )
