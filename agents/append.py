"""Appends to households' histories from outside the flow, atomically."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping

from confluent_kafka import KafkaException

from eropaf.agents.codecs import household_events
from eropaf.agents.roles import APPENDS
from eropaf.risk.records import HouseholdEvent
from eropaf.streams.errors import BrokerUnreachable, WriteUnclear
from eropaf.streams.operate.transaction import aborted_on_error
from eropaf.streams.runtime.record import Output
from eropaf.streams.runtime.transactional import TransactionalClient
from eropaf.streams.runtime.transport import Librdkafka
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS

# Also the longest time the broker leaves the transaction of a killed appender open, during which every
# read-committed reader waits.
APPENDED_WITHIN_S = 10.0


class Appender:
    """Writes events, and other records with them, in one transaction.

    With a `name` it fences the previous holder of that name and aborts its open transaction. Without one, as
    for a single command, several can work side by side.

    Raises:
        BrokerUnreachable: nothing was written.

    """

    def __init__(
        self, bootstrap: str, client: Mapping[str, str], registry: Registry, name: str | None = None
    ) -> None:
        self._events = household_events(registry)
        self._bootstrap = bootstrap
        self._client = TransactionalClient(
            Librdkafka().producer, bootstrap, client, f"{APPENDS}{name or uuid.uuid4()}", APPENDED_WITHIN_S
        )
        try:
            self._client.introduce(APPENDED_WITHIN_S)
            found = self._client.kafka.list_topics(HOUSEHOLD_EVENTS, timeout=APPENDED_WITHIN_S)
        except KafkaException as error:
            raise self._unreachable(error.args[0].str()) from None
        self.partitions = len(found.topics[HOUSEHOLD_EVENTS].partitions)

    def event(self, event: HouseholdEvent, stored_at: int, partition: int = -1) -> Output:
        """Return the record for `event`: on its household's partition, unless one is named."""
        value = self._events.encode(event)
        return Output(HOUSEHOLD_EVENTS, event.household.encode(), value, stored_at, partition)

    def write(self, records: Iterable[Output]) -> None:
        """Write `records`; return once all of them are stored.

        Raises:
            BrokerUnreachable: nothing was written.
            WriteUnclear: either all of it was written or nothing; the broker did not say which.

        """
        try:
            with aborted_on_error(self._client, APPENDED_WITHIN_S):
                self._hand_over(records)
        except KafkaException as error:
            raise self._unreachable(error.args[0].str()) from None
        self._commit()

    def _hand_over(self, records: Iterable[Output]) -> None:
        self._client.begin(APPENDED_WITHIN_S)
        for record in records:
            self._client.kafka.produce(
                record.topic,
                key=record.key,
                value=record.value,
                partition=record.partition,
                timestamp=record.timestamp_ms,
            )
        if self._client.kafka.flush(APPENDED_WITHIN_S):
            raise self._unreachable(f"no answer within {APPENDED_WITHIN_S:g} s")

    def _commit(self) -> None:
        """Commit; retry while the broker does not answer, as it may have received the first request."""
        deadline = time.monotonic() + APPENDED_WITHIN_S
        while True:
            try:
                self._client.kafka.commit_transaction(APPENDED_WITHIN_S)
                return
            except KafkaException as failed:
                error = failed.args[0]
                if error.txn_requires_abort():
                    with aborted_on_error(self._client, APPENDED_WITHIN_S):
                        raise self._unreachable(error.str()) from None
                if not error.retriable() or time.monotonic() > deadline:
                    raise WriteUnclear(
                        f"{self._bootstrap} did not say whether it stored what was written ({error.str()}): "
                        "either all of it was stored or none. Run the command again once the broker "
                        "answers; running it twice does no harm"
                    ) from None

    def _unreachable(self, why: str) -> BrokerUnreachable:
        return BrokerUnreachable(
            f"nothing was written at {self._bootstrap} ({why}). Give the command again once it answers"
        )
