"""Accepted help is handed on until this process is told to stop."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog

from eropaf.gateway.callers import Caller
from eropaf.gateway.cases import metrics
from eropaf.gateway.cases.accepted import acceptances_reader
from eropaf.gateway.cases.book import FILE, Book
from eropaf.gateway.cases.delivery import EVER, Delivery, Taker
from eropaf.gateway.cases.hook import Hook
from eropaf.gateway.cases.zaken import Zaken, ZakenAccess
from eropaf.gateway.webhooks.post import HttpPost
from eropaf.gateway.webhooks.tool import Tool
from eropaf_client.cluster import Cluster
from eropaf_client.schemas.topics import OUTCOMES, PRIORITIES
from eropaf_client.source import KafkaSource

PURPOSE = "cases"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class HookAccess:
    """Where accepted help is told by webhook, what signs, and in whose name (a URN, a host's name)."""

    address: str
    secret: bytes = field(repr=False)
    source: str
    origin: str
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class CasesConfig:
    """Where acceptances are read, since when, to whom they go, and where it is kept what became of them."""

    cluster: Cluster
    to: ZakenAccess | HookAccess
    state_dir: Path
    since: datetime = EVER

    def book(self) -> Path:
        """Return the file in which it stands."""
        return self.state_dir / FILE


def hand_on(config: CasesConfig, stopped: Callable[[], bool]) -> None:
    """Hand on what households accept until `stopped()` turns true.

    Raises:
        ClientError: no broker, no topic, or a book that cannot be used.
    """
    with ExitStack() as stack:
        book = stack.enter_context(closing(Book(config.book())))
        taker = stack.enter_context(_taker(config.to))
        source = KafkaSource(config.cluster, [OUTCOMES, PRIORITIES], PURPOSE)
        reader = stack.enter_context(closing(acceptances_reader(source, config.cluster.registry)))
        metrics.UNREAD.set_function(lambda: math.nan if (left := source.behind()) is None else left)
        stack.callback(metrics.UNREAD.set_function, lambda: math.nan)  # before what it asks is closed
        log.info("hands accepted help on")
        Delivery(reader, book, taker, since=config.since).run(stopped)


@contextmanager
def _taker(to: ZakenAccess | HookAccess) -> Iterator[Taker]:
    if isinstance(to, ZakenAccess):
        yield Zaken(to)
        return
    tool = Tool(Caller(outreach=PURPOSE, areas=("*",), webhook=to.address), to.address, (to.secret,))
    with closing(HttpPost(tool, to.origin, to.ca_file)) as post:
        yield Hook(post, to.source)
