"""What the group gave is opened once the rows behind it are back, and closed when it is given up."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import Any

import structlog

from eropaf.streams.config import StreamsConfig
from eropaf.streams.observe import metrics
from eropaf.streams.runtime.lanes import Lanes
from eropaf.streams.runtime.loss import Loss
from eropaf.streams.runtime.ownership import Ownership, Shard
from eropaf.streams.runtime.stage import Stage, changelog
from eropaf.streams.runtime.standby import Peer, Standby
from eropaf.streams.state.restore import Begins, Restorer, Wanted
from eropaf.streams.state.table import TablePartition
from eropaf.streams.topic_partition import TP

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Restored:
    """A shard that may be opened, with its rows; or one that may not, as records of it are lost."""

    shard: Shard
    term: int
    tables: Mapping[str, TablePartition[Any]]
    begins: Begins

    def lost(self) -> list[Loss]:
        """Return what of it was deleted before it was read."""
        return [self.begins.lost[tp] for tp in self.shard.inputs if tp in self.begins.lost]


@dataclass(frozen=True, slots=True)
class Opened:
    """Inputs that were opened: where they are read on, and what the group had noted of them."""

    starts: dict[TP, int]
    known: dict[TP, int]
    ends: dict[TP, int]
    """Where they ended when their rows were asked for, with what open transactions hold."""


class Opening:
    """Reads rows back in a lane of its own; opens and closes when it is told to."""

    def __init__(
        self,
        config: StreamsConfig,
        stages: Iterable[Stage],
        ownership: Ownership,
        restorer: Restorer,
        lanes: Lanes,
    ) -> None:
        self.tables: dict[Shard, Mapping[str, TablePartition[Any]]] = {}
        """The rows behind each open shard, by the name of their table."""
        self._group = config.group
        self._ownership = ownership
        self._restorer = restorer
        self._lanes = lanes
        self._standby = Standby(config, stages, ownership, restorer, lanes)
        self._restored: SimpleQueue[_Restored] = SimpleQueue()
        self._restoring: list[Future[None]] = []
        self.lost: dict[Shard, list[Loss]] = {}
        """What was lost of each shard that is not opened until somebody accepts it."""

    def take(self, tps: Iterable[TP]) -> None:
        """Begin to get back the rows behind `tps`, which the group gave us."""
        taken = self._ownership.assign(tps)
        if taken:
            self._restoring.append(self._lanes.submit("restore", self._restore, taken))

    def look(self, now: float, peers: Sequence[Peer]) -> None:
        """Keep rows ready as `peers` ask for it; raise what went wrong in a restore, if anything did."""
        self._standby.look(now, peers)
        for done in [future for future in self._restoring if future.done()]:
            self._restoring.remove(done)
            done.result()

    def open(self) -> Opened:
        """Open what has its rows and lacks no record."""
        opened = Opened({}, {}, {})
        while not self._restored.empty():
            restored = self._restored.get()
            shard, begins = restored.shard, restored.begins
            if restored.lost():
                self._stand_still(restored)
            elif self._ownership.open(shard, restored.term):
                self.tables[shard] = restored.tables
                opened.starts.update((tp, begins.starts[tp]) for tp in shard.inputs)
                opened.known.update((tp, begins.known[tp]) for tp in shard.inputs)
                opened.ends.update((tp, begins.ends[tp]) for tp in shard.inputs)
        return opened

    def close(self, now: float, tps: Iterable[TP]) -> list[Shard]:
        """Give up `tps`, of which all is saved; return the shards that were open."""
        closed = self._ownership.revoke(tps)
        self._standby.keep(now, {shard: self.tables.pop(shard, {}) for shard in closed})
        for shard in [each for each in self.lost if not self._ownership.taken(each)]:
            del self.lost[shard]
        return closed

    def _restore(self, taken: list[tuple[Shard, int]]) -> None:
        """Read back the rows behind `taken`. Blocking, in the lane."""
        started = time.monotonic()
        begins = self._restorer.begins([tp for shard, _ in taken for tp in shard.inputs])
        wanted: dict[Wanted, tuple[Shard, int]] = {}
        tables: dict[Shard, dict[str, TablePartition[Any]]] = {}
        for shard, term in taken:
            specs = [stage.table for stage in self._ownership.chain(shard) if stage.table is not None]
            if not specs or not begins.lost.keys().isdisjoint(shard.inputs):
                self._complete(_Restored(shard, term, {}, begins))
                continue
            still_wanted = partial(self._ownership.holds, shard, term)
            tables[shard] = {}
            for spec in specs:
                topic = changelog(self._group, spec.name)
                wanted[Wanted(topic, shard.partition, shard.inputs, still_wanted, spec)] = (shard, term)

        def complete(one: Wanted, table: TablePartition[Any]) -> None:
            shard, term = wanted.pop(one)
            tables[shard][one.spec.name] = table
            if all(shard is not waits for waits, _ in wanted.values()):
                metrics.RESTORE_SECONDS.observe(time.monotonic() - started)
                self._complete(_Restored(shard, term, tables[shard], begins))

        with metrics.PARTITIONS_RESTORING.track_inprogress():
            self._restorer.restore(list(wanted), complete)

    def _stand_still(self, restored: _Restored) -> None:
        """Leave a shard closed of which records are lost: the others go on."""
        if not self._ownership.holds(restored.shard, restored.term):
            return
        self.lost[restored.shard] = restored.lost()
        for loss in self.lost[restored.shard]:
            log.error(
                "records were deleted before they were read: this partition stands still until somebody "
                "accepts that (docs/runbooks/EropafRecordsLost.md)",
                lost=str(loss),
                offsets=loss.offsets,
            )

    def _complete(self, restored: _Restored) -> None:
        self._restored.put(restored)
        self._lanes.wake()
