"""For creditors whose own program is asyncio: the same promises, awaited."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from contextlib import suppress
from typing import Any, Union

from eropaf_client.connection import USUAL, Timing
from eropaf_client.publisher import MOST_IN_FLIGHT, acknowledged, encoded
from eropaf_client.records import ArrearsSignal
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import arrears
from eropaf_client.sending import Acknowledged, InFlight, Sender
from eropaf_client.tracing import MakeTraceparent

POLL_S = 0.1

Signals = Union[Iterable[ArrearsSignal], AsyncIterable[ArrearsSignal]]


class AsyncArrearsPublisher:
    """Publishes one creditor's signals from an event loop, which is never blocked.

        async with AsyncArrearsPublisher("kafka:9092", "rent") as publisher:
            await publisher.report(signal)

    A thread of its own waits for the broker's answers. A `report` that is cancelled may be stored all the
    same: publish it again, twice is harmless.

    Raises, on entering:
        BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: in time.
    """

    def __init__(
        self,
        bootstrap: str,
        creditor: str,
        registry: Registry | None = None,
        config: Mapping[str, Any] | None = None,
        traceparent: MakeTraceparent | None = None,
        timing: Timing = USUAL,
    ) -> None:
        self.topic = arrears(creditor)
        self._made_of = (bootstrap, self.topic, "ArrearsSignal", registry, config, traceparent, timing)
        self._stopped = threading.Event()

    async def __aenter__(self) -> AsyncArrearsPublisher:
        self._sender = await asyncio.to_thread(Sender, *self._made_of)
        self._room = asyncio.Semaphore(MOST_IN_FLIGHT)
        self._polling = threading.Thread(target=self._poll, name=f"polling {self.topic}", daemon=True)
        self._polling.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Wait for what is on its way. Twice is harmless."""
        await asyncio.to_thread(self._end)

    async def report(self, signal: ArrearsSignal) -> Acknowledged:
        """Publish one signal; return when it is stored.

        Raises:
            InvalidSignal: it was not sent; `field` names what is wrong.
            NotAcknowledged: no answer in time; publish it again.
        """
        return await (await self._send(signal))

    async def report_all(self, signals: Signals) -> int:
        """Publish signals, many at a time; return their number when every one is stored.

        Raises:
            InvalidSignal: the one named was not sent; those before it were.
            NotAcknowledged: the one named was not acknowledged; publish from it on again.
        """
        waiting: set[asyncio.Future[Acknowledged]] = set()
        count = 0
        async for signal in _each(signals):
            waiting.add(await self._send(signal))
            count += 1
            if len(waiting) >= MOST_IN_FLIGHT:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for each in done:
                    each.result()
        await asyncio.gather(*waiting)
        return count

    async def _send(self, signal: ArrearsSignal) -> asyncio.Future[Acknowledged]:
        value = encoded(signal, self._sender.encode)
        await self._room.acquire()
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Acknowledged] = loop.create_future()

        def settle(sent: InFlight) -> None:
            self._room.release()
            if not answered.cancelled():
                try:
                    answered.set_result(acknowledged(signal, self.topic, sent))
                except Exception as error:
                    answered.set_exception(error)

        def on_delivery(error: Any, message: Any) -> None:
            sent = InFlight()
            sent.answer(error, message)
            with suppress(RuntimeError):  # the loop has ended: nobody waits
                loop.call_soon_threadsafe(settle, sent)

        try:
            self._sender.send(signal.contract, value, on_delivery)
        except BaseException:  # it was not sent, so no answer comes that makes room
            self._room.release()
            raise
        return answered

    def _poll(self) -> None:
        while not self._stopped.is_set():
            self._sender.poll(POLL_S)

    def _end(self) -> None:
        self._stopped.set()
        self._polling.join()
        self._sender.close()


async def _each(signals: Signals) -> AsyncIterator[ArrearsSignal]:
    if isinstance(signals, AsyncIterable):
        async for signal in signals:
            yield signal
    else:
        for signal in signals:
            yield signal
