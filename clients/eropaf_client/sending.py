"""Records on their way to one topic: encoded, placed as every client places them, acknowledged."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any, Callable, NamedTuple

from confluent_kafka import KafkaError, KafkaException, Producer

from eropaf_client import connection
from eropaf_client.connection import USUAL, Timing, Troubles
from eropaf_client.errors import AfterFork, Closed, NotAcknowledged
from eropaf_client.schemas.registry import LocalRegistry, Registry
from eropaf_client.schemas.wire import Codec
from eropaf_client.tracing import MakeTraceparent, trace_headers

# The broker takes no larger record of ours.
LARGEST_BYTES = 65_536
# Beyond the time in which the Kafka client itself gives a record up.
GRACE_S = 5.0


class Acknowledged(NamedTuple):
    """Where the broker stored an event."""

    topic: str
    partition: int
    offset: int


def settings(bootstrap: str, config: Mapping[str, Any] | None, timing: Timing = USUAL) -> dict[str, Any]:
    """Return the settings that every producer of ours has, on top of the user's own `config`."""
    return {
        **(config or {}),
        "bootstrap.servers": bootstrap,
        "enable.idempotence": True,  # and with it acks=all
        "partitioner": "murmur2_random",  # Java's: every client puts a key in one place
        "compression.type": "lz4",
        "linger.ms": timing.linger_ms,
        "message.timeout.ms": int(timing.acknowledged_within_s * 1000),
        "log_level": 0,
    }


class Sender:
    """A producer of one record on one topic. Used by any thread; not across a fork.

    Raises:
        BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: at the start, in time.
    """

    def __init__(
        self,
        bootstrap: str,
        topic: str,
        record: str,
        registry: Registry | None = None,
        config: Mapping[str, Any] | None = None,
        traceparent: MakeTraceparent | None = None,
        timing: Timing = USUAL,
    ) -> None:
        self.topic = topic
        self._timing = timing
        self._traceparent = traceparent
        self._process = os.getpid()
        self._closed = False
        self.encode = Codec(record, topic, registry or LocalRegistry()).encode
        troubles = Troubles(config)
        self._producer = Producer({**settings(bootstrap, config, timing), "error_cb": troubles})
        connection.check(self._producer, bootstrap, topic, timing, troubles)

    def poll(self, wait_s: float) -> None:
        """Take in the broker's answers; wait at most `wait_s` for the first."""
        self._check()
        self._producer.poll(wait_s)

    def send(self, key: str, value: bytes, on_delivery: Callable[[Any, Any], None]) -> None:
        """Hand one record to the producer, waiting while its queue is full.

        Raises:
            NotAcknowledged: the queue stayed full, or the client gave up; it was not sent.
        """
        self._check()
        headers = trace_headers(self._traceparent)
        ends = time.monotonic() + self._timing.acknowledged_within_s
        while True:
            try:
                self._producer.produce(
                    self.topic, key=key.encode(), value=value, headers=headers, on_delivery=on_delivery
                )
            except BufferError:
                if time.monotonic() > ends:
                    raise NotAcknowledged(
                        f"{self.topic} takes nothing: the queue stayed full. Try again"
                    ) from None
                self._producer.poll(0.1)
            except KafkaException as error:
                raise NotAcknowledged(f"{self.topic} did not take a record ({error.args[0].str()})") from None
            else:
                self._producer.poll(0)
                return

    def settle(self, sent: InFlight) -> InFlight:
        """Wait for the broker's answer.

        Raises:
            NotAcknowledged: there is none, which the Kafka client should not let happen.
        """
        ends = time.monotonic() + self._timing.acknowledged_within_s + GRACE_S
        while not sent.answered:
            self.poll(0.05)
            if time.monotonic() > ends:
                raise NotAcknowledged(
                    f"{self.topic} did not answer in time. Publish it again: twice is harmless"
                )
        return sent

    def store(self, key: str, value: bytes) -> InFlight:
        """Send one record and wait for the broker's answer."""
        sent = InFlight()
        self.send(key, value, sent.answer)
        return self.settle(sent)

    def close(self) -> None:
        """Wait for what is on its way, for as long as it may take. Twice is harmless."""
        if not self._closed and os.getpid() == self._process:
            self._closed = True
            self._producer.flush(self._timing.acknowledged_within_s)

    def _check(self) -> None:
        if os.getpid() != self._process:
            raise AfterFork(f"the publisher on {self.topic} was made before a fork; make one in this process")
        if self._closed:
            raise Closed(f"the publisher on {self.topic} was closed; make a new one")


def why(error: KafkaError) -> str:
    """Say why the broker did not store a record."""
    if error.code() == KafkaError.INVALID_TIMESTAMP:
        return "its time stamp is too old for the topic, or more than an hour ahead. Set this machine's clock"
    return error.str()


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
            self.error = why(error)
        self.answered = True
