"""A savepoint: tables, offsets and what must travel with them, in one file.

Taken so that all of it is of one moment. Imported in one Kafka transaction, so
that all of it is there or nothing is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from confluent_kafka import (
    Consumer,
    ConsumerGroupState,
    IsolationLevel,
    Message,
)

from eropaf.streams.errors import GroupBusy, NotAtRest, SavepointMisfit, SavepointOfOthers, TopicMissing
from eropaf.streams.operate import reading, savepoint_file
from eropaf.streams.operate.answers import ANSWER_WITHIN_S, answer
from eropaf.streams.operate.group import outsider
from eropaf.streams.operate.savepoint_file import SAVEPOINT_VERSION, Manifest, entry_of
from eropaf.streams.operate.savepoint_import import IMPORTED_WITHIN_S, Import, take_over
from eropaf.streams.operate.savepoint_scope import Scope
from eropaf.streams.operate.topics import admin, oldest_taken
from eropaf.streams.topic_partition import TP

# For transactions that killed workers left open to be aborted by the broker.
AT_REST_WITHIN_S = 60.0
# For workers that are busy to have a moment in which none of them saves.
QUIET_WITHIN_S = 600.0
NOBODY = (ConsumerGroupState.EMPTY, ConsumerGroupState.DEAD)


class Cluster:
    """One Kafka cluster, as a savepoint is taken of it or imported into it. Blocking."""

    def __init__(self, bootstrap: str, client: Mapping[str, str], scope: Scope) -> None:
        self._bootstrap = bootstrap
        self._client = client
        self._scope = scope
        self._kafka = admin(bootstrap, client)

    def export_running(self, file: Path, tell: Callable[[str], None], overwrite: bool = False) -> Manifest:
        """Write a savepoint to `file` while workers run, as it was at one moment; see `export`.

        Rows, outputs and offsets change together, in transactions. So a moment at which no transaction was
        open, and none ended between two looks at the offsets, is one of which everything fits. Workers
        are not held up; while they are never at rest there is no such moment.

        Raises:
            NotAtRest: there was no such moment for ten minutes.
            SavepointThere, SavepointUnwritten: see `savepoint_file.write`; `check_free` asks before the work.

        """
        tps = self._partitions()
        manifest, until = self._quiet_moment(tps)
        savepoint_file.write(file, manifest, self._entries(manifest, until, tell), overwrite)
        return manifest

    def export(self, file: Path, tell: Callable[[str], None], overwrite: bool = False) -> Manifest:
        """Write a savepoint to `file`, whole or not at all; `tell` gets a line for each topic.

        Raises:
            GroupBusy: a worker runs.
            NotAtRest: a transaction is pending, and stays so.
            SavepointThere, SavepointUnwritten: see `savepoint_file.write`; `check_free` asks before the work.

        """
        self._check_nobody_runs()
        tps = self._partitions()
        until = self._at_rest(tps)
        manifest = self._manifest(tps)

        def entries() -> Iterator[dict[str, Any]]:
            yield from self._entries(manifest, until, tell)
            self._check_nobody_runs()
            if self._manifest(tps).offsets != manifest.offsets:
                raise GroupBusy("a worker ran meanwhile. Stop all workers and take the savepoint again")

        savepoint_file.write(file, manifest, entries(), overwrite)
        return manifest

    def import_from(self, file: Path, tell: Callable[[str], None]) -> Manifest:
        """Put the savepoint in `file` back, whole or not at all; `tell` gets a line for each step.

        On the cluster that it was taken of, tables and the offsets of the stages behind them are as
        they were, and the stages do their work since then again. On another one, whose topics
        hold nothing yet, the records that the savepoint carries are written first. There the topics may
        have another number of partitions: each row and record goes to that of its key.

        Raises:
            GroupBusy: a worker runs.
            SavepointDamaged: the file is not whole.
            SavepointMisfit: the savepoint is not of this flow, or the cluster is not fit for it.

        """
        manifest = savepoint_file.check(file)
        self._check_nobody_runs()
        tps = self._partitions()
        self._check_fits(manifest, tps)
        # First: an import before this one may have been killed, and its transaction stand open.
        transactions = take_over(self._bootstrap, self._client, self._scope.group)
        undo = manifest.cluster == self._cluster_id() and manifest.partitions == reading.counts(tps)
        # With room for the time that it takes.
        oldest = oldest_taken(self._kafka, manifest.partitions, int((time.time() + IMPORTED_WITHIN_S) * 1000))
        an_import = Import(
            bootstrap=self._bootstrap,
            client=self._client,
            scope=self._scope,
            manifest=manifest,
            undo=undo,
            tps=tps,
            transactions=transactions,
            oldest_ms=oldest,
        )

        def at_rest() -> dict[TP, int]:
            self._check_nobody_runs()
            ends = self._at_rest(tps)
            if undo:
                self._check_not_gone(manifest)
            else:
                self._check_empty(tps, ends)
            return ends

        tell(f"{an_import.write(file, at_rest)} rows")
        return manifest

    def _partitions(self) -> list[TP]:
        scope = self._scope
        topics = dict.fromkeys([*scope.changelogs(), *sorted(scope.copied_in_full), *scope.inputs()])
        known = self._kafka.list_topics(timeout=ANSWER_WITHIN_S).topics
        absent = sorted(topic for topic in topics if topic not in known)
        if absent:
            raise TopicMissing(f"no topic {', '.join(absent)}")
        return [TP(topic, partition) for topic in topics for partition in sorted(known[topic].partitions)]

    def _manifest(self, tps: Iterable[TP]) -> Manifest:
        asking = self._asking()
        try:
            return self._manifest_at(tps, self._committed(asking, tps))
        finally:
            asking.close()

    def _manifest_at(self, tps: Iterable[TP], committed: Mapping[TP, int]) -> Manifest:
        counts = reading.counts(tps)
        offsets = {
            topic: [committed[TP(topic, partition)] for partition in range(counts[topic])]
            for topic in self._scope.inputs()
        }
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return Manifest(
            version=SAVEPOINT_VERSION,
            cluster=self._cluster_id(),
            group=self._scope.group,
            taken_at=now,
            partitions=counts,
            offsets=offsets,
        )

    def _quiet_moment(self, tps: list[TP]) -> tuple[Manifest, dict[TP, int]]:
        """Wait for a moment between transactions; return the offsets and the topics' ends then."""
        asking = self._asking()
        deadline = time.monotonic() + QUIET_WITHIN_S
        try:
            after = self._committed(asking, tps)
            while time.monotonic() < deadline:
                before = after
                # In this order: what was written before all ends were seen is below them, or shows here.
                ends = reading.ends(self._kafka, tps)
                every = reading.ends(self._kafka, tps, IsolationLevel.READ_UNCOMMITTED)
                after = self._committed(asking, tps)
                if ends == every and before == after:
                    return self._manifest_at(tps, after), ends
        finally:
            asking.close()
        raise NotAtRest(
            f"the workers were never at rest for {QUIET_WITHIN_S / 60:.0f} minutes: much is delivered, or a "
            "transaction is open. Try again later, or stop them and take it without --while-running"
        )

    def _asking(self) -> Consumer:
        return outsider(self._bootstrap, self._client, self._scope.group)

    def _committed(self, asking: Consumer, tps: Iterable[TP]) -> dict[TP, int]:
        """Return the group's stable offsets; the beginning of what is held where it has none."""
        inputs = self._scope.inputs()
        found = reading.committed(asking, [tp for tp in tps if tp.topic in inputs])
        missing = [tp for tp, offset in found.items() if offset < 0]
        return found | reading.beginnings(self._kafka, missing)

    def _at_rest(self, tps: list[TP]) -> dict[TP, int]:
        """Wait until no transaction is open on any of `tps`; give their ends."""
        deadline = time.monotonic() + AT_REST_WITHIN_S
        while True:
            committed = reading.ends(self._kafka, tps)
            every = reading.ends(self._kafka, tps, IsolationLevel.READ_UNCOMMITTED)
            if committed == every:
                return committed
            if time.monotonic() > deadline:
                open_still = sorted({tp.topic for tp in tps if committed[tp] != every[tp]})
                raise NotAtRest(
                    f"a transaction is open on {', '.join(open_still)} for over {AT_REST_WITHIN_S:.0f} s. "
                    "Who else writes there? Stop it, and try again"
                )
            time.sleep(0.2)

    def _entries(
        self, manifest: Manifest, until: dict[TP, int], tell: Callable[[str], None]
    ) -> Iterator[dict[str, Any]]:
        changelogs = self._scope.changelogs()
        for topic, count in manifest.partitions.items():
            told = 0
            tps = [TP(topic, partition) for partition in range(count)]
            # Of a table only one partition at a time is held in memory.
            for share in [[tp] for tp in tps] if topic in changelogs else [tps]:
                starts = {tp: self._start(manifest, tp) for tp in share}
                records = reading.read(self._bootstrap, self._client, starts, until)
                for record in _latest(records) if topic in changelogs else records:
                    yield entry_of(record)
                    told += 1
            tell(f"{topic}: {told} records")

    def _start(self, manifest: Manifest, tp: TP) -> int:
        """Return where the savepoint's share of `tp` begins."""
        if tp.topic in self._scope.copied_in_full or tp.topic not in manifest.offsets:
            return 0
        return manifest.offsets[tp.topic][tp.partition]

    def is_of_here(self, file: Path) -> bool:
        """Return whether the savepoint in `file` was taken of this cluster, and of as many partitions.

        Raises:
            SavepointDamaged: the file is not whole.

        """
        manifest = savepoint_file.check(file)
        counts = reading.counts(self._partitions())
        return manifest.cluster == self._cluster_id() and manifest.partitions == counts

    def records(self, topic: str) -> Iterator[dict[str, Any]]:
        """Yield what `topic` holds, as a savepoint does, once nobody runs and no transaction is open.

        Raises:
            GroupBusy, NotAtRest: see `export`.

        """
        self._check_nobody_runs()
        tps = [tp for tp in self._partitions() if tp.topic == topic]
        ends = self._at_rest(tps)
        yield from map(entry_of, reading.read(self._bootstrap, self._client, dict.fromkeys(tps, 0), ends))

    def _cluster_id(self) -> str:
        return str(answer(self._kafka.describe_cluster(), ANSWER_WITHIN_S).cluster_id)

    def _check_nobody_runs(self) -> None:
        def ask() -> Any:
            groups = answer(self._kafka.list_consumer_groups(), ANSWER_WITHIN_S)
            if groups.errors:
                raise groups.errors[0]
            return groups.valid

        group = self._scope.group
        if any(one.group_id == group and one.state not in NOBODY for one in reading.patiently(ask)):
            raise GroupBusy(
                f"workers of group {group} run. Stop them all (`eropaf run`), wait until the broker has "
                "noticed those that were killed, and try again"
            )

    def _check_fits(self, manifest: Manifest, tps: list[TP]) -> None:
        if manifest.group != self._scope.group:
            raise SavepointOfOthers(f"the savepoint is of group {manifest.group}, not {self._scope.group}")
        counts = reading.counts(tps)
        saved = manifest.partitions
        fewer = sorted(topic for topic, count in saved.items() if counts.get(topic, count) < count)
        if fewer:
            raise SavepointOfOthers(
                f"{', '.join(fewer)} has fewer partitions than in the savepoint: rejected records could not "
                "go back to theirs. Make the topics with as many, or more"
            )
        differ = sorted(counts.keys() ^ saved.keys())
        if differ:
            raise SavepointOfOthers(
                f"{', '.join(differ)}: here and not in the savepoint, or there and not here. Make the topics "
                "as they were"
            )

    def _check_not_gone(self, manifest: Manifest) -> None:
        saved = {
            TP(topic, partition): offset
            for topic, offsets in manifest.offsets.items()
            for partition, offset in enumerate(offsets)
        }
        gone = sorted(
            f"{tp.topic}-{tp.partition}"
            for tp, first in reading.beginnings(self._kafka, saved).items()
            if first > saved[tp]
        )
        if gone:
            raise SavepointMisfit(
                f"records since the savepoint are gone by now ({', '.join(gone)}): it is older than the "
                "topics are kept"
            )

    def _check_empty(self, tps: list[TP], ends: dict[TP, int]) -> None:
        # Read, not counted by offsets: an import that was cut off has taken some.
        starts = dict.fromkeys(tps, 0)
        for record in reading.read(self._bootstrap, self._client, starts, ends):
            raise SavepointMisfit(
                f"{record.topic()} holds records already, and this is not the cluster of the savepoint. "
                "Put it back into a cluster whose topics are new"
            )


def _latest(records: Iterable[Message]) -> list[Message]:
    """Return the last record of each key, without those that a tombstone removed."""
    held: dict[bytes | None, Message] = {}
    for record in records:
        if record.value() is None:
            held.pop(record.key(), None)
        else:
            held[record.key()] = record
    return list(held.values())
