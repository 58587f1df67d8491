"""For creditors with an asyncio program: what happened to their signals."""

from __future__ import annotations

from collections.abc import AsyncIterator

from eropaf_client.cluster import Where
from eropaf_client.connection import POLL_WAIT_S
from eropaf_client.feedback import CreditorFeedback, FeedbackReader
from eropaf_client.own_thread import OnOwnThread
from eropaf_client.schemas.aside import Asides


class AsyncFeedbackReader(OnOwnThread[FeedbackReader]):
    """Reads a creditor's own feedback from the beginning, then as it arrives.

        async with AsyncFeedbackReader("kafka:9092", "rent") as reader:
            async for feedback in reader:
                ...

    Same guarantees as `FeedbackReader`. However a loop ends or is cancelled, the feedback in hand comes again
    in the next loop.

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
        """The records that could not be used; the first of them are in the log."""
        return self._client.asides

    @property
    def caught_up(self) -> bool:
        """Whether everything stored at the start has been read."""
        return self._client.caught_up
