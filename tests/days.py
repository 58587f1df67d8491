"""Whether each day that was told went through a whole partition: to its last slice, and once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from confluent_kafka import Message

from eropaf.risk.events import EpochDay, Tick
from eropaf.risk.records import HouseholdEvent
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import RESIDENCY_TICKS
from eropaf_client.schemas.wire import Codec
from tests.verdict import LOST, REPEATED, Verdict

# Of each partition, in their order.
Events = Mapping[int, Sequence[HouseholdEvent]]
# How often a day was told in a partition, a slice at a time; none yet where it begins.
Told = Counter[tuple[int, Tick]]
# Partition, day, slice, and of how many slices, which is open until the first.
Place = tuple[int, EpochDay, int, int]
BEGINS = -1


def judge_days(
    verdict: Verdict, events: Events, seen: Mapping[str, list[Message]], registry: Registry
) -> None:
    """Judge the days of households, and those that they pass on to who waits for the register."""
    waits = Codec("ResidencyTick", RESIDENCY_TICKS, registry).decode
    households, waiting = Told(), Told()
    for partition, part in events.items():
        households += Told((partition, event.tick) for event in part if event.tick is not None)
    for message in seen[RESIDENCY_TICKS]:
        waiting[message.partition() or 0, Tick.from_record(waits(message.value())["tick"])] += 1
    begun = _begun(households)
    _compare(verdict, "households'", _slices(households), _following(households))
    _compare(verdict, "the register's", _begun(waiting) + _slices(waiting), begun + _following(waiting))


def _begun(told: Told) -> Counter[Place]:
    return Counter((partition, tick.on, BEGINS, 0) for partition, tick in told.elements() if not tick.slices)


def _slices(told: Told) -> Counter[Place]:
    return Counter(_place(partition, tick) for partition, tick in told.elements() if tick.slices)


def _following(told: Told) -> Counter[Place]:
    """Return what must come after each."""
    after = ((partition, tick, tick.slice + 1 if tick.slices else 0) for partition, tick in told.elements())
    return Counter(
        _place(partition, Tick(tick.on, number, tick.slices))
        for partition, tick, number in after
        if number < max(1, tick.slices)
    )


def _place(partition: int, tick: Tick) -> Place:
    return partition, tick.on, tick.slice, tick.slices if tick.slice else 0


def _compare(verdict: Verdict, whose: str, found: Counter[Place], must: Counter[Place]) -> None:
    for column, places in ((LOST, must - found), (REPEATED, found - must)):
        for partition, on, number, _ in places.elements():
            verdict.add(column, f"{whose} day {on} in {partition}, slice {number}")
