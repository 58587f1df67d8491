"""Sends records to one topic: encoded, partitioned as by every other client, acknowledged."""

from __future__ import annotations

import time
from typing import Any, Callable, NamedTuple

from confluent_kafka import KafkaError, KafkaException, Producer

from eropaf_client import connection
from eropaf_client.cluster import Cluster
from eropaf_client.connection import Troubles
from eropaf_client.errors import NotAcknowledged
from eropaf_client.lifetime import Closing, Lifetime
from eropaf_client.schemas.wire import Codec
from eropaf_client.tracing import MakeTraceparent, trace_headers

# The broker accepts no larger record of ours.
LARGEST_SIGNAL_BYTES = 65_536
# Enough to fill batches; few enough that memory stays constant for a million signals.
MOST_IN_FLIGHT = 10_000
# Longer than the Kafka client itself takes to give up on a record.
GRACE_S = 5.0


class Acknowledged(NamedTuple):
    """Where the broker stored an event."""

    topic: str
    partition: int
    offset: int


def options(cluster: Cluster, troubles: Troubles, **own: Any) -> dict[str, Any]:
    """Return the settings of all our producers, plus `own`; see `connection.options`."""
    return connection.options(
        cluster,
        troubles,
        enable_idempotence=True,  # and with it acks=all
        partitioner="murmur2_random",  # Java's: every client puts a key in one place
        compression_type="lz4",
        linger_ms=cluster.timing.linger_ms,
        message_timeout_ms=int(cluster.timing.acknowledged_within_s * 1000),
        **own,
    )


class Sender(Closing):
    """A producer of one record type on one topic. For any thread; not usable across a fork.

    Raises:
        BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: at the start, in time.
    """

    def __init__(
        self, cluster: Cluster, topic: str, record: str, traceparent: MakeTraceparent | None = None
    ) -> None:
        self.topic = topic
        self.test_numbers = cluster.test_numbers
        self._timing = cluster.timing
        self._traceparent = traceparent
        self._life = Lifetime(f"the publisher on {topic}")
        self.encode = Codec(record, topic, cluster.registry).encode
        troubles = Troubles(cluster)
        self._producer = Producer(options(cluster, troubles))
        connection.check(self._producer, cluster, topic, troubles)

    def poll(self, wait_s: float) -> None:
        """Process the broker's answers; wait at most `wait_s` for the first."""
        self._life.check()
        self._producer.poll(wait_s)

    def send(self, key: str, value: bytes | None, on_delivery: Callable[[Any, Any], None]) -> None:
        """Pass one record to the producer, waiting while its queue is full. Without a value: a tombstone.

        Raises:
            NotAcknowledged: the queue stayed full, or the client gave up; it was not sent.
        """
        self._life.check()
        headers, ends = trace_headers(self._traceparent), 0.0
        while True:
            try:
                self._producer.produce(
                    self.topic, key=key.encode(), value=value, headers=headers, on_delivery=on_delivery
                )
            except BufferError:
                ends = ends or time.monotonic() + self._timing.acknowledged_within_s
                if time.monotonic() > ends:
                    raise NotAcknowledged(
                        f"{self.topic} accepts nothing: the queue stayed full. Try again"
                    ) from None
                self._producer.poll(0.1)
            except KafkaException as error:
                raise NotAcknowledged(
                    f"{self.topic} did not accept a record ({error.args[0].str()})"
                ) from None
            else:
                self._producer.poll(0)
                return

    def settle(self, sent: InFlight) -> InFlight:
        """Wait for the broker's answer.

        Raises:
            NotAcknowledged: there was none, which the Kafka client should never let happen.
        """
        ends = time.monotonic() + self._timing.acknowledged_within_s + GRACE_S
        while not sent.answered:
            self.poll(0.05)
            if time.monotonic() > ends:
                raise NotAcknowledged(
                    f"{self.topic} did not answer in time. Publish it again: publishing twice does no harm"
                )
        return sent

    def store(self, key: str, value: bytes | None) -> InFlight:
        """Send one record, or a tombstone, and wait for the broker's answer."""
        sent = InFlight()
        self.send(key, value, sent.answer)
        return self.settle(sent)

    def close(self) -> None:
        """Wait for records in flight, as long as that may take. Idempotent."""
        if self._life.ends():
            self._producer.flush(self._timing.acknowledged_within_s)


def why(error: KafkaError) -> str:
    """Return why the broker did not store a record."""
    if error.code() == KafkaError.INVALID_TIMESTAMP:
        return "its timestamp is too old for the topic, or more than an hour ahead. Set this machine's clock"
    return error.str()


class InFlight:
    """A record in flight: once `answered`, either `at` or `error` is set."""

    def __init__(self) -> None:
        self.answered = False
        self.at: Acknowledged | None = None
        self.error: str | None = None

    def answer(self, error: Any, message: Any) -> None:
        """Take the broker's answer."""
        if error is None:
            self.at = Acknowledged(message.topic(), message.partition(), message.offset())
        else:
            self.error = why(error)
        self.answered = True
