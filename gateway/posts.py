"""One sender for each creditor's topic, opened when it is first needed."""

from __future__ import annotations

import math
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from eropaf.serving.shared_answer import SharedAnswer
from eropaf_client.async_sending import AsyncSender
from eropaf_client.cluster import Cluster
from eropaf_client.schemas.topics import arrears
from eropaf_client.sending import Sender


class Posts:
    """The senders of every creditor. One that could not be opened is tried again with the next request."""

    def __init__(self, cluster: Cluster, creditors: Sequence[str]) -> None:
        self._opened: list[AsyncSender] = []
        self._posts = {each: SharedAnswer(self._opening(cluster, each)) for each in creditors}

    async def of(self, creditor: str) -> AsyncSender:
        """Return the sender on a creditor's topic.

        Raises:
            ClientError: it could not be opened.
        """
        return await self._posts[creditor].not_older(math.inf)

    async def close(self) -> None:
        """Wait for what is on its way."""
        for each in self._opened:
            await each.close()

    def _opening(self, cluster: Cluster, creditor: str) -> Callable[[], Coroutine[Any, Any, AsyncSender]]:
        topic = arrears(creditor)

        async def opened() -> AsyncSender:
            post = AsyncSender(f"the gateway on {topic}", lambda: Sender(cluster, topic, "ArrearsSignal"))
            await post.open()
            self._opened.append(post)
            return post

        return opened
