"""For creditors whose own program is asyncio: what became of one's own signals."""

from __future__ import annotations

from collections.abc import AsyncIterator

from eropaf_client.cluster import Where
from eropaf_client.connection import POLL_WAIT_S
from eropaf_client.feedback import CreditorFeedback, FeedbackReader
from eropaf_client.own_thread import OnOwnThread
from eropaf_client.schemas.aside import Asides


class AsyncFeedbackReader(OnOwnThread[FeedbackReader]):
    """Reads a creditor's own feedback from the beginning, and goes on as it comes.

        async with AsyncFeedbackReader("kafka:9092", "rent") as reader:
            async for feedback in reader:
                ...

    All that `FeedbackReader` promises. Whatever ends or cancels a loop, the one that was in hand comes again
    in the next.

    Raises, on entering:
        BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: in time.
    """

    def __init__(self, where: Where, creditor: str) -> None:
        super().__init__(f"the reader of {creditor}'s feedback", lambda: FeedbackReader(where, creditor))

    async def __aiter__(self) -> AsyncIterator[CreditorFeedback]:
        while True:
            first = await self._run(self._client.first, POLL_WAIT_S)
            if first is not None:
                yield first
                await self._run(self._client.done, first)

    @property
    def asides(self) -> Asides:
        """What could not be used; the first of it is in the log."""
        return self._client.asides

    @property
    def caught_up(self) -> bool:
        """Whether everything that was there has been read once."""
        return self._client.caught_up
