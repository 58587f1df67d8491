"""One thread reads the three topics of the board, and hands what it read to the event loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from eropaf.board.records import Claim, outcome
from eropaf.serving.pulse import Pulse
from eropaf_client.cluster import Cluster
from eropaf_client.errors import NotPermitted
from eropaf_client.inbox import Received
from eropaf_client.outcomes import OutreachOutcome
from eropaf_client.schemas.aside import Asides, SetAside
from eropaf_client.schemas.errors import RegistryUnavailable
from eropaf_client.schemas.topics import CLAIMS, OUTCOMES
from eropaf_client.schemas.wire import Codec
from eropaf_client.source import KafkaSource
from eropaf_client.subscriber import PrioritySubscriber
from eropaf_client.topic_reader import TopicReader

NEWS_WAIT_S = 0.05
REST_WAIT_S = 0.01
REGISTRY_EVERY_S = 1.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class News:
    """What came since the last time."""

    updates: list[Received] = field(default_factory=list)
    claims: list[tuple[int, int, Claim | None]] = field(default_factory=list)  # partition, offset, value
    outcomes: list[tuple[int, OutreachOutcome]] = field(default_factory=list)  # stored at (ms), value
    caught_up: bool = False


class Reading:
    """Reads until it is closed; `tell` is called in the event loop.

    Raises:
        BrokerUnreachable, TopicMissing: at the start, within ten seconds.
    """

    def __init__(self, cluster: Cluster) -> None:
        claims: Codec[dict[str, Any]] = Codec("OutreachClaim", CLAIMS, cluster.registry)
        outcomes: Codec[dict[str, Any]] = Codec("OutreachOutcome", OUTCOMES, cluster.registry)
        self._updates = PrioritySubscriber(cluster)
        self._rest = TopicReader(
            KafkaSource(cluster, [CLAIMS, OUTCOMES], "board"),
            {
                CLAIMS: lambda data: Claim.from_record(claims.decode(data)),
                OUTCOMES: lambda data: outcome(outcomes.decode(data)),
            },
            _tell,
        )
        self._stopped = threading.Event()
        self._pulse = Pulse(time.monotonic(), time.monotonic())

    def start(self, loop: asyncio.AbstractEventLoop, tell: Callable[[News | Exception], None]) -> None:
        """Begin to read. Where reading cannot go on, the reason is told last."""

        def read() -> None:
            try:
                while not self._stopped.is_set():
                    news = self._read()
                    moved = bool(news.updates or news.claims or news.outcomes)
                    self._pulse.beat(time.monotonic(), moved=moved, caught_up=news.caught_up)
                    loop.call_soon_threadsafe(tell, news)
            except Exception as error:  # told, not swallowed: the board ends with it
                if not self._stopped.is_set():
                    loop.call_soon_threadsafe(tell, error)

        self._thread = threading.Thread(target=read, name="reading", daemon=True)
        self._thread.start()

    @property
    def stuck(self) -> str | None:
        """Return why a new start would help; None where all is well, or a broker is merely away."""
        return self._pulse.stuck(time.monotonic(), alive=self._thread.is_alive())

    @property
    def asides(self) -> Asides:
        """What could not be used of claims, outcomes and updates."""
        return self._rest.asides.beside(self._updates.asides)

    def behind(self) -> int | None:
        """Return how many records are stored and not read yet; None where no broker answers."""
        updates, rest = self._updates.behind(), self._rest.behind()
        return None if updates is None or rest is None else updates + rest

    def close(self) -> None:
        """Stop reading."""
        self._stopped.set()
        self._thread.join()
        self._updates.close()
        self._rest.close()

    def _read(self) -> News:
        news = News()
        try:
            news.updates = self._updates.poll(NEWS_WAIT_S)
            for read in self._rest.poll(REST_WAIT_S):
                if read.topic == CLAIMS:  # one that is set aside too: somebody may wait for its place
                    news.claims.append((read.partition, read.offset, read.value))
                elif read.value is not None:
                    news.outcomes.append((read.stored_at_ms, read.value))
        except RegistryUnavailable as error:  # waited for: nothing is skipped for it
            log.warning("the board waits for the registry", error=str(error))
            self._stopped.wait(REGISTRY_EVERY_S)
        except NotPermitted as error:
            raise NotPermitted(f"{error}. The board connects as `board`, or as `desk`") from None
        news.caught_up = self._updates.caught_up and self._rest.caught_up
        return news


def _tell(aside: SetAside) -> None:
    log.warning(
        "set aside",
        topic=aside.topic,
        partition=aside.partition,
        offset=aside.offset,
        reason=aside.reason,
    )
