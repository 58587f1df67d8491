"""The processing log is told of what was done, until this process is told to stop.

The flow does not wait for it and pays nothing for it: what was done stands in the topics, committed, and is
read from there. While the log is away nothing more is read, and nothing is lost for as long as topics keep
it.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from eropaf.gateway.logboek import metrics
from eropaf.gateway.logboek.activities import topics
from eropaf.gateway.logboek.book import Book
from eropaf.gateway.logboek.lines import Lines, Told
from eropaf.gateway.logboek.post import Answer, Post
from eropaf.gateway.logboek.subjects import Subjects
from eropaf.gateway.webhooks.delivery import pause_s
from eropaf_client.cluster import Cluster
from eropaf_client.source import End, KafkaSource, Run, Source

PURPOSE = "logboek"
ARRIVES_WITHIN_S = 0.5
# Fewer requests in a rush, and no line much later for it. A line has 300 bytes; a collector takes 20 MiB at
# once unless it is told otherwise.
LINES_AT_ONCE = 8_000
GATHERS_FOR_S = 0.2

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LogboekConfig:
    """Where processings are read, and how their log is reached."""

    cluster: Cluster
    creditors: tuple[str, ...]
    address: str
    register: str
    secret: bytes
    state_dir: Path
    token: str | None = None
    ca_file: Path | None = None

    def book(self) -> Path:
        """Return the file in which it stands how far the log was told."""
        return self.state_dir / "logboek.ledger"


def tell(config: LogboekConfig, stopped: threading.Event) -> None:
    """Tell the log until `stopped` is set.

    Raises:
        ClientError: no broker, no topic, or a book that cannot be used.
    """
    with ExitStack() as stack:
        book = stack.enter_context(closing(Book(config.book())))
        post = stack.enter_context(closing(Post(config.address, config.token, config.ca_file)))
        source = stack.enter_context(closing(KafkaSource(config.cluster, topics(config.creditors), PURPOSE)))
        book.bind(source.identity())
        telling = Telling(source, Lines(config.register, Subjects(config.secret)), post, book)
        metrics.UNTOLD.set_function(telling.untold)
        stack.callback(metrics.UNTOLD.set_function, lambda: math.nan)  # before what it asks is closed
        log.info("tells the processing log")
        telling.run(stopped)


class Arriving(Source, Protocol):
    """A source whose records come by partition, too."""

    def runs(self, wait_s: float) -> Sequence[Run | End]:
        """Return what has arrived; wait and raise as `poll` does."""


class Telling:
    """Used by one thread."""

    def __init__(self, source: Arriving, lines: Lines, post: Post, book: Book) -> None:
        self._source, self._lines, self._post, self._book = source, lines, post, book
        self._in_hand = 0
        source.start(book.positions())

    def untold(self) -> float:
        """Return how many records the log was not told of yet; not a number where no broker answers."""
        behind = self._source.behind()
        return math.nan if behind is None else behind + self._in_hand

    def run(self, stopped: threading.Event) -> None:
        """Go on until `stopped` is set."""
        while not stopped.is_set():
            self.step(stopped)

    def step(self, stopped: threading.Event) -> None:
        """Read what is there, have the log confirm it, and only then note that it was told."""
        told = self._arrived()
        if told.lines and not self._confirmed(self._lines.request(told.lines), stopped):
            return
        if told.reached:
            self._book.move(told.reached)
        self._in_hand = 0
        metrics.OLDEST.set(0)
        for activity, count in told.counts.items():
            metrics.LINES.labels(activity=activity.code).inc(count)

    def _arrived(self) -> Told:
        """Return the lines of what has arrived; of a rush many at once, as one request costs what it costs.

        They are made of each part as it comes: records that are kept for long cost more than their lines.
        """
        told = Told([], Counter(), {})
        wait_s = ARRIVES_WITHIN_S
        while self._in_hand < LINES_AT_ONCE:
            arrived = [each for each in self._source.runs(wait_s) if not isinstance(each, End)]
            if not arrived:
                break
            if not self._in_hand:
                metrics.OLDEST.set(arrived[0].records[0].timestamp()[1] / 1000)
            for run in arrived:
                self._in_hand += len(run.records)
                self._lines.add(told, run)
            wait_s = GATHERS_FOR_S
        return told

    def _confirmed(self, body: bytes, stopped: threading.Event) -> bool:
        """Post until the log confirms it, seldomer each time; return False where this is to stop first."""
        tries = 0
        while not (answer := self._post(body)).confirmed:
            tries += 1
            metrics.TRIES.labels(result="away").inc()
            log.warning("the processing log does not confirm", why=answer.why, tries=tries)
            if stopped.wait(pause_s(tries)):
                return False
        metrics.TRIES.labels(result="told").inc()
        _count_refused(answer)
        return True


def _count_refused(answer: Answer) -> None:
    if answer.refused:
        metrics.REFUSED.inc(answer.refused)
        log.error("the processing log refused lines", lines=answer.refused)
