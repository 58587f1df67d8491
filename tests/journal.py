"""What a broker holds, as the oracle reads it: every record of some topics, and a group's offsets."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from tenacity import retry, retry_if_exception, stop_after_delay, wait_fixed

from eropaf.streams.errors import is_transient
from tests.integration.processes import PATIENCE_S

READ_WITHIN_S = 120.0


class Journal:
    """All that some topics hold for good, as a subscriber reads it: `read` adds what is new.

    Each topic in partition order, with offsets rising. What a broker compacts away after it was read
    stays here.
    """

    def __init__(self, bootstrap: str, topics: Iterable[str]) -> None:
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "oracle",
                "isolation.level": "read_committed",
                # Else `unassign` saves its position, and nothing is read before a coordinator has answered:
                # up to a minute after a broker stood still.
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 10,
                "auto.offset.reset": "error",
                "log_level": 0,
            }
        )
        self._topics = list(topics)
        self._seen: dict[tuple[str, int], list[Message]] = {
            (topic, partition): []
            for topic in self._topics
            for partition in self._consumer.list_topics(topic, timeout=PATIENCE_S).topics[topic].partitions
        }

    def read(self) -> dict[str, list[Message]]:
        """Read to the current ends; return everything.

        Raises:
            TimeoutError: some broker did not answer.

        """
        self._consumer.assign(
            [TopicPartition(*place, self._last(place) + 1) for place in self._seen],
        )
        waiting, deadline = set(self._seen), time.monotonic() + READ_WITHIN_S
        while waiting:
            for message in self._consumer.consume(5000, timeout=0.02):
                place, error = (str(message.topic()), message.partition() or 0), message.error()
                if error is None:
                    self._seen[place].append(message)
                elif error.code() == KafkaError._PARTITION_EOF:
                    waiting.discard(place)
            if time.monotonic() > deadline:
                raise TimeoutError(f"not read to their ends within {READ_WITHIN_S:g} s: {sorted(waiting)}")
        self._consumer.unassign()
        return {
            topic: [message for place, held in self._seen.items() if place[0] == topic for message in held]
            for topic in self._topics
        }

    def ends(self) -> dict[tuple[str, int], int]:
        """Read on; return the offset of the last record of each partition, -1 where there is none."""
        self.read()
        return {place: self._last(place) for place in self._seen}

    def _last(self, place: tuple[str, int]) -> int:
        held = self._seen[place]
        return (held[-1].offset() or 0) if held else -1


def asking_for(bootstrap: str, group: str) -> Consumer:
    """Connect to ask for the offsets of `group`, without joining it.

    As they are: one that waits until none is half-way committed waits for ever while workers save.
    """
    return Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "isolation.level": "read_uncommitted",
            "log_level": 0,
        }
    )


@retry(
    # A coordinator that moves, or was made only now, is asked again.
    retry=retry_if_exception(lambda error: isinstance(error, KafkaException) and is_transient(error)),
    wait=wait_fixed(0.1),
    stop=stop_after_delay(60),
    reraise=True,
)
def committed(
    asking: Consumer, places: Iterable[tuple[str, int]], within_s: float = 60
) -> dict[tuple[str, int], int]:
    """Return the group's offset of each (topic, partition); below zero where it has none."""
    asked = [TopicPartition(*place) for place in places]
    return {(tp.topic, tp.partition): tp.offset for tp in asking.committed(asked, timeout=within_s)}


def are_past(offsets: Mapping[tuple[str, int], int], last: Mapping[tuple[str, int], int]) -> bool:
    """Return whether a group's `offsets` are past the `last` record of each partition that it reads."""
    return all(offsets[place] > end for place, end in last.items() if place in offsets and end >= 0)


def come_to_rest(
    ends: Callable[[], Mapping[tuple[str, int], int]],
    hides: Callable[[], object],
    taken_in: Callable[[Mapping[tuple[str, int], int]], bool],
) -> Callable[[], bool]:
    """Return what to ask until a flow is at rest: all is taken in, and nothing came of it that is not.

    `ends` gives the last record of each partition, `hides` whether a transaction is half-way somewhere, and
    `taken_in` whether the group's offsets are past those ends. What was taken in may have led to more that
    was not seen at that look, so it counts only when the next finds the same ends, and hides nothing.
    """
    taken: Mapping[tuple[str, int], int] | None = None

    def at_rest() -> bool:
        nonlocal taken
        if hides():
            return False
        seen = ends()
        if seen == taken:
            return True
        taken = seen if taken_in(seen) else None
        return False

    return at_rest
