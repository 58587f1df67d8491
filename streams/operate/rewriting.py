"""Rewrites the newest value of keys of a compacted topic, never over a newer one.

A concurrent writer wins: the rewrite is a transaction, and before it commits, the topic is checked for newer
    records under its keys. The broker's order within the partition decides, not a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, Message
from confluent_kafka.admin import AdminClient

from eropaf.streams.errors import BrokerUnreachable
from eropaf.streams.operate import reading
from eropaf.streams.operate.transaction import STEP_WITHIN_S, aborted_on_error
from eropaf.streams.runtime.transactional import TransactionalClient
from eropaf.streams.topic_partition import TP

REWRITTEN_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Value:
    """The newest value of a key, and its offset."""

    offset: int
    key: bytes
    value: bytes
    timestamp_ms: int


Anew = Callable[[Value], bytes | None]
"""Returns what a value becomes; None: it stays as it is."""


@dataclass(slots=True)
class Rewriting:
    """The rewriting of one partition of a compacted topic."""

    bootstrap: str
    client: Mapping[str, str]
    tp: TP
    kafka: AdminClient
    transactions: TransactionalClient
    """As `introduce` made it."""

    def look(self, stale: Callable[[bytes], bool]) -> tuple[int, list[Value]]:
        """Return the partition's end, and the newest value of each key whose value is `stale`."""
        ends = reading.ends(self.kafka, [self.tp])
        newest: dict[bytes, Value] = {}
        for record in reading.read(self.bootstrap, self.client, {self.tp: 0}, ends):
            key, value = record.key() or b"", record.value()
            if value is None or not stale(value):
                newest.pop(key, None)
            else:
                newest[key] = Value(record.offset() or 0, key, value, record.timestamp()[1])
        return ends[self.tp], list(newest.values())

    def write(self, end: int, values: list[Value], anew: Anew) -> Iterator[int]:
        """Rewrite `values`, read up to `end`; yield how many were written, after each transaction.

        Values that somebody else has written since are left alone.

        Raises:
            BrokerUnreachable: it did not answer; everything yielded has been written.

        """
        for start in range(0, len(values), REWRITTEN_AT_ONCE):
            portion = values[start : start + REWRITTEN_AT_ONCE]
            while portion:
                try:
                    overtaken, written = self._try(end, portion, anew)
                except KafkaException as error:
                    why = error.args[0].str()
                    raise BrokerUnreachable(f"{self.bootstrap} did not accept everything ({why})") from None
                if not overtaken:
                    yield written
                    break
                portion = [each for each in portion if each.key not in overtaken]

    def _try(self, end: int, portion: list[Value], anew: Anew) -> tuple[set[bytes], int]:
        """Write `portion`, or nothing of it if somebody wrote one of its keys since.

        Return those keys, and how many values were written.
        """
        own: dict[bytes, int] = {}
        refused: list[Any] = []

        def delivered(error: Any, message: Message) -> None:
            if error is not None:
                refused.append(error)
            own[message.key() or b""] = message.offset() or 0

        with aborted_on_error(self.transactions, STEP_WITHIN_S):
            self.transactions.begin(STEP_WITHIN_S)
            kafka = self.transactions.kafka
            for each in portion:
                if (value := anew(each)) is not None:
                    kafka.produce(
                        self.tp.topic,
                        key=each.key,
                        value=value,
                        partition=self.tp.partition,
                        timestamp=each.timestamp_ms,
                        on_delivery=delivered,
                    )
            # A write still in flight could land after a newer value that nobody would check for.
            if kafka.flush(STEP_WITHIN_S):
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
            if refused:
                raise KafkaException(refused[0])
            overtaken = self._overtaken(end, own)
            if overtaken:
                kafka.abort_transaction(STEP_WITHIN_S)
            else:
                kafka.commit_transaction(STEP_WITHIN_S)
        return overtaken, len(own)

    def _overtaken(self, end: int, own: Mapping[bytes, int]) -> set[bytes]:
        """Return the keys that somebody wrote after we read and before we wrote, committed or not."""
        uncommitted = IsolationLevel.READ_UNCOMMITTED
        until = reading.ends(self.kafka, [self.tp], uncommitted)
        since = reading.read(self.bootstrap, self.client, {self.tp: end}, until, uncommitted)
        written = ((record.key() or b"", record.offset() or 0) for record in since)
        return {key for key, offset in written if key in own and offset < own[key]}
