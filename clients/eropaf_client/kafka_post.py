"""An outbox's delivery to Kafka: signals and the outbox's position, in one transaction."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone

from confluent_kafka import OFFSET_END, Consumer, KafkaError, KafkaException, Producer, TopicPartition

from eropaf_client import connection
from eropaf_client.cluster import Cluster
from eropaf_client.connection import Troubles
from eropaf_client.errors import ClientError, NotAcknowledged, NotPermitted, OutboxInUse
from eropaf_client.ledger import Identity
from eropaf_client.lifetime import Closing, Lifetime
from eropaf_client.lost_answers import LISTENING, Listener
from eropaf_client.outbox import Stored, Waiting
from eropaf_client.sending import options, why
from eropaf_client.source import End, KafkaSource
from eropaf_client.tracing import MakeTraceparent, trace_headers

FENCED = (KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH)
# Clocks differ, and so do time zones.
EARLIER = timedelta(days=2)


class KafkaPost(Closing):
    """See `Post`. The position is the committed offset of a group that nobody joins, the mark its metadata.

    `name` is unique to the outbox on this cluster: taking it over fences the previous holder.

    Raises:
        BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: at the start, in time.
    """

    def __init__(
        self, cluster: Cluster, topic: str, name: str, traceparent: MakeTraceparent | None = None
    ) -> None:
        self._cluster, self._topic, self._name, self._traceparent = cluster, topic, name, traceparent
        self._within_s = cluster.timing.acknowledged_within_s
        self._place = TopicPartition(topic, 0)
        self._producer: Producer | None = None
        self._answers = Listener()
        self._life = Lifetime(f"the outbox's connection to {topic}")
        self._troubles = Troubles(cluster)
        self._positions = Consumer(
            connection.options(cluster, self._troubles, group_id=name, enable_auto_commit=False)
        )
        try:
            connection.check(self._positions, cluster, topic, self._troubles)
        except BaseException:
            self.close()
            raise

    def identity(self) -> Identity:
        """Return the ids of the cluster and topic."""
        return connection.identity(self._cluster, self._topic)

    def take_over(self) -> Stored | None:
        """Become the only sender; return what is stored."""
        self._life.check()
        self._give_up()
        self._answers = Listener()
        settings = options(
            self._cluster,
            self._troubles,
            transactional_id=self._name,
            # Only this ends a transaction whose coordinator is unavailable, whatever a call's own timeout.
            transaction_timeout_ms=int(self._within_s * 1000),
            # And a missing coordinator is looked up again only when a connection drops.
            connections_max_idle_ms=5_000,
        )
        producer = Producer({**settings, **LISTENING, "logger": self._answers})
        try:
            # From here on no earlier process of this outbox can commit anything, so the position is final.
            producer.init_transactions(self._within_s)
            (found,) = self._positions.committed([self._place], timeout=self._within_s)
            if found.error is not None:
                raise KafkaException(found.error)
        except KafkaException as error:
            raise self._failed(error) from None
        self._producer = producer
        return Stored(found.offset, found.metadata or "") if found.offset > 0 else None

    @property
    def sure(self) -> bool:
        """Whether no response can have been lost since `take_over`."""
        if self._producer is None:
            return False
        self._producer.poll(0)  # learn of connections that failed in the meantime
        return not self._answers.heard

    def store(self, batch: Iterable[Waiting], stored: Stored) -> None:
        """Store `batch`, and `stored` as the position, in one transaction."""
        self._life.check()
        producer = self._producer
        if producer is None:
            raise RuntimeError("take over first")
        position = TopicPartition(self._topic, 0, stored.position, metadata=stored.mark)
        try:
            producer.begin_transaction()
            for each in batch:
                self._produce(producer, each)
            # A position must never be stored while its records are still on their way.
            if producer.flush(self._within_s):
                raise NotAcknowledged(f"{self._topic} did not answer in time. Nothing is lost; try again")
            producer.send_offsets_to_transaction(
                [position], self._positions.consumer_group_metadata(), self._within_s
            )
            producer.commit_transaction(self._within_s)
        except KafkaException as error:
            raise self._failed(error) from None

    def found(self, values: set[bytes], since: date) -> set[bytes]:
        """Return which of `values` the topic holds among records stored since `since`."""
        instant = datetime(since.year, since.month, since.day, tzinfo=timezone.utc) - EARLIER
        try:
            with KafkaSource(self._cluster, [self._topic], self._name, wait_ms=10) as source:
                source.start(self._positions_at(instant, source.partitions[self._topic]))
                return self._search(source, values)
        except NotPermitted:
            raise NotPermitted(
                "the broker no longer has this outbox's position, and its signals have waited since "
                f"{since}: only {self._topic} says whether they were stored. Let this principal read that "
                "topic (`eropaf acls apply`), then try again"
            ) from None

    def close(self) -> None:
        """Close; drop what is not stored. Idempotent."""
        if self._life.ends():
            self._give_up()
            self._positions.close()

    def _give_up(self) -> None:
        if self._producer is not None:
            producer, self._producer = self._producer, None
            producer.purge()

    def _produce(self, producer: Producer, each: Waiting) -> None:
        headers, ends = trace_headers(self._traceparent), 0.0
        while True:
            try:
                producer.produce(self._topic, key=each.contract.encode(), value=each.value, headers=headers)
            except BufferError:
                ends = ends or time.monotonic() + self._within_s
                if time.monotonic() > ends:
                    raise NotAcknowledged(f"{self._topic} accepts nothing: the queue stayed full") from None
                producer.poll(0.05)
            else:
                return

    def _positions_at(self, instant: datetime, partitions: int) -> dict[tuple[str, int], int]:
        at_ms = int(instant.timestamp() * 1000)
        asked = [TopicPartition(self._topic, each, at_ms) for each in range(partitions)]
        try:
            answers = self._positions.offsets_for_times(asked, timeout=self._cluster.timing.answer_within_s)
        except KafkaException as error:
            raise connection.unreachable(self._cluster, error) from None
        return {
            (each.topic, each.partition): each.offset if each.offset >= 0 else OFFSET_END for each in answers
        }

    def _search(self, source: KafkaSource, values: set[bytes]) -> set[bytes]:
        found: set[bytes] = set()
        left = source.partitions[self._topic]
        ends = time.monotonic() + self._cluster.timing.answer_within_s
        while left:
            for each in source.poll(0.5):
                ends = time.monotonic() + self._cluster.timing.answer_within_s
                if isinstance(each, End):
                    left -= 1
                elif each.value() in values:
                    found.add(each.value())
            if time.monotonic() > ends:
                raise NotAcknowledged(
                    f"{self._topic} could not be read to its end in time. Nothing is lost; try again"
                )
        return found

    def _failed(self, error: KafkaException) -> ClientError:
        cause: KafkaError = error.args[0]
        if cause.code() in FENCED:
            return OutboxInUse(f"another process sends from a copy of this outbox on {self._topic}")
        if cause.code() in (*connection.NOT_PERMITTED, *connection.NO_TOPIC):
            return connection.told(cause, self._cluster, self._topic)
        self._positions.poll(0)
        self._troubles.check()
        return NotAcknowledged(
            f"{self._topic} did not take what waits in the outbox ({why(cause)}). It is on disk: "
            "nothing is lost, and it goes with the next call"
        )
