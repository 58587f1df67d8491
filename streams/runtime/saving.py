"""Of each stage one checkpoint at a time on its way to the broker, while its next is being filled.

A stage has a transaction of its own: what it read, wrote and keeps is nobody else's, and the next stage
reads what is durable. A broker answers the requests of a connection one by one (ADR 33), and two
stages have two.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog

from eropaf.streams.config import StreamsConfig
from eropaf.streams.errors import CheckpointAborted, StreamsError, guarded
from eropaf.streams.observe import metrics
from eropaf.streams.runtime.checkpoint import Checkpoint, TransactionWriter
from eropaf.streams.runtime.stage import Stage, changelog
from eropaf.streams.state.table import TablePartition

log = structlog.get_logger(__name__)

# A checkpoint that the broker aborts this often in a row is not going to be saved.
ATTEMPTS = 5
# For metadata taken between two polls, of which each waits for a fifth of it at most.
METADATA_WITHIN_S = 0.5


class Saving:
    """Saves the checkpoints of a stage in the order in which they begin, on a thread of its own."""

    def __init__(self, config: StreamsConfig, stage: Stage) -> None:
        self.stage = stage
        self.next = Checkpoint()
        """The one that is being filled."""
        self.began_at = 0.0
        """When the last one began (monotonic)."""
        self.saved = 0
        """Checkpoints saved so far."""
        self.writer = TransactionWriter(config, stage.name)
        self._group = config.group
        self._within_s = config.transaction_timeout_s
        self._thread = ThreadPoolExecutor(1, f"save {stage.name}")
        self._under_way: asyncio.Task[None] | None = None
        self._durable_at = 0.0
        self._metadata: Any = None
        self._fresh_metadata = asyncio.Event()

    @property
    def under_way(self) -> bool:
        """Whether one is on its way."""
        return self._under_way is not None and not self._under_way.done()

    @property
    def unsaved(self) -> bool:
        """Whether anything is not durable yet."""
        return bool(self.next.offsets) or self.under_way

    def durable_at(self) -> float:
        """Give when all was durable last, seconds since 1970: now, where nothing is unsaved."""
        if not self.unsaved:
            self._durable_at = time.time()
        return self._durable_at

    async def open(self) -> None:
        """Introduce this worker to the broker."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self.writer.open)

    def renew(self, metadata: Any) -> None:
        """Take the group's metadata anew: under another member or generation nothing is saved."""
        self._metadata = metadata
        self._fresh_metadata.set()

    def begin(self, tables: Iterable[tuple[int, TablePartition[Any]]]) -> None:
        """Save what is done, with the rows of the stage's `tables`, each with its partition's number.

        Taken in one step, when no batch of the stage is in hand and none is under way. Where it
        cannot be saved, the process ends.
        """
        self.began_at = time.monotonic()
        checkpoint, self.next = self.next, Checkpoint()
        if self.stage.table is not None:
            topic = changelog(self._group, self.stage.table.name)
            for partition, table in tables:
                checkpoint.take_rows(topic, partition, table.rest())
        self._under_way = asyncio.ensure_future(guarded(self._save(checkpoint)))

    async def done(self) -> None:
        """Return when none is under way."""
        if self._under_way is not None:
            await self._under_way
            self._under_way = None

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(wait=False)

    async def _save(self, checkpoint: Checkpoint) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self._written(checkpoint)
            except CheckpointAborted as error:
                metrics.CHECKPOINTS.labels(result="aborted").inc()
                log.warning("checkpoint aborted", attempt=attempt, error=str(error))
                await self._wait_for_metadata()
            else:
                self._tell_saved(checkpoint)
                return
        raise StreamsError(f"a checkpoint was aborted {ATTEMPTS} times in a row; see the lines above")

    async def _written(self, checkpoint: Checkpoint) -> None:
        """Return when `checkpoint` is durable; end where the broker must have given it up by now.

        The client's own time-out does not hold: it can wait for ever for a group coordinator whose
        connection was reset (librdkafka issues 5456 and 5511).
        """
        loop = asyncio.get_running_loop()
        write = loop.run_in_executor(self._thread, self.writer.write, checkpoint, self._metadata)
        try:
            await asyncio.wait_for(write, self._within_s)
        except TimeoutError:
            raise StreamsError(
                f"a checkpoint was not saved within {self._within_s:g} s, "
                "and the broker has aborted it by now"
            ) from None

    async def _wait_for_metadata(self) -> None:
        """Wait until the group's metadata was taken anew, or for as long as a poll may take.

        In a rebalance it cannot be taken; then what we have is the right one.
        """
        self._fresh_metadata.clear()
        try:
            await asyncio.wait_for(self._fresh_metadata.wait(), METADATA_WITHIN_S)
        except TimeoutError:
            log.info("group metadata unchanged")

    def _tell_saved(self, checkpoint: Checkpoint) -> None:
        self.saved += 1
        self._durable_at = time.time()
        metrics.CHECKPOINTS.labels(result="saved").inc()
        metrics.CHECKPOINT_SECONDS.observe(time.monotonic() - self.began_at)
        for topic, count in Counter(record.topic for record in checkpoint.outputs).items():
            metrics.RECORDS_OUT.labels(topic=topic).inc(count)
        for span in checkpoint.spans:
            span.end()
