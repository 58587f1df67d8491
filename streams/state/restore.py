"""Rows come back from their changelog before the first event of their partition is read."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from confluent_kafka import (
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import OffsetSpec

from eropaf.streams.config import QUEUE_BACKOFF_MS, QUIET, StreamsConfig
from eropaf.streams.errors import OffsetsAhead, OffsetsLost, RowsLost, TopicMismatch
from eropaf.streams.observe import metrics
from eropaf.streams.operate import reading
from eropaf.streams.operate.answers import ANSWER_WITHIN_S
from eropaf.streams.runtime.loss import Loss
from eropaf.streams.runtime.stage import Stage, TableSpec, chains, changelog
from eropaf.streams.runtime.telling import tell_partitions
from eropaf.streams.state.freed import give_back
from eropaf.streams.state.rows import Change, keeper
from eropaf.streams.state.table import TablePartition
from eropaf.streams.topic_partition import TP

log = structlog.get_logger(__name__)

RESTORED_AT_ONCE = 10_000
STANDBY_LAG_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A changelog partition to read back. `still_wanted` says whether it still is."""

    changelog: str
    partition: int
    inputs: tuple[TP, ...]
    still_wanted: Callable[[], bool]
    spec: TableSpec


@dataclass(slots=True)
class Kept:
    """The rows of a changelog partition, with what they are counted under, and up to where it was read."""

    table: TablePartition[Any]
    reached: int = 0


@dataclass(frozen=True, slots=True)
class Begins:
    """Where inputs are read on."""

    starts: Mapping[TP, int]
    known: Mapping[TP, int]
    """What the group has noted of each, below zero where nothing."""
    lost: Mapping[TP, Loss]
    """What was deleted before it was read, and nobody has accepted."""
    ends: Mapping[TP, int]
    """Where each ended, with what open transactions hold."""


class Restorer:
    """Reads changelogs. Blocking: has its own thread, and keeps one consumer warm.

    What it follows it goes on reading: rows of others' partitions, of which nearly nothing is left to be read
    when they come to this worker.
    """

    def __init__(self, config: StreamsConfig) -> None:
        self.restored = 0
        """Changelog records read back so far."""
        self.partitions: Mapping[str, int] = {}
        """How many each topic has, as it was found at the start."""
        self._kept: dict[TP, Kept] = {}
        self.followed: frozenset[TP] = frozenset()
        """Changelog partitions whose rows are kept here; for any thread to read."""
        self._told_at = -math.inf
        common: dict[str, Any] = {
            **config.client,
            "bootstrap.servers": config.bootstrap,
            "log_level": QUIET,
        }
        self._group = config.group
        self._accepted = config.accepted_losses
        self._transport = config.transport
        self._common = common
        self._new_rows = keeper(config.state)
        self._consumer = config.transport.consumer(
            {
                **common,
                "group.id": config.group,  # never joined: partitions are taken by hand
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                # Rows are read from the beginning, which is looked at before, or from where it was itself.
                "auto.offset.reset": "error",
                "enable.partition.eof": True,
                "queued.max.messages.kbytes": config.prefetch_kbytes,
                "max.partition.fetch.bytes": config.fetch_partition_kbytes * 1024,
                "fetch.queue.backoff.ms": QUEUE_BACKOFF_MS,
                "fetch.wait.max.ms": 10,
            }
        )

    def begins(self, inputs: Sequence[TP]) -> Begins:
        """Return the offset at which to resume each of `inputs`, waiting for pending transactions.

        That is what the group has noted, or the beginning, where it has noted nothing or records were deleted
        since that it has not read. The latter are a loss: nobody reads on there until a person accepts it.

        Raises:
            OffsetsAhead: the group knows more than the broker holds.

        """
        known = self._stable_offsets(inputs)
        ends = self._offsets(inputs, OffsetSpec.latest())  # type: ignore[no-untyped-call]
        _refuse_ahead(known, ends)
        beginnings = self._offsets(inputs, OffsetSpec.earliest())  # type: ignore[no-untyped-call]
        losses = {
            tp: Loss(tp.topic, tp.partition, max(0, offset), beginnings[tp] - 1)
            for tp, offset in known.items()
            if max(0, offset) < beginnings[tp]
        }
        lost = {tp: loss for tp, loss in losses.items() if not loss.accepted_by(self._accepted)}
        for tp, loss in losses.items():
            if tp not in lost:
                log.error("going on without records that were deleted before they were read", lost=str(loss))
        starts = {tp: max(offset, beginnings[tp]) for tp, offset in known.items()}
        return Begins(starts, known, lost, ends)

    def restore(
        self, wanted: Sequence[Wanted], on_table: Callable[[Wanted, TablePartition[Any]], None]
    ) -> None:
        """Read back every changelog partition in `wanted`, together; give each as it is complete.

        Call `begins` first: a pending transaction may have written rows too.
        Reads each to the end of its log as it is now, *including* what open transactions hold: a dead
        worker's open transaction hides committed rows behind it until it is aborted.

        Raises:
            RowsLost: records were deleted from a changelog.

        """
        if not wanted:
            return
        ends = self._ends(wanted)
        self._check_beginnings(wanted)
        left = {TP(one.changelog, one.partition): one for one in wanted}
        others = [TopicPartition(*tp) for tp in self._kept.keys() - left.keys()]
        self._forget([tp for tp in left if tp in self._kept and self._kept[tp].reached > ends[tp]])
        self._read_also({tp: one.spec for tp, one in left.items()})
        self._consumer.pause(others)
        try:
            while left:
                for tp in [tp for tp in left if self._kept[tp].reached >= ends[tp]]:
                    on_table(left.pop(tp), self._kept[tp].table)
                    self._forget([tp])
                # What is no longer wanted may be again at once: it is kept until it is followed no more.
                left = {tp: one for tp, one in left.items() if one.still_wanted()}
                if left:
                    self._read()
        finally:
            self._consumer.resume(others)
            self.followed = frozenset(self._kept)
            give_back()

    def follow(self, specs: Mapping[TP, TableSpec]) -> None:
        """Keep the rows of these changelog partitions up to date from now on, and of no others."""
        self._forget([tp for tp in self._kept if tp not in specs])
        new = [tp for tp in specs if tp not in self._kept]
        beginnings = self._offsets(new, OffsetSpec.earliest())  # type: ignore[no-untyped-call]
        # Whoever owns one that was cut ends for it; there is no use in a second one that does.
        self._read_also({tp: specs[tp] for tp in new if not beginnings[tp]})
        self.followed = frozenset(self._kept)
        metrics.STANDBY_PARTITIONS.set(len(self._kept))
        if not self._kept:
            metrics.STANDBY_LAG.set(0)
        give_back()

    def keep(self, given_up: Mapping[TP, Kept]) -> None:
        """Follow these too, each from where it was read, or written by this worker."""
        self._kept |= given_up
        self.followed = frozenset(self._kept)
        reading.assign(self._consumer, {tp: kept.reached for tp, kept in given_up.items()})

    def written_to(self, tps: Sequence[TP]) -> dict[TP, int]:
        """Return where these changelog partitions end, with what open transactions hold."""
        return self._offsets(tps, OffsetSpec.latest())  # type: ignore[no-untyped-call]

    def keep_up(self) -> None:
        """Read on what is followed, for a moment."""
        self._read()
        now = time.monotonic()
        if now - self._told_at > STANDBY_LAG_EVERY_S:
            self._told_at = now
            metrics.STANDBY_LAG.set(sum(map(self._behind, self._kept)))

    def check_offsets(self, stages: Iterable[Stage]) -> None:
        """Refuse to go on where there are rows, and the group does not know how far their inputs were read.

        To read those from their beginning would tell everything again. A group forgets its offsets
        when it had no member for long (`offsets.retention.minutes`), or when somebody deletes them.

        Raises:
            OffsetsLost: the message names the partitions.

        """
        stages = list(stages)
        self._tell_partitions(stages)
        doubtful = self._without_offsets(self._everything(stages), self._present_offsets)
        ends = self._ends(doubtful) if doubtful else {}
        with_rows: list[Wanted] = []
        self.restore(
            [one for one in doubtful if ends[TP(one.changelog, one.partition)]],
            lambda one, table: with_rows.append(one) if table else None,
        )
        # Asked again: a first checkpoint of another worker may have come in between, both at once.
        lost = self._without_offsets(with_rows, self._stable_offsets) if with_rows else []
        if lost:
            raise OffsetsLost(
                f"the group has no offsets for the inputs of {', '.join(_named(one) for one in lost)}, but "
                "their rows exist: reading from the beginning would report everything again. Restore the "
                "group's offsets (a savepoint holds them), then start again"
            )

    def _tell_partitions(self, stages: Sequence[Stage]) -> None:
        """Show how many partitions there are to read: what all workers together read is compared with it.

        Raises:
            TopicMismatch: stages are chained, and their inputs differ in that number.

        """
        known = self._consumer.list_topics(timeout=ANSWER_WITHIN_S).topics
        self.partitions = counts = {name: len(topic.partitions) for name, topic in known.items()}
        tell_partitions(stages, counts)
        for stage in stages:
            between = {topic: counts.get(topic, 0) for topic in (*stage.head.inputs, *stage.inputs)}
            if stage.behind is not None and len(set(between.values())) > 1:
                said = ", ".join(f"{topic} has {count} partitions" for topic, count in between.items())
                raise TopicMismatch(
                    f"{stage.name} is handed the records of {stage.head.name} partition by partition, and "
                    f"{said}. Make the topics with as many (docs/how-to/backup-and-move.md)"
                )

    def _everything(self, stages: Iterable[Stage]) -> list[Wanted]:
        """Return every changelog partition of `stages`, whoever holds it."""
        wanted = []
        for chain in chains(stages).values():
            # Rows of a chain are saved with the offsets of whatever any of it has read.
            inputs = [topic for stage in chain for topic in stage.inputs]
            for table in [stage.table for stage in chain if stage.table is not None]:
                topic = changelog(self._group, table.name)
                known = self._consumer.list_topics(topic, timeout=ANSWER_WITHIN_S).topics[topic].partitions
                wanted += [
                    Wanted(topic, number, tuple(TP(name, number) for name in inputs), lambda: True, table)
                    for number in sorted(known)
                ]
        return wanted

    def close(self) -> None:
        """Close the warm consumer."""
        self._consumer.close()

    def _read_also(self, specs: Mapping[TP, TableSpec]) -> None:
        """Read these too, from their beginning, unless they are read already."""
        new = [tp for tp in specs if tp not in self._kept]
        self._kept |= {tp: Kept(TablePartition(specs[tp], self._new_rows())) for tp in new}
        if new:
            reading.assign(self._consumer, dict.fromkeys(new, 0))

    def _forget(self, tps: Sequence[TP]) -> None:
        """Read these no more, and drop their rows."""
        for tp in tps:
            del self._kept[tp]
        if tps:
            self._consumer.incremental_unassign([TopicPartition(*tp) for tp in tps])

    def _read(self) -> None:
        """Read on, whatever has come."""
        changes: defaultdict[tuple[str, int], list[Change]] = defaultdict(list)
        records: list[Any] = self._consumer.consume(RESTORED_AT_ONCE, timeout=0.05)
        for record in records:
            error, tp = record.error(), (record.topic(), record.partition())
            if error is None:
                changes[tp].append((record.key(), record.value()))
            elif error.code() in reading.PASSED_OVER:
                continue
            elif error.code() != KafkaError._PARTITION_EOF:
                raise KafkaException(error)
            elif (kept := self._kept.get(TP(*tp))) is not None:
                # The end of what is committed, control records included.
                kept.reached = record.offset()
        for place, own in changes.items():
            self._kept[TP(*place)].table.take(own)
        self.restored += len(records)
        metrics.RESTORED_ROWS.inc(len(records))

    def _behind(self, tp: TP) -> int:
        """Return how many records of `tp` are there and were not read yet, as far as the client knows."""
        _, end = self._consumer.get_watermark_offsets(TopicPartition(*tp), cached=True)
        (position,) = self._consumer.position([TopicPartition(*tp)])
        return max(0, end - max(position.offset, self._kept[tp].reached))

    def _stable_offsets(self, inputs: Sequence[TP]) -> dict[TP, int]:
        """Return the group's offsets, waiting for pending transactions; below zero where it has none.

        A read-committed consumer asks for stable ones. Not by the administrator's client, which dies
        (a segmentation fault) where a coordinator has moved: librdkafka issue 5040.
        """
        return reading.committed(self._consumer, inputs)

    def _present_offsets(self, inputs: Sequence[TP]) -> dict[TP, int]:
        """Return the group's offsets as they are now, below zero where it has none.

        Of many partitions, over which others commit all the time, some always have a pending transaction.
        """
        asking = self._transport.consumer(
            {
                **self._common,
                "group.id": self._group,  # never joined
                "isolation.level": "read_uncommitted",
            }
        )
        try:
            return reading.committed(asking, inputs)
        finally:
            asking.close()

    def _without_offsets(
        self, wanted: Sequence[Wanted], offsets_of: Callable[[Sequence[TP]], dict[TP, int]]
    ) -> list[Wanted]:
        """Return those whose inputs were never read, as far as the group knows."""
        offsets = offsets_of([tp for one in wanted for tp in one.inputs])
        return [one for one in wanted if max(offsets[tp] for tp in one.inputs) < 0]

    def _check_beginnings(self, wanted: Sequence[Wanted]) -> None:
        asked = [TP(one.changelog, one.partition) for one in wanted]
        for tp, beginning in self._offsets(asked, OffsetSpec.earliest()).items():  # type: ignore[no-untyped-call]
            if beginning:
                raise RowsLost(
                    f"{tp.topic}-{tp.partition} begins at offset {beginning}: records were deleted from it, "
                    "so rows are missing, and what was already reported would be reported again. A "
                    "changelog is "
                    "compacted, never cut. Restore a savepoint of its rows and offsets, then start again"
                )

    def _ends(self, wanted: Sequence[Wanted]) -> dict[TP, int]:
        asked = [TP(one.changelog, one.partition) for one in wanted]
        return self._offsets(asked, OffsetSpec.latest())  # type: ignore[no-untyped-call]

    def _offsets(self, asked: Sequence[TP], which: OffsetSpec) -> dict[TP, int]:
        # A new client each time: one that has known a leader goes on asking in its old epoch, and is
        # refused for as long as it lives, once a broker has come back.
        return reading.offsets(
            lambda: self._transport.admin(self._common), asked, which, IsolationLevel.READ_UNCOMMITTED
        )


def _refuse_ahead(known: Mapping[TP, int], ends: Mapping[TP, int]) -> None:
    ahead = sorted(
        f"{tp.topic}-{tp.partition} (read up to {offset}, ends at {ends[tp]})"
        for tp, offset in known.items()
        if offset > ends[tp]
    )
    if ahead:
        raise OffsetsAhead(
            f"the group has read further than topics go: {', '.join(ahead)}. Was a broker restored from an "
            'older copy, or a topic recreated? See docs/how-to/backup-and-move.md, "After a broker was '
            'restored", before anything is started'
        )


def _named(one: Wanted) -> str:
    return f"{one.changelog}-{one.partition}"
