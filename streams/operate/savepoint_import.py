"""Imports a savepoint as one Kafka transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

from eropaf.streams.errors import SavepointMisfit
from eropaf.streams.operate import reading
from eropaf.streams.operate.group import outsider
from eropaf.streams.operate.savepoint_file import STOOD_NOWHERE, Manifest, read_entries
from eropaf.streams.operate.savepoint_scope import Scope
from eropaf.streams.operate.transaction import STEP_WITHIN_S, aborted_on_error, note
from eropaf.streams.runtime.transactional import TransactionalClient
from eropaf.streams.runtime.transport import Librdkafka
from eropaf.streams.topic_partition import TP

# The longest that a broker lets a transaction stay open, unless it is told otherwise.
IMPORTED_WITHIN_S = 900.0
BY_KEY = -1


@dataclass(slots=True)
class Import:
    """One import of a savepoint into a cluster of partitions `tps`; `undo`: to its own."""

    bootstrap: str
    client: Mapping[str, str]
    scope: Scope
    manifest: Manifest
    undo: bool
    tps: Sequence[TP]
    transactions: TransactionalClient
    """As `take_over` made it."""
    oldest_ms: Mapping[str, int]
    """The oldest timestamp that each topic takes."""
    ends: Mapping[TP, int] = field(default_factory=dict)
    """Where the topics end, once nobody writes there."""
    _read_before: dict[TP, int] = field(default_factory=dict)
    """After the last record written that was read before the savepoint, by input partition."""
    _first_unread: dict[TP, int] = field(default_factory=dict)
    _refused: list[KafkaError] = field(default_factory=list)

    def write(self, file: Path, at_rest: Callable[[], Mapping[TP, int]]) -> int:
        """Write rows, records and offsets; return the number of rows.

        From its beginning on no worker opens what this sets the offset of. Only then is `at_rest` asked: it
        returns where the topics end, and raises where somebody runs already.

        Raises:
            SavepointMisfit: the broker refused, and nothing of it is there.

        """
        try:
            with aborted_on_error(self.transactions, STEP_WITHIN_S):
                self.transactions.begin(STEP_WITHIN_S)
                self._note(dict.fromkeys(self._inputs(), 0))
                self.ends = at_rest()
                return self._write(self.transactions.kafka, file)
        except KafkaException as error:
            raise SavepointMisfit(
                f"the broker refused ({error.args[0].str()}), and nothing was imported. Is a worker running?"
            ) from None

    def _write(self, producer: Producer, file: Path) -> int:
        if self.undo:
            self._remove_rows(producer)
        rows = self._write_moved(producer, file) if self._moved() else self._write_entries(producer, file)
        producer.flush(IMPORTED_WITHIN_S)
        if self._refused:
            raise KafkaException(self._refused[0])
        self._note(self._offsets())
        producer.commit_transaction(IMPORTED_WITHIN_S)
        return rows

    def _remove_rows(self, producer: Producer) -> None:
        """Write a tombstone for every row that there is; those of the savepoint follow."""
        changelogs = self.scope.changelogs()
        starts = {tp: 0 for tp in self.ends if tp.topic in changelogs}
        removed: set[tuple[TP, bytes | None]] = set()
        for record in reading.read(self.bootstrap, self.client, starts, self.ends):
            tp = TP(str(record.topic()), int(record.partition() or 0))
            if (tp, record.key()) not in removed:
                removed.add((tp, record.key()))
                self._produce(producer, tp, {"key": record.key(), "value": None}, unread=False)

    def _write_entries(self, producer: Producer, file: Path) -> int:
        changelogs = self.scope.changelogs()
        rows = 0
        for entry in read_entries(file):
            tp = TP(entry["topic"], entry["partition"])
            unread = self._is_unread(entry)
            # On its own cluster most of what the file holds is there still.
            again = tp.topic in changelogs or (tp.topic in self.scope.rebuilt and unread)
            if not self.undo or again or entry["offset"] == STOOD_NOWHERE:
                rows += tp.topic in changelogs
                self._produce(producer, tp, entry, unread)
        return rows

    def _moved(self) -> bool:
        """Return whether the topics have another number of partitions here."""
        return self.manifest.partitions != reading.counts(self.ends)

    def _write_moved(self, producer: Producer, file: Path) -> int:
        """Write everything to the partitions of its key; give the number of rows.

        What was read before the savepoint goes before what was not, so that an offset can stand between
        them. A key stands in one partition, there and here, so its records keep their order.
        """
        changelogs = self.scope.changelogs()
        rows = 0
        # By topic and key: what each partition had of it last.
        own: dict[tuple[str, bytes], dict[int, Mapping[str, Any]]] = {}
        for unread_now in (False, True):
            for entry in read_entries(file):
                tp, key = TP(entry["topic"], entry["partition"]), entry["key"]
                if self._is_unread(entry) is not unread_now:
                    continue
                if self.scope.is_broadcast(tp.topic, key):
                    if unread_now:
                        raise SavepointMisfit(
                            f"{tp.topic} holds an unread record meant for every partition, and its order "
                            "among other partitions' records is unknown. Let the old workers read on, then "
                            "take the savepoint again"
                        )
                    own.setdefault((tp.topic, key), {})[tp.partition] = entry
                else:
                    rows += tp.topic in changelogs
                    self._produce(producer, TP(tp.topic, BY_KEY), entry, unread_now)
            for (topic, key), held in own.items():
                self._produce_everywhere(producer, topic, key, held)
                rows += topic in changelogs
            own.clear()
        return rows

    def _produce_everywhere(
        self, producer: Producer, topic: str, key: bytes, held: Mapping[int, Mapping[str, Any]]
    ) -> None:
        """Write to every partition what all of them held."""
        first = next(iter(held.values()))
        if len(held) < self.manifest.partitions[topic] or any(
            entry["value"] != first["value"] for entry in held.values()
        ):
            raise SavepointMisfit(
                f"every partition of {topic} has its own row {key.decode()}, and these differ: the savepoint "
                "can only be imported into the number of partitions it was taken from"
            )
        for tp in self.ends:
            if tp.topic == topic:
                self._produce(producer, tp, first, unread=False)

    def _is_unread(self, entry: Mapping[str, Any]) -> bool:
        tp = TP(entry["topic"], entry["partition"])
        return tp.topic in self.manifest.offsets and entry["offset"] >= self._saved(tp)

    def _produce(self, producer: Producer, tp: TP, entry: Mapping[str, Any], unread: bool) -> None:
        def placed(error: KafkaError | None, message: Any) -> None:
            at, offset = TP(message.topic(), message.partition()), message.offset()
            if error is not None:
                self._refused.append(error)
            elif unread:
                self._first_unread[at] = min(self._first_unread.get(at, offset), offset)
            else:
                self._read_before[at] = max(self._read_before.get(at, 0), offset + 1)

        while True:
            try:
                producer.produce(
                    tp.topic,
                    key=entry["key"],
                    value=entry["value"],
                    partition=tp.partition,
                    timestamp=self._stamp(tp.topic, entry),
                    headers=[(header["name"], header["value"]) for header in entry.get("headers", ())],
                    on_delivery=placed,
                )
            except BufferError:
                producer.poll(0.05)
            else:
                producer.poll(0)
                return

    def _stamp(self, topic: str, entry: Mapping[str, Any]) -> int:
        """Return the record's own timestamp, within what its topic takes; 0, for now, of a row."""
        own = int(entry.get("timestamp_ms", 0))
        return own and min(max(own, self.oldest_ms.get(topic, 0)), int(time.time() * 1000))

    def _note(self, offsets: Mapping[TP, int]) -> None:
        with closing(outsider(self.bootstrap, self.client, self.scope.group)) as group:
            note(self.transactions, group, offsets)

    def _inputs(self) -> list[TP]:
        """Return whose offsets it sets. On its own cluster a stage without a table has nothing to undo."""
        topics = self.scope.behind_rows() if self.undo else self.manifest.offsets
        return [tp for tp in self.tps if tp.topic in topics]

    def _offsets(self) -> dict[TP, int]:
        """Return the offsets to set."""
        if not self.undo:
            return {tp: self._placed(tp) for tp in self._inputs()}
        rebuilt = self.scope.rebuilt
        return {tp: self._placed(tp) if tp.topic in rebuilt else self._saved(tp) for tp in self._inputs()}

    def _placed(self, tp: TP) -> int:
        return self._first_unread.get(tp, self._read_before.get(tp, self.ends[tp]))

    def _saved(self, tp: TP) -> int:
        return self.manifest.offsets[tp.topic][tp.partition]


def take_over(bootstrap: str, client: Mapping[str, str], group: str) -> TransactionalClient:
    """Return what imports savepoints of `group`; an earlier one is ended, and what it left open aborted.

    Raises:
        SavepointMisfit: the broker refused.

    """
    transactions = TransactionalClient(
        Librdkafka().producer, bootstrap, client, f"{group}-savepoint", IMPORTED_WITHIN_S
    )
    try:
        transactions.introduce(STEP_WITHIN_S)
    except KafkaException as error:
        raise SavepointMisfit(
            f"the broker refused ({error.args[0].str()}), and nothing was imported"
        ) from None
    return transactions
