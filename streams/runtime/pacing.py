"""What may wait, so that much from one sender does not stand before everybody's next record."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence

from eropaf.streams.runtime.stage import Stage
from eropaf.streams.topic_partition import TP

# Records that wait in one partition. What has fewer is read whatever waits elsewhere.
MANY_OF_ONE = 500
# Records that wait in all later stages together. They stand before every other in the partitions that
# all share: a tenth of a second's work or two.
MANY_AHEAD = 2_000
# After this long what was written is among what waits, as the client knows it: saved, and fetched.
SEEN_AFTER_S = 0.5


class InTransit:
    """Records that this worker wrote for its own stages lately and, as far as it knows, did not read yet.

    The client learns of them only when it fetches them, and a first stage is quick enough to write
    tens of thousands before that. Other workers read a part of what this one writes, and write a part
    of what it reads; keys are spread evenly, so these cancel out, and where they do not it is forgotten.
    """

    def __init__(self, stages: Iterable[Stage]) -> None:
        self._topics = frozenset(topic for stage in stages for topic in stage.inputs)
        self._lately: deque[tuple[float, str, int]] = deque()
        self._counts: Counter[str] = Counter()

    def wrote(self, now_s: float, topics: Iterable[str]) -> None:
        """Record that a record was written to each of `topics`."""
        for topic, count in Counter(topic for topic in topics if topic in self._topics).items():
            self._add(now_s, topic, count)

    def read(self, now_s: float, topic: str, count: int) -> None:
        """Record that `count` records of `topic` were worked off."""
        self._add(now_s, topic, -count)

    def counts(self, now_s: float) -> Mapping[str, int]:
        """Return the number of records by topic; below zero where more was read than written."""
        self._forget(now_s)
        return self._counts

    def _add(self, now_s: float, topic: str, count: int) -> None:
        # Here too: nobody asks while a worker keeps up, which may be for years.
        self._forget(now_s)
        self._lately.append((now_s, topic, count))
        self._counts[topic] += count

    def _forget(self, now_s: float) -> None:
        while self._lately and now_s - self._lately[0][0] > SEEN_AFTER_S:
            _, topic, count = self._lately.popleft()
            self._counts[topic] -= count


def held_back(stages: Sequence[Stage], waiting: Mapping[TP, int], in_transit: Mapping[str, int]) -> set[TP]:
    """Return the partitions that are not to be read for now: far behind, while a later stage is behind too.

    What is read of them would only stand in a later stage's partitions, before a fresh record of
    somebody who sent one. `stages` are in the order of the flow, `waiting` is records by partition,
    `in_transit` by topic those that may not be among them yet.
    """
    held: set[TP] = set()
    ahead = 0
    for stage in reversed(stages):
        own = {tp: count for tp, count in waiting.items() if tp.topic in stage.inputs}
        if ahead > MANY_AHEAD:
            held.update(tp for tp, count in own.items() if count > MANY_OF_ONE)
        ahead += max(sum(own.values()), sum(max(0, in_transit.get(topic, 0)) for topic in stage.inputs))
    return held
