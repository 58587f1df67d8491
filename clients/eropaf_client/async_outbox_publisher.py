"""For creditors whose own program is asyncio, and may be killed at any line."""

from __future__ import annotations

from pathlib import Path

from eropaf_client.async_publisher import Signals, each_of
from eropaf_client.cluster import Where
from eropaf_client.delivery import TOGETHER
from eropaf_client.outbox_publisher import OutboxPublisher
from eropaf_client.own_thread import OnOwnThread
from eropaf_client.records import ArrearsSignal
from eropaf_client.schemas.topics import arrears
from eropaf_client.tracing import MakeTraceparent


class AsyncOutboxPublisher(OnOwnThread[OutboxPublisher]):
    """Publishes one creditor's signals through an outbox on disk, from an event loop.

        async with AsyncOutboxPublisher("kafka:9092", "rent", Path("outbox.db")) as publisher:
            await publisher.report(signal)

    All that `OutboxPublisher` promises. A call that is cancelled may go on in its thread: what it kept is on
    disk, and the same signal reported again is known. Not across a fork.

    Raises, on entering:
        What `OutboxPublisher` raises when it is made.
    """

    def __init__(
        self, where: Where, creditor: str, outbox: Path, traceparent: MakeTraceparent | None = None
    ) -> None:
        self.topic = arrears(creditor)
        super().__init__(
            f"the publisher on {self.topic}", lambda: OutboxPublisher(where, creditor, outbox, traceparent)
        )

    async def report(self, signal: ArrearsSignal) -> None:
        """Keep one signal on disk, then send what waits; return when the broker has it.

        Raises:
            InvalidSignal: it was not kept; `field` names what is wrong.
            NotAcknowledged: it is on disk, and goes with the next `report` or `deliver`.
        """
        await self._run(self._client.report, signal)

    async def report_all(self, signals: Signals) -> int:
        """Keep and send many signals; return how many were new when the broker has all.

        Raises:
            InvalidSignal: mend the one named and report all again; what was kept already is known.
            NotAcknowledged: nothing is lost; report all again, what was kept already is known.
        """
        new, batch = 0, list[ArrearsSignal]()
        async for signal in each_of(signals):
            batch.append(signal)
            if len(batch) == TOGETHER:
                new += await self._run(self._client.report_all, batch)
                batch = []
        return new + await self._run(self._client.report_all, batch)

    async def deliver(self) -> int:
        """Send everything that waits on disk; return how many when the broker has them.

        Raises:
            NotAcknowledged: no answer in time; nothing is lost, call it again.
            OutboxInUse: a copy of this outbox is at work elsewhere.
        """
        return await self._run(self._client.deliver)

    async def waiting(self) -> int:
        """Return how many signals are on disk and not yet stored by the broker."""
        return await self._run(lambda: self._client.waiting)
