"""What comes in in a schedule: a few households with long histories, encoded once for all schedules.

Creditors know one of them by a resident's BSN, whom the register puts at the home of another, moves, and
forgets. Days pass: those of the signals, and one so much later that all is forgotten.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import islice
from random import Random
from typing import NamedTuple

from eropaf.agents.clock import as_event
from eropaf.agents.codecs import household_events
from eropaf.risk.address import normalise
from eropaf.risk.calendar import EPOCH
from eropaf.risk.events import EpochDay, Tick
from eropaf.risk.identity import resident_key
from eropaf.streams.topic_partition import TP
from eropaf_client.records import ArrearsSignal, Resident
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import EVERY, HOUSEHOLD_EVENTS, RESIDENTS, arrears
from eropaf_client.schemas.wire import Codec
from tests.chaos.feed import POISON, bsn, signals
from tests.model.log import Data
from tests.model.murmur import partition_of

SEED = 1
MOST = 2_500
CREDITORS = ("rent", "health")
# Households of one schedule, and signals: few, so that each has a history.
HOUSEHOLDS = 5

# How often something else comes between two signals.
POISONED, REGISTERED, NEXT_DAY = 0.05, 0.05, 0.01
# In so many schedules the resident leaves too: what waits meanwhile has two right ends.
LEAVES = 0.2
# Of these each schedule plays some: an early day that comes again, and what is due long after.
DAYS = tuple(
    (on - EPOCH).days
    for on in (date(2000, 2, 1), date(2000, 3, 15), date(2000, 2, 1), date(2000, 9, 1), date(2026, 5, 1))
)

Fed = tuple[TP, Data]


class District(NamedTuple):
    """A few households: what creditors tell, as topic, key and value in its order, and who lives where.

    Of one resident creditors know the BSN alone; the register has a value for each home, the last is none.
    """

    told: list[tuple[str, bytes, bytes]]
    resident: str
    residences: list[bytes | None]


@cache
def districts() -> list[District]:
    """Return the districts of the city."""
    by_resident: dict[Resident, list[tuple[int, str, ArrearsSignal]]] = defaultdict(list)
    for number, sent in enumerate(islice(signals(SEED, CREDITORS), MOST)):
        by_resident[sent.signal.resident].append((number, sent.creditor, sent.signal))
    told = sorted(
        ((each, told) for each, told in by_resident.items() if each.bsn is None),
        key=lambda each: len(each[1]),
        reverse=True,
    )[: 40 * HOUSEHOLDS]
    Random(SEED).shuffle(told)
    return [
        district(bsn(first), dict(told[first : first + HOUSEHOLDS]))
        for first in range(0, len(told), HOUSEHOLDS)
    ]


def district(known_by: str, households: dict[Resident, list[tuple[int, str, ArrearsSignal]]]) -> District:
    """Return a district: of the first of `households` creditors write a BSN instead of the address."""
    codecs = {name: Codec("ArrearsSignal", arrears(name), LocalRegistry()) for name in CREDITORS}
    codec = Codec("Residence", RESIDENTS, LocalRegistry())
    first, second, *_ = households
    written = []
    for _, by, signal in sorted(one for each in households.values() for one in each):
        one = replace(signal, resident=Resident(bsn=known_by)) if signal.resident == first else signal
        written.append((arrears(by), signal.contract.encode(), codecs[by].encode(one.to_record())))
    homes = [codec.encode({"address": written_as(each)}) for each in (first, second)]
    return District(written, known_by, [*homes, None])


def written_as(home: Resident) -> dict[str, object]:
    """Return where somebody lives, as the register writes it."""
    assert home.postcode is not None
    assert home.house_number is not None
    return normalise(home.postcode, home.house_number, home.addition).to_record()


@cache
def day(on: EpochDay) -> bytes:
    """Return what the clock writes."""
    return household_events(LocalRegistry()).encode(as_event(Tick(on, 0, 0)))


def sent(
    random: Random, count: int, partitions: int, secret: bytes, now_ms: int, next_day: float = NEXT_DAY
) -> list[Fed]:
    """Return what is fed in one schedule, in its order; `next_day` says how often a day comes."""
    district = random.choice(districts())
    start = random.randrange(max(1, len(district.told) - count))
    resident = resident_key(district.resident, secret).encode()
    homes = district.residences if random.random() < LEAVES else district.residences[:-1]
    days = iter(DAYS[random.randrange(len(DAYS)) :])
    fed: list[Fed] = []

    def feed(topic: str, partition: int, key: bytes, value: bytes | None) -> None:
        fed.append((TP(topic, partition), Data(key, value, now_ms + len(fed), None)))

    for topic, key, value in district.told[start : start + count]:
        feed(topic, partition_of(key, partitions), key, value)
        if random.random() < POISONED:
            feed(topic, random.randrange(partitions), b"poison", random.choice(POISON[:-1]))
        if random.random() < REGISTERED:
            feed(RESIDENTS, partition_of(resident, partitions), resident, random.choice(homes))
        if random.random() < next_day and (on := next(days, None)) is not None:
            for partition in range(partitions):
                feed(HOUSEHOLD_EVENTS, partition, EVERY.encode(), day(on))
    return fed
