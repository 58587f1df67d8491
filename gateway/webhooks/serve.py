"""Every tool with a webhook is told in a thread of its own, until all are told to stop."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from eropaf.gateway.cursors import Cursors
from eropaf.gateway.webhooks import metrics
from eropaf.gateway.webhooks.delivery import HOUSEHOLDS_AT_ONCE, Delivery, send_dead
from eropaf.gateway.webhooks.post import HttpPost
from eropaf.gateway.webhooks.tool import Tool
from eropaf_client.cluster import Cluster
from eropaf_client.inbox import Inbox
from eropaf_client.journal import Journal, Parked
from eropaf_client.records import PriorityUpdate
from eropaf_client.schemas.errors import ClientError
from eropaf_client.schemas.topics import PRIORITIES
from eropaf_client.schemas.wire import Codec
from eropaf_client.source import KafkaSource, Source

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WebhooksConfig:
    """Where updates are read, whom they are told, and where it is kept how far each tool is.

    `source` says of events whose they are (a URN); `origin` is the name of the host that sends. `ca_file`:
    the authorities that may sign a tool's certificate; None: the system's.
    """

    cluster: Cluster
    tools: tuple[Tool, ...]
    source: str
    origin: str
    state_dir: Path
    ca_file: Path | None = None

    def journal(self, tool: Tool) -> Path:
        """Return the file in which it stands how far a tool is."""
        return self.state_dir / f"{tool.name}.journal"


@contextmanager
def told(config: WebhooksConfig) -> Iterator[list[Future[None]]]:
    """Tell every tool while the block runs; each future ends where one cannot go on, and raises why.

    Raises, in a future:
        ClientError: no broker, no topic, or a journal that cannot be used.
    """
    stopped = threading.Event()
    with ThreadPoolExecutor(len(config.tools), thread_name_prefix="webhook") as pool:
        try:
            yield [pool.submit(_deliver, config, each, stopped) for each in config.tools]
        finally:
            stopped.set()


def _deliver(config: WebhooksConfig, tool: Tool, stopped: threading.Event) -> None:
    ended = metrics.ENDED.labels(tool=tool.name)
    ended.set(0)
    try:
        _tell(config, tool, stopped)
    except Exception as error:  # raised again: whoever runs the tools decides what it means for the others
        ended.set(1)
        why = str(error) if isinstance(error, ClientError) else type(error).__name__
        log.error("a tool is no longer told", tool=tool.name, why=why)
        raise


def _tell(config: WebhooksConfig, tool: Tool, stopped: threading.Event) -> None:
    with _opened(config, tool) as (source, journal), ExitStack() as stack:
        inbox = Inbox(source, _decode(config.cluster), journal)
        post = stack.enter_context(closing(HttpPost(tool, config.origin, config.ca_file)))
        pool = stack.enter_context(
            ThreadPoolExecutor(HOUSEHOLDS_AT_ONCE, thread_name_prefix=f"to-{tool.name}")
        )
        unread = metrics.UNREAD.labels(tool=tool.name)
        unread.set_function(lambda: math.nan if (behind := inbox.behind()) is None else behind)
        stack.callback(unread.set_function, lambda: math.nan)  # before what it asks is closed
        log.info("tells a tool by webhook", tool=tool.name)
        Delivery(tool=tool, source=config.source, inbox=inbox, journal=journal, post=post, pool=pool).run(
            stopped.is_set
        )


def dead(config: WebhooksConfig, tool: Tool) -> list[Parked]:
    """Return what a tool did not take in time, each household's in order.

    Raises:
        JournalInUse: it is being told by another process.
    """
    with closing(Journal(config.journal(tool))) as journal:
        return journal.parked()


def replay_dead(config: WebhooksConfig, tool: Tool) -> int:
    """Try once more what a tool did not take in time; return how many it took.

    Raises:
        JournalInUse: it is being told by another process.
    """
    with (
        closing(Journal(config.journal(tool))) as journal,
        closing(HttpPost(tool, config.origin, config.ca_file)) as post,
    ):
        return send_dead(journal, _decode(config.cluster), config.source, post, tool)


def go_back(config: WebhooksConfig, tool: Tool, cursor: str) -> None:
    """Have a tool told again what stands behind a cursor of the feed, with the next start.

    Raises:
        JournalInUse: it is being told by another process.
        Problem: it is not a cursor of this topic.
    """
    with _opened(config, tool) as (source, journal):
        journal.bind(source.identity())
        partitions = source.partitions[PRIORITIES]
        cursors = Cursors(partitions, source.identity().topic[:8])
        journal.go_back(dict(enumerate(cursors.read(cursor))))


@contextmanager
def _opened(config: WebhooksConfig, tool: Tool) -> Iterator[tuple[Source, Journal]]:
    with closing(Journal(config.journal(tool))) as journal:
        source = KafkaSource(config.cluster, [PRIORITIES], f"webhook-{tool.name}")
        with closing(source):
            yield source, journal


def _decode(cluster: Cluster) -> Callable[[bytes], PriorityUpdate]:
    codec = Codec("PriorityUpdate", PRIORITIES, cluster.registry)
    return lambda value: PriorityUpdate.from_record(codec.decode(value))
