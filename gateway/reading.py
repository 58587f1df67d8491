"""One thread reads the topics of the gateway, and hands what it read to the event loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from eropaf.gateway.feed import Heard
from eropaf.gateway.state import News, stored, told
from eropaf.serving.pulse import Pulse
from eropaf_client.errors import NotPermitted
from eropaf_client.records import PriorityUpdate
from eropaf_client.schemas.aside import Asides, SetAside
from eropaf_client.schemas.errors import RegistryUnavailable
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import PRIORITIES, arrears, feedback
from eropaf_client.schemas.wire import Codec
from eropaf_client.source import Source
from eropaf_client.topic_reader import Decode, Read, TopicReader

READS_WAIT_S = 0.05
ASKS_REGISTRY_EVERY_S = 1.0

log = structlog.get_logger(__name__)


def decoders(creditors: Sequence[str], registry: Registry) -> Mapping[str, Decode]:
    """Return how each topic of the creditors is read."""
    found: dict[str, Decode] = {}
    for creditor in creditors:
        signals = Codec("ArrearsSignal", arrears(creditor), registry)
        answers = Codec("CreditorFeedback", feedback(creditor), registry)
        found[arrears(creditor)] = _reader(signals, stored)
        found[feedback(creditor)] = _reader(answers, told)
    return found


def _reader(codec: Codec[dict[str, Any]], make: Callable[[dict[str, Any]], Any]) -> Decode:
    return lambda data: make(codec.decode(data))


def signals_reader(source: Source, creditors: Sequence[str], registry: Registry) -> TopicReader:
    """Return the reader of what creditors said, and of what they were answered."""
    return TopicReader(source, decoders(creditors, registry), _tell)


def updates_reader(source: Source, registry: Registry) -> TopicReader:
    """Return the reader of what outreach is told, in the order of the topic: a cursor counts by that."""
    codec = Codec("PriorityUpdate", PRIORITIES, registry)

    def heard(value: bytes | None) -> Heard:
        return Heard(None if value is None else PriorityUpdate.from_record(codec.decode(value)))

    return TopicReader(source, {PRIORITIES: heard}, _tell)


class Reading:
    """Reads until it is closed; `tell` is called in the event loop."""

    def __init__(self, readers: Sequence[TopicReader]) -> None:
        self._readers = readers
        self._stopped = threading.Event()
        self._pulse = Pulse(time.monotonic(), time.monotonic())

    def start(self, loop: asyncio.AbstractEventLoop, tell: Callable[[News | Exception], None]) -> None:
        """Begin to read. Where reading cannot go on, the reason is told last."""

        def read() -> None:
            try:
                while not self._stopped.is_set():
                    news = self._read()
                    self._pulse.beat(time.monotonic(), moved=bool(news.reads), caught_up=news.caught_up)
                    loop.call_soon_threadsafe(tell, news)
            except Exception as error:  # told, not swallowed: the gateway ends with it
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
        """What could not be used."""
        asides = Asides()
        for each in self._readers:
            asides = asides.beside(each.asides)
        return asides

    def behind(self) -> int | None:
        """Return how many records are stored and not read yet; None where no broker answers."""
        found = [each.behind() for each in self._readers]
        return None if None in found else sum(each or 0 for each in found)

    def close(self) -> None:
        """Stop reading."""
        self._stopped.set()
        self._thread.join()
        for each in self._readers:
            each.close()

    def _read(self) -> News:
        found: list[Read] = []
        try:
            for each in self._readers:
                found += each.poll(READS_WAIT_S)
            return News(found, all(each.caught_up for each in self._readers))
        except RegistryUnavailable as error:  # waited for: nothing is skipped for it
            log.warning("the gateway waits for the registry", error=str(error))
            self._stopped.wait(ASKS_REGISTRY_EVERY_S)
        except NotPermitted as error:
            raise NotPermitted(
                f"{error}. The gateway connects as `gateway`, for outreach as `outreach`"
            ) from None
        # What another reader had read by then is read, and comes no second time.
        return News(found, caught_up=False)


def _tell(aside: SetAside) -> None:
    log.warning(
        "set aside",
        topic=aside.topic,
        partition=aside.partition,
        offset=aside.offset,
        reason=aside.reason,
    )
