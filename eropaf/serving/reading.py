"""One thread reads topics along, and hands what it read to the event loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

import structlog

from eropaf.serving.pulse import Pulse
from eropaf_client.errors import NotPermitted
from eropaf_client.schemas.aside import Asides, SetAside
from eropaf_client.schemas.errors import RegistryUnavailable

# The first reader is waited for, the others are looked at: nobody's news waits for two.
READS_WAIT_S = 0.05
REST_WAIT_S = 0.01
ASKS_REGISTRY_EVERY_S = 1.0

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Reader(Protocol):
    """A reader of topics: of several, or of one in the order of each household."""

    def poll(self, wait_s: float) -> Sequence[Any]:
        """Return what is there, all of it dealt with; wait at most `wait_s` for the first."""

    @property
    def caught_up(self) -> bool:
        """Whether everything that was there at the start was read."""

    @property
    def asides(self) -> Asides:
        """What could not be used."""

    def behind(self) -> int | None:
        """Return how many records are stored and not read yet; None where no broker answers."""

    def close(self) -> None:
        """Stop reading."""


class Reading(Generic[T]):
    """Reads until it is closed; what it tells is told in the event loop.

    `made` makes that of what was read, in the order of the readers, and of whether all of it was read that
    there was at the start; on the thread that reads. `connects_as` says whom Kafka must let read.
    """

    def __init__(
        self, readers: Sequence[Reader], made: Callable[[Sequence[Any], bool], T], connects_as: str
    ) -> None:
        self._readers, self._made, self._connects_as = readers, made, connects_as
        self._stopped = threading.Event()
        self._pulse = Pulse(time.monotonic(), time.monotonic())

    def start(self, loop: asyncio.AbstractEventLoop, tell: Callable[[T | Exception], None]) -> None:
        """Begin to read. Where reading cannot go on, the reason is told last."""

        def read() -> None:
            try:
                while not self._stopped.is_set():
                    loop.call_soon_threadsafe(tell, self.read())
            except Exception as error:  # told, not swallowed: what serves ends with it
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

    def read(self) -> T:
        """Read what came since the last time, and return what is to be told of it.

        Raises:
            NotPermitted: Kafka does not let us read; the message says whom it must let.
        """
        found: list[Any] = []
        caught_up = False
        try:
            for each in self._readers:
                found += each.poll(READS_WAIT_S if each is self._readers[0] else REST_WAIT_S)
            caught_up = all(each.caught_up for each in self._readers)
        except RegistryUnavailable as error:  # waited for: nothing is skipped for it
            # What another reader had read by then is read, and comes no second time.
            log.warning("reading waits for the registry", error=str(error))
            self._stopped.wait(ASKS_REGISTRY_EVERY_S)
        except NotPermitted as error:
            raise NotPermitted(f"{error}. {self._connects_as}") from None
        self._pulse.beat(time.monotonic(), moved=bool(found), caught_up=caught_up)
        return self._made(found, caught_up)


def tell(aside: SetAside) -> None:
    """Say in the log that a record was set aside: where, and why."""
    log.warning(
        "set aside",
        topic=aside.topic,
        partition=aside.partition,
        offset=aside.offset,
        reason=aside.reason,
    )
