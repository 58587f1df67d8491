"""What the group gave is opened once the rows behind it are back, and closed when it is given up."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import Any

from faust.types import TP

from eropaf.streams.config import StreamsConfig
from eropaf.streams.observe import metrics
from eropaf.streams.runtime.lanes import Lanes
from eropaf.streams.runtime.ownership import Ownership, Shard
from eropaf.streams.runtime.stage import TableSpec, changelog
from eropaf.streams.state.restore import Restorer, Wanted
from eropaf.streams.state.rows import Rows
from eropaf.streams.state.table import TablePartition


@dataclass(frozen=True, slots=True)
class _Restored:
    """A shard that may be opened: its rows, and where its inputs are read on."""

    shard: Shard
    epoch: int
    table: TablePartition[Any] | None
    starts: Mapping[TP, int]


class Opening:
    """Reads rows back in a lane of its own; opens and closes when it is told to."""

    def __init__(self, config: StreamsConfig, ownership: Ownership, restorer: Restorer, lanes: Lanes) -> None:
        self.tables: dict[Shard, TablePartition[Any]] = {}
        """The rows behind each open shard that has any."""
        self._group = config.group
        self._ownership = ownership
        self._restorer = restorer
        self._lanes = lanes
        self._restored: SimpleQueue[_Restored] = SimpleQueue()
        self._restoring: list[Future[None]] = []

    def take(self, tps: Iterable[TP]) -> None:
        """Begin to get back the rows behind `tps`, which the group gave us."""
        taken = self._ownership.assign(tps)
        if taken:
            self._restoring.append(self._lanes.submit("restore", self._restore, taken))

    def look(self) -> None:
        """Raise what went wrong in a restore, if anything did."""
        for done in [future for future in self._restoring if future.done()]:
            self._restoring.remove(done)
            done.result()

    def open(self) -> dict[TP, int]:
        """Open what has its rows; return where its inputs are read on."""
        starts: dict[TP, int] = {}
        while not self._restored.empty():
            restored = self._restored.get()
            if self._ownership.open(restored.shard, restored.epoch):
                if restored.table is not None:
                    self.tables[restored.shard] = restored.table
                starts |= {tp: restored.starts[tp] for tp in restored.shard.inputs}
        return starts

    def close(self, tps: Iterable[TP]) -> list[Shard]:
        """Give up `tps`, and drop the rows behind them; return the shards that were open."""
        closed = self._ownership.revoke(tps)
        for shard in closed:
            self.tables.pop(shard, None)
        return closed

    def _restore(self, taken: list[tuple[Shard, int]]) -> None:
        """Read back the rows behind `taken`. Blocking, in the lane."""
        started = time.monotonic()
        starts = self._restorer.starts([tp for shard, _ in taken for tp in shard.inputs])
        wanted: dict[Wanted, tuple[Shard, int, TableSpec]] = {}
        for shard, epoch in taken:
            if (spec := shard.stage.table) is None:
                self._complete(_Restored(shard, epoch, None, starts))
            else:
                still = partial(self._ownership.holds, shard, epoch)
                topic = changelog(self._group, spec.name)
                wanted[Wanted(topic, shard.partition, shard.inputs, still)] = (shard, epoch, spec)

        def complete(one: Wanted, rows: Rows) -> None:
            shard, epoch, spec = wanted[one]
            metrics.RESTORE_SECONDS.observe(time.monotonic() - started)
            self._complete(_Restored(shard, epoch, TablePartition[Any](spec, rows), starts))

        with metrics.PARTITIONS_RESTORING.track_inprogress():
            self._restorer.restore(list(wanted), complete)

    def _complete(self, restored: _Restored) -> None:
        self._restored.put(restored)
        self._lanes.wake()
