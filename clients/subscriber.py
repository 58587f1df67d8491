"""For outreach tools: priority updates, each once, in order per household."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from clients import connection
from clients.records import PriorityUpdate
from schemas.registry import LocalRegistry, Registry
from schemas.topics import PRIORITIES
from schemas.wire import Codec

READ_AT_ONCE = 1000


class Received(NamedTuple):
    """An update, and when the creditor's record that caused it was stored (ms since 1970 UTC)."""

    update: PriorityUpdate
    origin_at_ms: int


class PrioritySubscriber:
    """Reads every update from the beginning of the topic, and goes on as they come.

        with PrioritySubscriber("kafka:9092") as subscriber:
            for update in subscriber:
                ...

    Sees only what was saved for good (read-committed). A repeat, known by household and sequence,
    is passed over.

    Raises:
        BrokerUnreachable, TopicMissing: at the start, within ten seconds.
    """

    def __init__(
        self,
        bootstrap: str,
        registry: Registry | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        self._codec = Codec("PriorityUpdate", PRIORITIES, registry or LocalRegistry())
        self._consumer = Consumer(
            {
                **(config or {}),
                "bootstrap.servers": bootstrap,
                "group.id": f"priorities-{uuid.uuid4()}",  # never joined
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 50,
                "log_level": 0,
            }
        )
        partitions = range(connection.check(self._consumer, bootstrap, PRIORITIES))
        self._consumer.assign([TopicPartition(PRIORITIES, partition, 0) for partition in partitions])
        self._behind = set(partitions)
        self._seen: dict[str, int] = {}

    def __enter__(self) -> PrioritySubscriber:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._consumer.close()

    def __iter__(self) -> Iterator[PriorityUpdate]:
        while True:
            for received in self.poll(1.0):
                yield received.update

    @property
    def caught_up(self) -> bool:
        """Whether everything that was there has been read once."""
        return not self._behind

    def poll(self, wait_s: float) -> list[Received]:
        """Give the updates that are there; wait at most `wait_s` for the first."""
        messages = self._consumer.consume(1, timeout=wait_s)
        if messages:
            messages += self._consumer.consume(READ_AT_ONCE - 1, timeout=0)
        found = []
        for message in messages:
            error = message.error()
            if error is None:
                found += self._new(message)
            elif error.code() == KafkaError._PARTITION_EOF:
                self._behind.discard(message.partition() or 0)
            elif error.fatal():
                raise KafkaException(error)
        return found

    def _new(self, message: Any) -> list[Received]:
        if message.value() is None:
            # The household was forgotten, and counts anew from 1. Its last update took it off the list.
            self._seen.pop((message.key() or b"").decode(), None)
            return []
        update = PriorityUpdate.from_record(self._codec.decode(message.value()))
        if update.sequence <= self._seen.get(update.household, 0):
            return []
        self._seen[update.household] = update.sequence
        return [Received(update, message.timestamp()[1])]
