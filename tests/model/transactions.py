"""The transaction coordinator: producer epochs, time-outs, and two-phase ends (before KIP-890).

A request that comes late is believed as long as its epoch is the newest: that an EndTxn of one transaction
can so end the next one of the same epoch is Kafka's own, and is kept here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from confluent_kafka import KafkaError

from eropaf.streams.topic_partition import TP
from tests.model.world import World

EMPTY, ONGOING, COMMITTING, ABORTING, COMMITTED, ABORTED = (
    "empty", "ongoing", "committing", "aborting", "committed", "aborted",
)  # fmt: skip


class Refusal(Exception):
    """What a broker answers in place of a result."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class Transactional:
    """What the coordinator knows of one transactional id."""

    producer: int
    epoch: int = 0
    timeout_s: float = 60.0
    state: str = EMPTY
    partitions: set[TP] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    began_at: float = 0.0


class Transactions:
    """Keeps every transactional id. `mark` writes the end of a transaction on a partition, or for a group."""

    def __init__(
        self, world: World, mark: Callable[[TP | str, int, bool], None], marks_within_s: float
    ) -> None:
        self._world = world
        self._mark = mark
        self._marks_within_s = marks_within_s
        self._ids: dict[str, Transactional] = {}
        self._next = 1

    def initialise(self, name: str, timeout_s: float, at_epoch: int | None = None) -> tuple[int, int]:
        """Fence who had this id before, and abort what is open; return producer id and epoch.

        `at_epoch` (KIP-360): only where the epoch is still this one.
        """
        held = self._ids.get(name)
        if held is None:
            held = self._ids[name] = Transactional(self._next, timeout_s=timeout_s)
            self._next += 1
            return held.producer, held.epoch
        if at_epoch is not None and at_epoch != held.epoch:
            raise Refusal(KafkaError.INVALID_PRODUCER_EPOCH)
        if held.state == ONGOING:
            held.epoch += 1
            self._end(held, commit=False)
        if held.state in (COMMITTING, ABORTING):
            raise Refusal(KafkaError.CONCURRENT_TRANSACTIONS)
        held.epoch += 1
        held.state, held.timeout_s = EMPTY, timeout_s
        return held.producer, held.epoch

    def add_partitions(self, name: str, producer: int, epoch: int, tps: set[TP]) -> None:
        """Let partitions take part; begins the transaction where none is open."""
        self._open(name, producer, epoch).partitions |= tps

    def add_group(self, name: str, producer: int, epoch: int, group: str) -> None:
        """Let the offsets of a group take part."""
        self._open(name, producer, epoch).groups.add(group)

    def verify(self, producer: int, epoch: int, place: TP | str) -> None:
        """Refuse what is no part of an open transaction of this producer's newest epoch."""
        held = next((held for held in self._ids.values() if held.producer == producer), None)
        if held is None or epoch != held.epoch:
            raise Refusal(KafkaError.INVALID_PRODUCER_EPOCH)
        if held.state != ONGOING or place not in (held.groups if isinstance(place, str) else held.partitions):
            raise Refusal(KafkaError.INVALID_TXN_STATE)

    def end(self, name: str, producer: int, epoch: int, *, commit: bool) -> None:
        """End the open transaction; the same answer again where it has ended so already."""
        held = self._known(name, producer, epoch)
        if held.state == ONGOING:
            self._end(held, commit=commit)
        elif held.state in (COMMITTING, ABORTING):
            raise Refusal(KafkaError.CONCURRENT_TRANSACTIONS)
        elif held.state != (COMMITTED if commit else ABORTED):
            raise Refusal(KafkaError.INVALID_TXN_STATE)

    def abort_late(self) -> None:
        """Abort what has been open for longer than its time-out, and fence who opened it."""
        for held in self._ids.values():
            if held.state == ONGOING and self._world.now - held.began_at > held.timeout_s:
                held.epoch += 1
                self._end(held, commit=False)

    def producers(self, prefix: str) -> set[int]:
        """Return the producers whose transactional ids begin with `prefix`."""
        return {held.producer for name, held in self._ids.items() if name.startswith(prefix)}

    @property
    def at_rest(self) -> bool:
        """Whether no transaction is open."""
        return all(held.state not in (ONGOING, COMMITTING, ABORTING) for held in self._ids.values())

    def _known(self, name: str, producer: int, epoch: int) -> Transactional:
        held = self._ids.get(name)
        if held is None or held.producer != producer:
            raise Refusal(KafkaError.INVALID_PRODUCER_ID_MAPPING)
        if held.epoch != epoch:
            raise Refusal(KafkaError.PRODUCER_FENCED)
        return held

    def _open(self, name: str, producer: int, epoch: int) -> Transactional:
        held = self._known(name, producer, epoch)
        if held.state in (COMMITTING, ABORTING):
            raise Refusal(KafkaError.CONCURRENT_TRANSACTIONS)
        if held.state != ONGOING:
            held.state, held.began_at = ONGOING, self._world.now
        return held

    def _end(self, held: Transactional, *, commit: bool) -> None:
        held.state = COMMITTING if commit else ABORTING
        places: list[TP | str] = [*sorted(held.partitions), *sorted(held.groups)]
        left = len(places)

        def marked(place: TP | str) -> None:
            nonlocal left
            self._mark(place, held.producer, commit)
            left -= 1
            if not left:
                self._complete(held, commit=commit)

        # Each partition's leader writes its mark when it comes to it.
        for place in places:
            delay = self._world.random.random() * self._marks_within_s
            self._world.at(delay, lambda place=place: marked(place))  # type: ignore[misc]
        if not places:
            self._complete(held, commit=commit)

    def _complete(self, held: Transactional, *, commit: bool) -> None:
        held.state = COMMITTED if commit else ABORTED
        held.partitions, held.groups = set(), set()
