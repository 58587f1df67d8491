"""Appends to households' histories from outside the flow: all of it, or nothing."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

from confluent_kafka import KafkaException, Producer

from eropaf.agents.codecs import household_events
from eropaf.risk.records import HouseholdEvent
from eropaf.streams.errors import BrokerUnreachable
from eropaf.streams.runtime.record import Output
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS

STORED_WITHIN_S = 10.0


class Appender:
    """Writes events, and other records with them, in one transaction.

    Raises:
        BrokerUnreachable: nothing was written.

    """

    def __init__(self, bootstrap: str, client: Mapping[str, str], registry: Registry) -> None:
        self._events = household_events(registry)
        self._bootstrap = bootstrap
        self._producer = Producer(
            {
                **client,
                "bootstrap.servers": bootstrap,
                "transactional.id": f"append-{uuid.uuid4()}",
                "partitioner": "murmur2_random",
                "compression.type": "lz4",
                "log_level": 0,
            }
        )
        try:
            self._producer.init_transactions(STORED_WITHIN_S)
            found = self._producer.list_topics(HOUSEHOLD_EVENTS, timeout=STORED_WITHIN_S)
        except KafkaException as error:
            raise self._unreachable(error) from None
        self.partitions = len(found.topics[HOUSEHOLD_EVENTS].partitions)

    def event(self, event: HouseholdEvent, stored_at: int, partition: int = -1) -> Output:
        """Give the record that `event` is: on the partition of its household, unless one is named."""
        value = self._events.encode(event)
        return Output(HOUSEHOLD_EVENTS, event.household.encode(), value, stored_at, partition)

    def write(self, records: Iterable[Output]) -> None:
        """Write `records`, and return when all of them are stored.

        Raises:
            BrokerUnreachable: nothing was written.

        """
        try:
            self._producer.begin_transaction()
            for record in records:
                self._producer.produce(
                    record.topic,
                    key=record.key,
                    value=record.value,
                    partition=record.partition,
                    timestamp=record.timestamp_ms,
                )
            self._producer.commit_transaction(STORED_WITHIN_S)
        except KafkaException as error:
            raise self._unreachable(error) from None

    def _unreachable(self, error: KafkaException) -> BrokerUnreachable:
        return BrokerUnreachable(
            f"nothing was written at {self._bootstrap} ({error.args[0].str()}). Is it running, and were the "
            "topics made (`eropaf topics create`)? Then give the command again"
        )
