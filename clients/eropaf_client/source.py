"""Topics, read record by record: committed ones, in order per partition."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from confluent_kafka import KafkaError, TopicPartition

from eropaf_client import connection
from eropaf_client.cluster import Cluster
from eropaf_client.errors import BrokerUnreachable
from eropaf_client.ledger import Identity
from eropaf_client.lifetime import Closing, Lifetime


class Record(Protocol):
    """One record as the Kafka client returns it. Without a value: a tombstone."""

    def topic(self) -> Any:
        """Return the topic's name."""

    def partition(self) -> Any:
        """Return the partition's number."""

    def offset(self) -> Any:
        """Return its place in the partition."""

    def key(self) -> Any:
        """Return the key's bytes."""

    def value(self) -> Any:
        """Return the value's bytes; None: a tombstone."""

    def timestamp(self) -> Any:
        """Return the kind of timestamp, and when the record was stored (ms since 1970 UTC)."""


class End(NamedTuple):
    """A partition was read to its end at that moment, `offset`."""

    topic: str
    partition: int
    offset: int


class Run(NamedTuple):
    """Records of one partition that arrived one behind the other."""

    topic: str
    partition: int
    records: list[Record]


class Source(Protocol):
    """What an inbox reads. For one thread at a time."""

    partitions: Mapping[str, int]
    """Topics, and how many partitions each has."""

    def identity(self, topic: str | None = None) -> Identity:
        """Return the ids of the cluster and of a topic; without one, of the first that it reads."""

    def start(self, positions: Mapping[tuple[str, int], int]) -> None:
        """Start reading each partition at its position, or at its beginning if none is given."""

    def poll(self, wait_s: float) -> Sequence[Record | End]:
        """Return what has arrived; wait up to `wait_s`, for the first only.

        Raises:
            NotAuthenticated, NotPermitted, TopicMissing, ClientBroken: waiting will not help.
        """

    def behind(self) -> int | None:
        """Return how many records are stored and were not read yet; None if no broker answers."""

    def close(self) -> None:
        """Stop reading. Idempotent."""


class KafkaSource(Closing):
    """Topics of a cluster. Not usable across a fork.

    Raises:
        BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: at the start, in time.
    """

    def __init__(self, cluster: Cluster, topics: Sequence[str], purpose: str, wait_ms: int = 50) -> None:
        self._cluster, self._topics = cluster, topics
        self._life = Lifetime(f"the reader of {', '.join(topics)}")
        self._troubles = connection.Troubles(cluster)
        self._consumer = connection.reader(cluster, purpose, self._troubles, wait_ms)
        self._next: dict[tuple[str, int], int] = {}
        try:
            self.partitions: Mapping[str, int] = {
                topic: connection.check(self._consumer, cluster, topic, self._troubles) for topic in topics
            }
        except BaseException:
            self.close()
            raise

    def identity(self, topic: str | None = None) -> Identity:
        """Return the ids of the cluster and of a topic; see `Source`."""
        return connection.identity(self._cluster, topic or self._topics[0])

    def start(self, positions: Mapping[tuple[str, int], int]) -> None:
        """Start reading each partition at its position, or at its beginning if none is given."""
        self._life.check()
        partitions = [(topic, each) for topic, count in self.partitions.items() for each in range(count)]
        self._next = {partition: positions.get(partition, 0) for partition in partitions}
        self._consumer.assign(
            [TopicPartition(*partition, offset) for partition, offset in self._next.items()]
        )

    def poll(self, wait_s: float) -> list[Record | End]:
        """Return what has arrived; see `Source`."""
        found: list[Record | End] = []
        for each in self.runs(wait_s):
            if isinstance(each, End):
                found.append(each)
            else:
                found += each.records
        return found

    def runs(self, wait_s: float) -> list[Run | End]:
        """Return what has arrived, by partition; wait and raise as `poll` does.

        Of each record no more is asked than where it belongs: to ask the client's message for all of its
        place costs as much as some readers do with it (ADR 74).
        """
        self._life.check()
        runs: list[Run | End] = []
        topic, partition, records = "", -1, list[Record]()
        for message in connection.arrived(self._consumer, wait_s):
            error = message.error()
            if error is None:
                if message.partition() != partition or message.topic() != topic:
                    topic, partition, records = message.topic() or "", message.partition() or 0, []
                    runs.append(Run(topic, partition, records))
                records.append(message)
            elif error.code() == KafkaError._PARTITION_EOF:
                runs.append(End(message.topic() or "", message.partition() or 0, message.offset() or 0))
                partition = -1
            else:
                self._said(error, message.topic() or "")
        for each in runs:
            self._next[each.topic, each.partition] = _behind(each)
        self._troubles.check()
        return runs

    def behind(self) -> int | None:
        """Return how many records are stored and were not read yet; None if no broker answers."""
        self._life.check()
        return connection.behind(self._consumer, dict(self._next))

    def close(self) -> None:
        """Stop reading. Idempotent; after a fork it does nothing, as the process that made it closes it."""
        if self._life.ends():
            self._consumer.close()

    def _said(self, error: KafkaError, topic: str) -> None:
        if error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED:
            return  # its group is never joined, so it needs no coordinator
        if error.fatal() or error.code() in connection.HOPELESS:
            raise connection.told(error, self._cluster, topic)
        self._troubles(error)  # the client tries again by itself


def _behind(each: Run | End) -> int:
    return each.offset if isinstance(each, End) else (each.records[-1].offset() or 0) + 1


class Silence:
    """Ends a reading up to what is there, where for as long as an answer may take nothing comes."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.broken()

    def broken(self) -> None:
        """Count from here: something came, or what came was dealt with."""
        self._since = time.monotonic()

    def check(self, what: str) -> None:
        """Go on, unless nothing came for too long.

        Raises:
            BrokerUnreachable: nothing did; `what` was not read to its end.
        """
        within_s = self._cluster.timing.answer_within_s
        if time.monotonic() - self._since > within_s:
            raise BrokerUnreachable(
                f"{self._cluster.bootstrap} stopped answering: {what} not read to the end within "
                f"{within_s:g} s. Is a broker down? Try again when it is back"
            )


def to_the_end(source: Source, cluster: Cluster, wait_s: float = 0.5) -> Iterator[Record]:
    """Yield every record of `source`, from the beginning until the end is reached.

    Raises:
        BrokerUnreachable: nothing arrived for as long as an answer may take.
    """
    source.start({})
    left = {(topic, each) for topic, count in source.partitions.items() for each in range(count)}
    silence = Silence(cluster)
    while left:
        for each in source.poll(wait_s):
            if isinstance(each, End):
                left.discard((each.topic, each.partition))
            else:
                yield each
            silence.broken()  # the caller's own time does not count
        silence.check(f"{len(left)} partitions of {', '.join(source.partitions)} were")
