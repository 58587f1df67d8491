"""An outbox's post on Kafka: signals, and how far the outbox is, in one transaction."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

from confluent_kafka import OFFSET_END, Consumer, KafkaError, KafkaException, Producer, TopicPartition

from eropaf_client import connection
from eropaf_client.connection import USUAL, Timing, Troubles
from eropaf_client.errors import ClientError, NotAcknowledged, NotPermitted, OutboxInUse
from eropaf_client.ledger import Identity
from eropaf_client.outbox import Stored, Waiting
from eropaf_client.sending import settings, why
from eropaf_client.source import End, KafkaSource
from eropaf_client.tracing import MakeTraceparent, trace_headers

FENCED = (KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH)
# Clocks differ, and a day begins somewhere.
EARLIER = timedelta(days=2)


class KafkaPost:
    """See `Post`. The position is a committed offset of a group that nobody joins, and the mark its note.

    `name` is the outbox's own, on this cluster: who takes it over fences who had it.

    Raises:
        BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: at the start, in time.
    """

    def __init__(
        self,
        bootstrap: str,
        topic: str,
        name: str,
        config: Mapping[str, Any] | None = None,
        traceparent: MakeTraceparent | None = None,
        timing: Timing = USUAL,
    ) -> None:
        self._bootstrap, self._topic, self._name = bootstrap, topic, name
        self._config, self._traceparent, self._timing = config, traceparent, timing
        self._place = TopicPartition(topic, 0)
        self._producer: Producer | None = None
        self._troubles = Troubles(config)
        self._positions = Consumer(
            {
                **(config or {}),
                "bootstrap.servers": bootstrap,
                "group.id": name,
                "enable.auto.commit": False,
                "log_level": 0,
                "error_cb": self._troubles,
            }
        )
        try:
            connection.check(self._positions, bootstrap, topic, timing, self._troubles)
        except BaseException:
            self.close()
            raise

    def identity(self) -> Identity:
        """Return which cluster and topic this is."""
        return connection.identity(self._bootstrap, self._topic, self._config, self._timing)

    def take_over(self) -> Stored | None:
        """Become the only sender; return what is stored."""
        self._give_up()
        within_ms = int(self._timing.acknowledged_within_s * 1000)
        producer = Producer(
            {
                **settings(self._bootstrap, self._config, self._timing),
                "transactional.id": self._name,
                # A transaction whose coordinator is away ends by this alone, whatever a call's own time-out.
                "transaction.timeout.ms": within_ms,
                "message.timeout.ms": within_ms,
                # And one that is not there yet is asked for again only when a connection goes.
                "connections.max.idle.ms": 5_000,
                "error_cb": self._troubles,
            }
        )
        try:
            # From here on no earlier process of this outbox can finish anything, so what the
            # position says now is what is so.
            producer.init_transactions(self._timing.acknowledged_within_s)
            (found,) = self._positions.committed([self._place], timeout=self._timing.acknowledged_within_s)
            if found.error is not None:
                raise KafkaException(found.error)
        except KafkaException as error:
            raise self._failed(error) from None
        self._producer = producer
        return Stored(found.offset, found.metadata or "") if found.offset > 0 else None

    def store(self, batch: Iterable[Waiting], stored: Stored) -> None:
        """Store `batch`, and `stored` as the position, in one transaction."""
        producer, within_s = self._producer, self._timing.acknowledged_within_s
        if producer is None:
            raise RuntimeError("take over first")
        position = TopicPartition(self._topic, 0, stored.position, metadata=stored.mark)
        try:
            producer.begin_transaction()
            for each in batch:
                self._produce(producer, each)
            producer.send_offsets_to_transaction(
                [position], self._positions.consumer_group_metadata(), within_s
            )
            producer.commit_transaction(within_s)
        except KafkaException as error:
            raise self._failed(error) from None

    def found(self, values: set[bytes], since: date) -> set[bytes]:
        """Return which of `values` the topic holds among what was stored since `since`."""
        instant = datetime(since.year, since.month, since.day, tzinfo=timezone.utc) - EARLIER
        source = KafkaSource(
            self._bootstrap, [self._topic], self._name, self._config, self._timing, wait_ms=10
        )
        try:
            source.start(self._positions_at(instant, source.partitions[self._topic]))
            return self._search(source, values)
        except NotPermitted:
            raise NotPermitted(
                f"the broker kept no position of this outbox, whose signals wait since {since}: whether it "
                "has them "
                f"is in {self._topic} alone. Let this principal read that topic (`eropaf acls apply`), "
                "then again"
            ) from None
        finally:
            source.close()

    def close(self) -> None:
        """Let go; what is not stored is given up. Twice is harmless."""
        self._give_up()
        self._positions.close()

    def _give_up(self) -> None:
        if self._producer is not None:
            producer, self._producer = self._producer, None
            producer.purge()

    def _produce(self, producer: Producer, each: Waiting) -> None:
        headers = trace_headers(self._traceparent)
        ends = time.monotonic() + self._timing.acknowledged_within_s
        while True:
            try:
                producer.produce(self._topic, key=each.contract.encode(), value=each.value, headers=headers)
            except BufferError:
                if time.monotonic() > ends:
                    raise NotAcknowledged(f"{self._topic} takes nothing: the queue stayed full") from None
                producer.poll(0.05)
            else:
                producer.poll(0)
                return

    def _positions_at(self, instant: datetime, partitions: int) -> dict[tuple[str, int], int]:
        at_ms = int(instant.timestamp() * 1000)
        asked = [TopicPartition(self._topic, each, at_ms) for each in range(partitions)]
        try:
            answers = self._positions.offsets_for_times(asked, timeout=self._timing.answer_within_s)
        except KafkaException as error:
            raise connection.unreachable(self._bootstrap, error, self._timing) from None
        return {
            (each.topic, each.partition): each.offset if each.offset >= 0 else OFFSET_END for each in answers
        }

    def _search(self, source: KafkaSource, values: set[bytes]) -> set[bytes]:
        found: set[bytes] = set()
        left = source.partitions[self._topic]
        ends = time.monotonic() + self._timing.answer_within_s
        while left:
            for each in source.poll(0.5):
                ends = time.monotonic() + self._timing.answer_within_s
                if isinstance(each, End):
                    left -= 1
                elif each.value() in values:
                    found.add(each.value())
            if time.monotonic() > ends:
                raise NotAcknowledged(
                    f"{self._topic} could not be read to its end in time. Nothing is lost; again"
                )
        return found

    def _failed(self, error: KafkaException) -> ClientError:
        cause: KafkaError = error.args[0]
        if cause.code() in FENCED:
            return OutboxInUse(f"another process sends from a copy of this outbox on {self._topic}")
        if cause.code() in (*connection.NOT_PERMITTED, *connection.NO_TOPIC):
            return connection.told(cause, self._bootstrap, self._topic)
        self._positions.poll(0)
        self._troubles.check(self._bootstrap)
        return NotAcknowledged(
            f"{self._topic} did not take what waits in the outbox ({why(cause)}). It is on disk: "
            "nothing is lost, and it goes with the next call"
        )
