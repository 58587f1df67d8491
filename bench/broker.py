"""One fresh broker for one measurement: topics, what is fed, what is read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, Message, Producer, TopicPartition

from bench.job import GROUP, PARTITIONS, Must
from bench.two_stages import flow
from eropaf.agents.topology import topics
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.installation import Installation
from eropaf.streams.operate import reading
from eropaf.streams.operate.topics import admin, ensure
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, HOUSEHOLD_RISK, PRIORITIES

GIVE_UP_AFTER_S = 300.0


@dataclass(frozen=True, slots=True)
class Fed:
    """One event as it is put in: household, bytes, event time."""

    key: bytes
    value: bytes
    at: int


class Broker:
    """A broker with the topics of the job, as nobody has used them before."""

    def __init__(self, kafka: EmbeddedKafka) -> None:
        self.bootstrap = kafka.bootstrap
        self.pid = kafka.nodes[0].pid
        self.admin = admin(self.bootstrap, {})
        ensure(self.admin, topics(GROUP, flow(), PARTITIONS))

    def producer(self, **settings: Any) -> Producer:
        """Connect a producer that puts keys where every client of the house does."""
        return Producer(
            {
                "bootstrap.servers": self.bootstrap,
                "partitioner": "murmur2_random",
                "enable.idempotence": True,
                "queue.buffering.max.messages": 2_000_000,
                "compression.type": "lz4",
                **{name.replace("_", "."): value for name, value in settings.items()},
            }
        )

    def feed(self, events: Iterable[Fed]) -> None:
        """Put `events` in, as fast as it goes."""
        producer = self.producer(linger_ms=50)
        for each in events:
            while True:
                try:
                    producer.produce(HOUSEHOLD_EVENTS, key=each.key, value=each.value)
                    break
                except BufferError:
                    producer.poll(0.1)
        producer.flush()

    def say_unread(self) -> None:
        """Let the group know its inputs as read up to their beginning: rows without offsets are refused."""
        group = Consumer({"bootstrap.servers": self.bootstrap, "group.id": GROUP})
        inputs = (HOUSEHOLD_EVENTS, HOUSEHOLD_RISK)
        beginnings = [TopicPartition(topic, number, 0) for topic in inputs for number in range(PARTITIONS)]
        group.commit(offsets=beginnings, asynchronous=False)
        group.close()

    def subscribe(self, topic: str) -> Subscriber:
        """Read what is committed on `topic`, from its beginning."""
        return Subscriber(self.bootstrap, topic)

    def read(self) -> Must:
        """Read everything that came out."""
        seen = Must()
        for topic in (HOUSEHOLD_RISK, PRIORITIES):
            subscriber = self.subscribe(topic)
            for message in subscriber.until_end():
                seen.take(topic, message.key() or b"", message.value() or b"")
            subscriber.close()
        return seen


class Subscriber:
    """A read-committed reader of one topic."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self.count = 0
        self._ended: set[int] = set()
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "subscriber",
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
            }
        )
        self._consumer.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])

    def read(self, timeout_s: float = 0.05, most: int = 10_000) -> list[Message]:
        """Return what has come, or nothing after a while."""
        found = []
        for message in reading.arrived(self._consumer, most, timeout_s):
            partition = int(message.partition() or 0)
            if message.error() is None:
                found.append(message)
                self._ended.discard(partition)
            else:
                self._ended.add(partition)
        self.count += len(found)
        return found

    def wait_for(self, count: int, check: Callable[[], None]) -> None:
        """Return when there have been `count` records."""
        give_up = time.monotonic() + GIVE_UP_AFTER_S
        while self.count < count:
            self.read()
            check()
            if time.monotonic() > give_up:
                raise TimeoutError(f"{self.count} of {count} records within {GIVE_UP_AFTER_S:.0f} s")

    def until_end(self) -> Iterator[Message]:
        """Yield every record until the end of each partition."""
        while len(self._ended) < PARTITIONS:
            yield from self.read()

    def close(self) -> None:
        """Stop reading."""
        self._consumer.close()


@contextmanager
def fresh(installation: Installation) -> Iterator[Broker]:
    """Run a broker that no other measurement has touched."""
    with EmbeddedKafka(installation=installation) as kafka:
        yield Broker(kafka)
