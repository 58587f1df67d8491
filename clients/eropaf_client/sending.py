"""Records on their way to one topic: encoded, placed as every client places them, acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, NamedTuple

from confluent_kafka import Producer

from eropaf_client import connection
from eropaf_client.schemas.registry import LocalRegistry, Registry
from eropaf_client.schemas.wire import Codec
from eropaf_client.tracing import MakeTraceparent, trace_headers

ACKNOWLEDGED_WITHIN_S = 30.0
# The broker takes no larger record of ours.
LARGEST_BYTES = 65_536


class Acknowledged(NamedTuple):
    """Where the broker stored an event."""

    topic: str
    partition: int
    offset: int


def settings(bootstrap: str, config: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give the settings that every producer of ours has, on top of the user's own `config`."""
    return {
        **(config or {}),
        "bootstrap.servers": bootstrap,
        "enable.idempotence": True,  # and with it acks=all
        "partitioner": "murmur2_random",  # Java's: every client puts a key in one place
        "compression.type": "lz4",
        "linger.ms": 5,
        "message.timeout.ms": int(ACKNOWLEDGED_WITHIN_S * 1000),
        "log_level": 0,
    }


class Sender:
    """A producer of one record on one topic.

    Raises:
        BrokerUnreachable, TopicMissing: at the start, within ten seconds.
    """

    def __init__(
        self,
        bootstrap: str,
        topic: str,
        record: str,
        registry: Registry | None = None,
        config: Mapping[str, Any] | None = None,
        traceparent: MakeTraceparent | None = None,
    ) -> None:
        self.topic = topic
        self._traceparent = traceparent
        self.encode = Codec(record, topic, registry or LocalRegistry()).encode
        self._producer = Producer(settings(bootstrap, config))
        self.poll = self._producer.poll
        connection.check(self._producer, bootstrap, topic)

    def send(self, key: str, value: bytes, on_delivery: Callable[[Any, Any], None]) -> None:
        """Hand one record to the producer, waiting while its queue is full."""
        headers = trace_headers(self._traceparent)
        while True:
            try:
                self._producer.produce(
                    self.topic, key=key.encode(), value=value, headers=headers, on_delivery=on_delivery
                )
            except BufferError:
                self._producer.poll(0.1)
            else:
                self._producer.poll(0)
                return

    def store(self, key: str, value: bytes) -> InFlight:
        """Send one record and wait for the broker's answer."""
        sent = InFlight()
        self.send(key, value, sent.answer)
        while not sent.answered:
            self._producer.poll(0.05)
        return sent

    def close(self) -> None:
        """Wait for what is on its way, for as long as it may take."""
        self._producer.flush(ACKNOWLEDGED_WITHIN_S)


class InFlight:
    """A record on its way: once `answered`, either `at` or `error` is there."""

    def __init__(self) -> None:
        self.answered = False
        self.at: Acknowledged | None = None
        self.error: str | None = None

    def answer(self, error: Any, message: Any) -> None:
        """Take the broker's answer."""
        if error is None:
            self.at = Acknowledged(message.topic(), message.partition(), message.offset())
        else:
            self.error = error.str()
        self.answered = True
