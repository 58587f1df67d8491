"""How far the workers have taken in what a creditor reported: where their group stands on its topic."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from confluent_kafka import Consumer, KafkaException, TopicPartition

from eropaf.gateway.state import Reached
from eropaf.serving.shared_answer import SharedAnswer
from eropaf_client import connection
from eropaf_client.cluster import Cluster
from eropaf_client.schemas.topics import arrears, feedback

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

    def ends(self, topic: str, partitions: int) -> Offsets:
        """Return the offset behind all that is stored, and committed, of each partition.

        Raises:
            KafkaException: no broker says it.
        """

    def close(self) -> None:
        """Release it."""


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

    def ends(self, topic: str, partitions: int) -> Offsets:
        """Return the offset behind all that is stored, and committed, of each partition."""
        found = {}
        for each in range(partitions):
            asked = TopicPartition(topic, each)
            found[each] = self._asking.get_watermark_offsets(asked, timeout=self._within_s)[1]
        return found

    def close(self) -> None:
        """Release it."""
        self._asking.close()


class Asked(NamedTuple):
    """Where the group stood on a topic, and where what it had answered ended then."""

    positions: Offsets
    ends: Reached


class Progress:
    """What the workers have taken in of each creditor, asked at most once a second.

    An answer is committed together with the position. So whoever hears of the position must have read the
    answers up to where they ended afterwards, which `read_to` waits for, and says whether it came so far.
    `partitions`: how many each topic has.
    """

    def __init__(
        self,
        group: Group,
        creditors: Sequence[str],
        partitions: Mapping[str, int],
        read_to: Callable[[Reached], Coroutine[Any, Any, bool]],
    ) -> None:
        self._group, self._partitions, self._read_to = group, partitions, read_to
        self._settled: dict[str, dict[int, int]] = {each: {} for each in creditors}
        self._alone = asyncio.Lock()
        self._asked = {each: SharedAnswer(self._asking(each)) for each in creditors}

    async def taken_in(self, creditor: str, partition: int, offset: int) -> bool:
        """Return whether the record at `offset` was taken in; no, where nobody says it now.

        No, too, where what was said of it may be unread still: what was refused is not told as accepted.
        """
        settled = self._settled[creditor]
        if offset < settled.get(partition, 0):
            return True
        try:
            asked = await self._asked[creditor].not_older(ASKED_EVERY_S)
        except KafkaException:
            return False
        if offset >= asked.positions.get(partition, 0):
            return False
        if not await self._read_to(asked.ends):
            return False
        settled.update(asked.positions)
        return True

    def _asking(self, creditor: str) -> Callable[[], Coroutine[Any, Any, Asked]]:
        async def asked() -> Asked:
            async with self._alone:
                return await asyncio.to_thread(self._ask, creditor)

        return asked

    def _ask(self, creditor: str) -> Asked:
        signals, answers = arrears(creditor), feedback(creditor)
        positions = self._group.positions(signals, self._partitions[signals])
        ends = self._group.ends(answers, self._partitions[answers])  # after them, and not before
        return Asked(positions, {(answers, each): end for each, end in ends.items()})
