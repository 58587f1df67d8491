"""Notices that a worker has stalled while there is work, and ends it with the reason.

It has its own thread: what hangs may be the event loop that everything else runs on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from eropaf.streams.config import StreamsConfig
from eropaf.streams.errors import begin_guarded, stop_at_once

PROGRESS_CHECKED_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A worker's state at one moment."""

    broker_answers: bool
    """While it does not, nothing can move, and the worker is not to blame."""
    turns: int
    """Polls handed out and waited for since the start: none while the loop that all runs on hangs."""
    waiting: int
    """Records in hand, or on open partitions and not read yet."""
    processed: int
    """Records processed since the start."""
    restoring: int
    """Partitions whose rows are being read back."""
    restored: int
    """Changelog records read back since the start."""
    unsaved: bool
    """Something was done that is not durable yet."""
    saved: int
    """Checkpoints made durable since the start."""
    queue_full: bool
    """The producer's queue takes no more records."""
    queued: int
    """Records that the producer's queue took since the start."""


@dataclass(slots=True)
class _Watch:
    """One thing that must make progress while it has reason to."""

    bound_s: float
    complaint: str
    since: float | None = None
    at: int = 0

    def stalled_s(self, now: float, must_move: bool, at: int) -> float:
        if not must_move or self.since is None or at != self.at:
            self.since, self.at = now if must_move else None, at
            return 0.0
        return now - self.since


class Watchdog:
    """Judges a sequence of observations. Its only clock is the time it is given."""

    def __init__(self, config: StreamsConfig) -> None:
        self._turns = _Watch(config.progress_within_s, "the worker's loop has not come round")
        self._progress = _Watch(config.progress_within_s, "records wait and none was processed")
        self._restore = _Watch(config.restore_moves_within_s, "rows are being read back and none came")
        self._saved = _Watch(config.saved_within_s, "work waits to be saved and no checkpoint was")
        self._queue = _Watch(config.queue_moves_within_s, "the producer's queue is full and took nothing")

    def complaint(self, now: float, seen: Seen) -> str | None:
        """Return why this worker must end, or None; `now` in monotonic seconds."""
        answers = seen.broker_answers
        stalled = (
            (self._progress, answers and seen.waiting > 0, seen.processed),
            (self._restore, answers and seen.restoring > 0, seen.restored),
            (self._saved, answers and seen.unsaved, seen.saved),
            (self._queue, answers and seen.queue_full, seen.queued),
            (self._turns, answers, seen.turns),
        )
        found = None
        for watch, must_move, at in stalled:
            if watch.stalled_s(now, must_move, at) > watch.bound_s and found is None:
                found = f"{watch.complaint} for {watch.bound_s:g} s"
        return found


def watch(config: StreamsConfig, look: Callable[[], Seen]) -> Callable[[], None]:
    """Watch what `look` returns, on its own thread; return a function that ends the watch."""
    ended = threading.Event()

    def run() -> None:
        dog = Watchdog(config)
        while not ended.wait(PROGRESS_CHECKED_EVERY_S):
            complaint = dog.complaint(time.monotonic(), look())
            if complaint is not None:
                stop_at_once(f"{complaint}; started again, it reads on from its last checkpoint")

    begin_guarded("watchdog", run)
    return ended.set
