"""One thread reads the three topics of the board, and hands what it read to the event loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from eropaf.board.records import Claim, outcome
from eropaf_client import connection
from eropaf_client.errors import TopicMissing
from eropaf_client.inbox import Received
from eropaf_client.outcomes import OutreachOutcome
from eropaf_client.schemas.aside import Asides, SetAside
from eropaf_client.schemas.errors import RegistryUnavailable
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import CLAIMS, OUTCOMES
from eropaf_client.schemas.wire import Codec
from eropaf_client.subscriber import PrioritySubscriber

WAIT_S = 0.05
READ_AT_ONCE = 2_000
REGISTRY_EVERY_S = 1.0
# A reader that did not end one round within this time will not.
STUCK_AFTER_S = 60.0
# A start that reads nothing more for so long, and has not read all, is one that never ends.
NEVER_READY_AFTER_S = 120.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class News:
    """What came since the last time."""

    updates: list[Received] = field(default_factory=list)
    claims: list[tuple[int, int, Claim | None]] = field(default_factory=list)  # partition, offset, value
    outcomes: list[OutreachOutcome] = field(default_factory=list)
    caught_up: bool = False


class Reading:
    """Reads until it is closed; `tell` is called in the event loop.

    Raises:
        BrokerUnreachable, TopicMissing: at the start, within ten seconds.
    """

    def __init__(self, bootstrap: str, registry: Registry, config: Mapping[str, Any]) -> None:
        self._updates = PrioritySubscriber(bootstrap, registry, config)
        claims: Codec[dict[str, Any]] = Codec("OutreachClaim", CLAIMS, registry)
        outcomes: Codec[dict[str, Any]] = Codec("OutreachOutcome", OUTCOMES, registry)
        self.asides = Asides(_tell)
        self._readers: dict[str, Callable[[bytes | None], Claim | OutreachOutcome]] = {
            CLAIMS: lambda data: Claim.from_record(claims.decode(data)),
            OUTCOMES: lambda data: outcome(outcomes.decode(data)),
        }
        self._consumer = connection.reader(bootstrap, "board", config)
        places = [
            TopicPartition(topic, partition, 0)
            for topic in self._readers
            for partition in range(connection.check(self._consumer, bootstrap, topic))
        ]
        self._consumer.assign(places)
        self._next = {(place.topic, place.partition): 0 for place in places}
        self._behind = set(self._next)
        self._stopped = threading.Event()
        self._turned_at = self._moved_at = time.monotonic()
        self._ever_caught_up = False

    def start(self, loop: asyncio.AbstractEventLoop, tell: Callable[[News | Exception], None]) -> None:
        """Begin to read. Where reading cannot go on, the reason is told last."""

        def read() -> None:
            try:
                while not self._stopped.is_set():
                    news = self._read()
                    self._turned_at = time.monotonic()
                    loop.call_soon_threadsafe(tell, news)
            except Exception as error:  # told, not swallowed: the board ends with it
                if not self._stopped.is_set():
                    loop.call_soon_threadsafe(tell, error)

        self._thread = threading.Thread(target=read, name="reading", daemon=True)
        self._thread.start()

    @property
    def stuck(self) -> str | None:
        """Say why a new start would help; None where all is well, or a broker is merely away."""
        now = time.monotonic()
        if not self._thread.is_alive():
            return "the reader ended"
        if now - self._turned_at > STUCK_AFTER_S:
            return "the reader hangs"
        if now - self._moved_at > NEVER_READY_AFTER_S and not self._ever_caught_up:
            return "never ready"
        return None

    def behind(self) -> int | None:
        """Give how many records are stored and not read yet; None where no broker answers."""
        updates, rest = self._updates.behind(), connection.behind(self._consumer, dict(self._next))
        return None if updates is None or rest is None else updates + rest

    def close(self) -> None:
        """Stop reading."""
        self._stopped.set()
        self._thread.join()
        self._updates.__exit__()
        self._consumer.close()

    def _read(self) -> News:
        news = News(updates=self._updates.poll(WAIT_S))
        for message in self._consumer.consume(READ_AT_ONCE, timeout=0.01):
            error, topic, partition = message.error(), message.topic() or "", message.partition() or 0
            if error is None:
                self._next[(topic, partition)] = (message.offset() or 0) + 1
                value = self._usable(message)
                if topic == CLAIMS:  # one that is set aside too: somebody may wait for its place
                    news.claims.append(
                        (partition, message.offset() or 0, value if isinstance(value, Claim) else None)
                    )
                elif isinstance(value, OutreachOutcome):
                    news.outcomes.append(value)
            elif error.code() == KafkaError._PARTITION_EOF:
                self._behind.discard((topic, partition))
                self._next[(topic, partition)] = message.offset() or 0
            elif error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
                raise TopicMissing(f"{topic} may not be read: the board connects as `board`, or as `desk`")
            elif error.fatal():
                raise KafkaException(error)
        news.caught_up = self._updates.caught_up and not self._behind
        self._ever_caught_up |= news.caught_up
        if news.updates or news.claims or news.outcomes:
            self._moved_at = time.monotonic()
        return news

    def _usable(self, message: Any) -> Claim | OutreachOutcome | None:
        """Return what a message says. A registry that is away is waited for: nothing is skipped for it."""
        while not self._stopped.is_set():
            try:
                return self.asides.usable(message, self._readers[message.topic() or ""])
            except RegistryUnavailable as error:
                log.warning("the board waits for the registry", error=str(error))
                self._stopped.wait(REGISTRY_EVERY_S)
        return None


def _tell(aside: SetAside) -> None:
    log.warning(
        "set aside",
        topic=aside.topic,
        partition=aside.partition,
        offset=aside.offset,
        reason=aside.reason,
    )
