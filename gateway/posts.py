"""One sender for each topic, opened when it is first needed."""

from __future__ import annotations

import math
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from eropaf.serving.shared_answer import SharedAnswer
from eropaf_client.async_sending import AsyncSender
from eropaf_client.cluster import Cluster
from eropaf_client.sending import Sender


class Posts:
    """The senders of `records` by their topics. One that cannot be opened is tried again later."""

    def __init__(self, cluster: Cluster, records: Mapping[str, str]) -> None:
        self._opened: list[AsyncSender] = []
        self._posts = {
            topic: SharedAnswer(self._opening(cluster, topic, record)) for topic, record in records.items()
        }

    async def of(self, topic: str) -> AsyncSender:
        """Return the sender on a topic.

        Raises:
            ClientError: it could not be opened.
        """
        return await self._posts[topic].not_older(math.inf)

    async def close(self) -> None:
        """Wait for what is on its way."""
        for each in self._opened:
            await each.close()

    def _opening(
        self, cluster: Cluster, topic: str, record: str
    ) -> Callable[[], Coroutine[Any, Any, AsyncSender]]:
        async def opened() -> AsyncSender:
            post = AsyncSender(f"the gateway on {topic}", lambda: Sender(cluster, topic, record))
            await post.open()
            self._opened.append(post)
            return post

        return opened
