"""Of each stage one checkpoint at a time on its way to the broker, while its next is being filled.

A stage has a transaction of its own, together with those chained behind it: what it read, wrote and keeps is
nobody else's, and any other stage reads what is durable. A broker answers the requests of a connection one by
one (ADR 33), and two stages have two.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from typing import Any, Protocol

import structlog

from eropaf.streams.config import StreamsConfig
from eropaf.streams.errors import CheckpointAborted, InvariantBroken, StreamsError
from eropaf.streams.observe import metrics
from eropaf.streams.runtime.checkpoint import Checkpoint
from eropaf.streams.runtime.lanes import Lanes
from eropaf.streams.runtime.stage import Stage, changelog
from eropaf.streams.state.table import TablePartition

log = structlog.get_logger(__name__)

# A checkpoint that the broker aborts this often in a row is not going to be saved.
CHECKPOINT_ATTEMPTS = 5
# Fresh metadata comes with each poll: five times the longest one.
METADATA_WITHIN_S = 0.5
# A checkpoint that keeps the next one waiting for longer than this is slow: its stage is no longer read.
SLOW_AFTER_S = 0.1


class Writer(Protocol):
    """What makes a checkpoint durable, blocking; see `TransactionWriter`."""

    queue_full: bool
    queued: int

    def open(self) -> None: ...  # noqa: D102
    def write(self, checkpoint: Checkpoint, group_metadata: Any) -> None: ...  # noqa: D102


class Saving:
    """Saves the checkpoints of a chain of stages in the order in which they begin, in a lane of its own.

    Every method returns at once. `look` says what came of what is under way.
    """

    def __init__(self, config: StreamsConfig, stages: Sequence[Stage], writer: Writer, lanes: Lanes) -> None:
        self.stages = tuple(stages)
        self.name = self.stages[0].name
        """Of the first stage, as which the whole is saved."""
        self.writer = writer
        self.next = Checkpoint()
        """The one that is being filled."""
        self.saved = 0
        """Checkpoints saved so far."""
        self.began_at = 0.0
        """When the last one began (monotonic)."""
        self._lanes = lanes
        self._group = config.group
        self._interval_s = config.checkpoint_interval_s
        self._within_s = config.transaction_timeout_s
        self._checkpoint: Checkpoint | None = None  # under way
        self._attempt = 0
        self._attempted_at = 0.0
        self._written: Future[None] | None = None  # of this attempt; None: it waits for metadata
        self._metadata: Any = None
        self._durable_at = 0.0

    @property
    def under_way(self) -> bool:
        """Whether one is on its way."""
        return self._checkpoint is not None

    @property
    def unsaved(self) -> bool:
        """Whether anything is not durable yet."""
        return self.under_way or bool(self.next.offsets)

    @property
    def waits_for_metadata(self) -> bool:
        """Whether one was aborted, and is written again as soon as the group's metadata was taken again."""
        return self.under_way and self._written is None

    def durable_at(self) -> float:
        """Return when all was durable last, seconds since 1970: now, where nothing is unsaved."""
        if not self.unsaved:
            self._durable_at = time.time()
        return self._durable_at

    def due_at(self) -> float:
        """Return when the next one is to begin, where many events share one (monotonic)."""
        return self.began_at + self._interval_s

    def blocked(self, now: float) -> bool:
        """Return whether the next one is due, and cannot begin: nothing more joins it meanwhile."""
        return self.under_way and bool(self.next.offsets) and now >= self.due_at()

    def slow(self, now: float) -> bool:
        """Return whether it has been blocked for so long that its stage is not to be read for now."""
        return self.blocked(now) and now >= self.due_at() + SLOW_AFTER_S

    def open(self) -> Future[None]:
        """Introduce this worker to the broker; the future says when that is done."""
        return self._lanes.submit(self._lane, self.writer.open)

    def renew(self, metadata: Any) -> None:
        """Take the group's metadata again: under another member or generation nothing is saved."""
        self._metadata = metadata
        if self.waits_for_metadata:
            self._write()

    def begin(self, tables: Iterable[tuple[str, int, TablePartition[Any]]]) -> None:
        """Save what is done, with the rows of the `tables`, each with its name and its partition's number.

        Taken in one step, when no batch of the stages is in hand and none is under way.
        """
        if self.under_way:
            raise InvariantBroken(f"two checkpoints of {self.name} at once: please report it")
        checkpoint, self.next = self.next, Checkpoint()
        for name, partition, table in tables:
            checkpoint.take_rows(changelog(self._group, name), partition, table.rest())
        self._checkpoint, self._attempt = checkpoint, 0
        self.began_at = time.monotonic()
        self._write()

    def look(self, now: float) -> None:
        """Take in what came of the one under way.

        Raises:
            StreamsError: it cannot be saved, or the broker must have given it up by now.

        """
        if self._checkpoint is None:
            return
        if self._written is None:
            # In a rebalance metadata cannot be taken; then what we have is the right one.
            if now - self._attempted_at >= METADATA_WITHIN_S:
                log.info("group metadata unchanged")
                self._write()
        elif self._written.done():
            self._take_answer(self._checkpoint, self._written, now)
        elif now - self._attempted_at >= self._within_s:
            # The client's own time-out does not hold: it can wait for ever for a group coordinator whose
            # connection was reset (librdkafka issues 5456 and 5511).
            raise StreamsError(
                f"a checkpoint was not saved within {self._within_s:g} s, "
                "and the broker has aborted it by now"
            )

    @property
    def _lane(self) -> str:
        return f"save {self.name}"

    def _write(self) -> None:
        self._attempt += 1
        self._attempted_at = time.monotonic()
        self._written = self._lanes.submit(self._lane, self.writer.write, self._checkpoint, self._metadata)

    def _take_answer(self, checkpoint: Checkpoint, written: Future[None], now: float) -> None:
        # Not raised here: it would lead to this frame, which by `written` leads back to it, and to the client
        # and the records that were to be written. A worker hardly ever looks for garbage in a circle.
        error = written.exception()
        if isinstance(error, CheckpointAborted):
            metrics.CHECKPOINTS.labels(result="aborted").inc()
            log.warning("checkpoint aborted", attempt=self._attempt, error=str(error))
            if self._attempt == CHECKPOINT_ATTEMPTS:
                raise StreamsError(
                    f"a checkpoint was aborted {CHECKPOINT_ATTEMPTS} times in a row; see the lines above"
                )
            self._written, self._attempted_at = None, now
        elif error is not None:
            raise error
        else:
            self._checkpoint = self._written = None
            self._tell_saved(checkpoint)

    def _tell_saved(self, checkpoint: Checkpoint) -> None:
        self.saved += 1
        self._durable_at = time.time()
        metrics.CHECKPOINTS.labels(result="saved").inc()
        metrics.CHECKPOINT_SECONDS.observe(time.monotonic() - self.began_at)
        for topic, count in Counter(record.topic for record in checkpoint.outputs).items():
            metrics.RECORDS_OUT.labels(topic=topic).inc(count)
        for span in checkpoint.spans:
            span.end()
