"""For creditors with an asyncio program that may be killed at any line."""

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

    Same guarantees as `OutboxPublisher`. A cancelled call may continue in its thread: what it kept is on
    disk, and reporting the same signal again is recognised. Not usable across a fork.

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
        """Write one signal to disk, then send everything pending; return once the broker has it.

        Raises:
            InvalidSignal: it was not stored on disk; `field` names what is wrong.
            NotAcknowledged: it is on disk, and is sent with the next `report` or `deliver`.
        """
        await self._run(self._client.report, signal)

    async def report_all(self, signals: Signals) -> int:
        """Write many signals to disk and send them; return how many were new, once the broker has all.

        Raises:
            InvalidSignal: correct the one named and report all again; those already stored are recognised.
            NotAcknowledged: nothing is lost; report all again: those already stored are recognised.
        """
        new, batch = 0, list[ArrearsSignal]()
        async for signal in each_of(signals):
            batch.append(signal)
            if len(batch) == TOGETHER:
                new += await self._run(self._client.report_all, batch)
                batch = []
        return new + await self._run(self._client.report_all, batch)

    async def deliver(self) -> int:
        """Send everything pending on disk; return the number, once the broker has them.

        Raises:
            NotAcknowledged: no answer in time; nothing is lost: call it again.
            OutboxInUse: a copy of this outbox is in use elsewhere.
        """
        return await self._run(self._client.deliver)

    async def waiting(self) -> int:
        """Return the number of signals on disk that the broker does not have yet."""
        return await self._run(lambda: self._client.waiting)
