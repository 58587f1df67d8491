"""How far the workers have taken in what a creditor reported: where their group stands on its topic."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

from confluent_kafka import Consumer, KafkaException, TopicPartition

from eropaf.serving.shared_answer import SharedAnswer
from eropaf_client import connection
from eropaf_client.cluster import Cluster

# Whoever asks for receipts makes a broker answer this often at most.
ASKED_EVERY_S = 1.0

Offsets = Mapping[int, int]


class Group(Protocol):
    """Where a group stands. Used by one thread at a time."""

    def positions(self, topic: str, partitions: int) -> Offsets:
        """Return the next offset that the group reads of each partition.

        Raises:
            KafkaException: no broker says it.
        """

    def close(self) -> None:
        """Let go of it."""


class KafkaGroup:
    """Where the group `group` stands. Never joins it."""

    def __init__(self, cluster: Cluster, group: str) -> None:
        self._within_s = cluster.timing.answer_within_s
        troubles = connection.Troubles(cluster)
        self._asking = Consumer(
            connection.options(cluster, troubles, group_id=group, enable_auto_commit=False)
        )

    def positions(self, topic: str, partitions: int) -> Offsets:
        """Return the next offset that the group reads of each partition."""
        asked = [TopicPartition(topic, each) for each in range(partitions)]
        found = self._asking.committed(asked, timeout=self._within_s)
        return {each.partition: each.offset for each in found if each.error is None and each.offset >= 0}

    def close(self) -> None:
        """Let go of it."""
        self._asking.close()


class Progress:
    """What the workers have taken in, asked at most once a second for each topic.

    `read_on` waits until what was stored until now has been read, and says whether it was: an answer is
    stored together with the position, and whoever hears of the position must have heard the answer.
    """

    def __init__(
        self, group: Group, partitions: Mapping[str, int], read_on: Callable[[], Coroutine[Any, Any, bool]]
    ) -> None:
        self._group, self._read_on = group, read_on
        self._settled: dict[str, dict[int, int]] = {topic: {} for topic in partitions}
        self._alone = asyncio.Lock()
        self._asked = {topic: SharedAnswer(self._asking(topic, count)) for topic, count in partitions.items()}

    async def taken_in(self, topic: str, partition: int, offset: int) -> bool:
        """Return whether the record at `offset` was taken in; no, where nobody says it now.

        No, too, where what was said of it may be unread still: what was refused is not told as accepted.
        """
        settled = self._settled[topic]
        if offset < settled.get(partition, 0):
            return True
        try:
            positions = await self._asked[topic].not_older(ASKED_EVERY_S)
        except KafkaException:
            return False
        if offset >= positions.get(partition, 0):
            return False
        if not await self._read_on():
            return False
        settled.update(positions)
        return True

    def _asking(self, topic: str, partitions: int) -> Callable[[], Coroutine[Any, Any, Offsets]]:
        async def asked() -> Offsets:
            async with self._alone:
                return await asyncio.to_thread(self._group.positions, topic, partitions)

        return asked
