"""For creditors whose own program is asyncio: the same promises, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Union

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

    Raises, on entering:
        BrokerUnreachable, TopicMissing: within ten seconds.
    """

    def __init__(
        self,
        bootstrap: str,
        creditor: str,
        registry: Registry | None = None,
        config: Mapping[str, Any] | None = None,
        traceparent: MakeTraceparent | None = None,
    ) -> None:
        self.topic = arrears(creditor)
        self._made_of = (bootstrap, self.topic, "ArrearsSignal", registry, config, traceparent)

    async def __aenter__(self) -> AsyncArrearsPublisher:
        self._sender = await asyncio.to_thread(Sender, *self._made_of)
        self._room = asyncio.Semaphore(MOST_IN_FLIGHT)
        self._polling = asyncio.create_task(self._poll())
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._polling.cancel()
        with suppress(asyncio.CancelledError):
            await self._polling
        await asyncio.to_thread(self._sender.close)

    async def report(self, signal: ArrearsSignal) -> Acknowledged:
        """Publish one signal; return when it is stored.

        Raises:
            InvalidSignal: it was not sent; the message names the field.
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
            loop.call_soon_threadsafe(settle, sent)

        self._sender.send(signal.contract, value, on_delivery)
        return answered

    async def _poll(self) -> None:
        while True:
            await asyncio.to_thread(self._sender.poll, POLL_S)


async def _each(signals: Signals) -> Any:
    if isinstance(signals, AsyncIterable):
        async for signal in signals:
            yield signal
    else:
        for signal in signals:
            yield signal
