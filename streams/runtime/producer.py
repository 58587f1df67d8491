"""Faust's producer, which writes nothing by itself here: all output goes into a checkpoint."""

from __future__ import annotations

from typing import Any, NoReturn

from faust.transport.producer import Producer as FaustProducer
from faust.types import TP
from mode import Service

from eropaf.streams.errors import NotThroughCheckpoint


class NoBuffer(Service):
    """A stand-in for the producer buffer that Faust waits for before each message: there is none."""

    app: Any = None
    threaded_producer: Any = None

    async def wait_until_ebb(self) -> None:
        """Return at once: the consumer hands out no more than one poll's records at a time."""

    async def flush(self) -> None:
        """Return at once."""


class Producer(FaustProducer):
    """Refuses to send around the checkpoint, and says what to do instead."""

    def __init__(self, transport: Any, loop: Any = None, **kwargs: Any) -> None:
        super().__init__(transport, loop=loop, **kwargs)
        self.buffer = NoBuffer(loop=self.loop, beacon=self.beacon)  # type: ignore[assignment]

    async def send(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        _refuse()

    async def send_and_wait(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        _refuse()

    def send_soon(self, fut: Any) -> NoReturn:
        """Refuse."""
        _refuse()

    def key_partition(self, topic: str, key: bytes) -> TP:
        """Refuse: a key's partition is chosen where the record is written."""
        _refuse()

    async def flush(self) -> None:
        """Return at once: the last checkpoint has written everything."""


def _refuse() -> NoReturn:
    raise NotThroughCheckpoint(
        "a record sent here would not be saved together with what caused it; "
        "use Batch.emit in an agent, or your own producer outside the flow"
    )
