"""One thread reads the three topics of the board, and hands what it read to the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from eropaf_client import connection
from eropaf_client.errors import TopicMissing
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import CLAIMS, OUTCOMES
from eropaf_client.schemas.wire import Codec
from eropaf_client.subscriber import PrioritySubscriber, Received

WAIT_S = 0.05
READ_AT_ONCE = 2_000


@dataclass(slots=True)
class News:
    """What came since the last time."""

    updates: list[Received] = field(default_factory=list)
    claims: list[tuple[int, int, dict[str, Any]]] = field(default_factory=list)  # partition, offset, value
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    caught_up: bool = False


class Reading:
    """Reads until it is closed; `tell` is called in the event loop.

    Raises:
        BrokerUnreachable, TopicMissing: at the start, within ten seconds.
    """

    def __init__(self, bootstrap: str, registry: Registry, config: Mapping[str, Any]) -> None:
        self._updates = PrioritySubscriber(bootstrap, registry, config)
        self._codecs = {
            CLAIMS: Codec("OutreachClaim", CLAIMS, registry),
            OUTCOMES: Codec("OutreachOutcome", OUTCOMES, registry),
        }
        self._consumer = connection.reader(bootstrap, "board", config)
        places = [
            TopicPartition(topic, partition, 0)
            for topic in self._codecs
            for partition in range(connection.check(self._consumer, bootstrap, topic))
        ]
        self._consumer.assign(places)
        self._next = {(place.topic, place.partition): 0 for place in places}
        self._behind = set(self._next)
        self._stopped = threading.Event()

    def start(self, loop: asyncio.AbstractEventLoop, tell: Callable[[News | Exception], None]) -> None:
        """Begin to read. Where reading cannot go on, the reason is told last."""

        def read() -> None:
            try:
                while not self._stopped.is_set():
                    news = self._read()
                    loop.call_soon_threadsafe(tell, news)
            except Exception as error:  # told, not swallowed: the board ends with it
                if not self._stopped.is_set():
                    loop.call_soon_threadsafe(tell, error)

        self._thread = threading.Thread(target=read, name="reading", daemon=True)
        self._thread.start()

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
                value = self._codecs[topic].decode(message.value())
                if topic == CLAIMS:
                    news.claims.append((partition, message.offset() or 0, value))
                else:
                    news.outcomes.append(value)
            elif error.code() == KafkaError._PARTITION_EOF:
                self._behind.discard((topic, partition))
                self._next[(topic, partition)] = message.offset() or 0
            elif error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
                raise TopicMissing(f"{topic} may not be read: the board connects as `board`, or as `desk`")
            elif error.fatal():
                raise KafkaException(error)
        news.caught_up = self._updates.caught_up and not self._behind
        return news
