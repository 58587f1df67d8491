"""For creditors with an asyncio program: the same guarantees, awaited."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import TypeVar, Union

from eropaf_client.async_sending import AsyncSender
from eropaf_client.cluster import Where, cluster
from eropaf_client.errors import InvalidSignal
from eropaf_client.own_thread import AsyncClosing
from eropaf_client.publisher import acknowledged, encoded
from eropaf_client.records import ArrearsSignal
from eropaf_client.schemas.topics import arrears
from eropaf_client.sending import MOST_IN_FLIGHT, Acknowledged, InFlight, Sender
from eropaf_client.tracing import MakeTraceparent

Each = TypeVar("Each")
Signals = Union[Iterable[ArrearsSignal], AsyncIterable[ArrearsSignal]]


class AsyncArrearsPublisher(AsyncClosing):
    """Publishes one creditor's signals without blocking the event loop.

        async with AsyncArrearsPublisher("kafka:9092", "rent") as publisher:
            await publisher.report(signal)

    A separate thread waits for the broker's answers. A cancelled `report` may still be stored: publish it
    again, which is harmless. Not usable across a fork.

    Raises, on entering:
        BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: in time.
    """

    def __init__(self, where: Where, creditor: str, traceparent: MakeTraceparent | None = None) -> None:
        self.topic = arrears(creditor)
        self._sending = AsyncSender(
            f"the publisher on {self.topic}",
            lambda: Sender(cluster(where), self.topic, "ArrearsSignal", traceparent),
        )

    async def open(self) -> None:
        """Connect."""
        await self._sending.open()

    async def close(self) -> None:
        """Wait for records in flight. Idempotent."""
        await self._sending.close()

    async def report(self, signal: ArrearsSignal) -> Acknowledged:
        """Publish one signal; return when it is stored.

        Raises:
            InvalidSignal: it was not sent; `field` names what is wrong.
            NotAcknowledged: no answer in time; publish it again.
        """
        return acknowledged(signal, self.topic, await (await self._send(signal)))

    async def report_all(self, signals: Signals) -> int:
        """Publish signals, many at a time; return their number when every one is stored.

        Raises:
            InvalidSignal: the one named was not sent; every one before it is stored.
            NotAcknowledged: every one before the one named is stored; publish again from there.
        """
        in_flight: deque[tuple[ArrearsSignal, asyncio.Future[InFlight]]] = deque()
        count = 0
        try:
            async for signal in each_of(signals):
                in_flight.append((signal, await self._send(signal)))
                count += 1
                while len(in_flight) >= MOST_IN_FLIGHT or (in_flight and in_flight[0][1].done()):
                    await self._settle(in_flight)
        except InvalidSignal:
            while in_flight:
                await self._settle(in_flight)
            raise
        while in_flight:
            await self._settle(in_flight)
        return count

    async def _settle(self, in_flight: deque[tuple[ArrearsSignal, asyncio.Future[InFlight]]]) -> None:
        """Wait for the oldest: an error must name the first one that was not stored."""
        signal, answered = in_flight.popleft()
        acknowledged(signal, self.topic, await answered)

    async def _send(self, signal: ArrearsSignal) -> asyncio.Future[InFlight]:
        sender = self._sending.sender
        _, value = encoded(signal, sender.encode, sender.test_numbers)
        return await self._sending.send(signal.contract, value)


async def each_of(given: Iterable[Each] | AsyncIterable[Each]) -> AsyncIterator[Each]:
    """Yield each item of a sync or async iterable."""
    if isinstance(given, AsyncIterable):
        async for each in given:
            yield each
    else:
        for each in given:
            yield each
