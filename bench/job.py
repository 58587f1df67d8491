"""The job that is measured: what goes in, and what must come out of it, to the byte."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from eropaf.risk.household import fold
from eropaf.risk.identity import household_key
from eropaf.risk.policy import Policy
from eropaf.risk.ranking import rank
from eropaf.risk.records import DAY_MS, Address, HouseholdEvent, Signal
from eropaf.risk.rows import HouseholdRow, RankingRow
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, HOUSEHOLD_RISK, PRIORITIES
from eropaf_client.schemas.wire import Codec

GROUP = "bench"
PARTITIONS = 8
FIRST_MS = 20514 * DAY_MS  # 2 March 2026
# So far apart in event time are two events of a feed, unless told: every event has a time of its own.
APART_MS = 10
SECRET = b"a secret of the benchmark"

# Creditor, kind of partner, usual bill in cents.
SECTORS = (
    ("rent", "RENT", 55_000),
    ("health", "HEALTH", 16_000),
    ("energy", "ENERGY", 18_000),
    ("water", "WATER", 2_000),
    ("benefits", "BENEFITS_RECLAIM", 10_000),
)
CREDITORS = tuple(creditor for creditor, _, _ in SECTORS)
# A household owes up to this many of them, and no two are the same: two on average.
CONTRACTS = (1, 2, 3)
KINDS = ("REPORTED", "CHANGED", "PAID", "PLAN_AGREED", "PLAN_BROKEN", "WITHDRAWN")
SHARES = (45, 25, 15, 7, 4, 4)
MONTHS_BEHIND = (0.5, 4.0)
THREATENS_SHARE = 0.02
HANDOVER_SHARE = 0.03
OFFERS = ("NO_ANSWER", "AGREED", "REFUSED")
OFFER_SHARES = (94, 4, 2)


@dataclass(frozen=True, slots=True)
class Feed:
    """`events` events of `households` households, drawn evenly. One seed, one feed.

    Plain signals of creditors only; each brings a newer version of a contract, so each changes its
    household's row and tells a risk.
    """

    households: int
    events: int
    seed: int = 1
    apart_ms: int = APART_MS

    def events_from(self, first: int = 0, until: int | None = None) -> Iterator[HouseholdEvent]:
        """Yield the events from the `first`, which is 0, on."""
        for number in range(first, self.events if until is None else until):
            yield event(self, number)


def event(feed: Feed, number: int) -> HouseholdEvent:
    """Return one event of `feed` by its number."""
    dice = Random(feed.seed << 40 | number)
    resident = dice.randrange(feed.households)
    owes = CONTRACTS[resident % len(CONTRACTS)]
    creditor, partner_type, bill = SECTORS[(resident + dice.randrange(owes)) % len(SECTORS)]
    kind = dice.choices(KINDS, SHARES)[0]
    at = FIRST_MS + number * feed.apart_ms
    threatens = dice.random() < THREATENS_SHARE
    offer = dice.choices(OFFERS, OFFER_SHARES)[0]
    handover = dice.random() < HANDOVER_SHARE
    threat = "END_OF_DELIVERY" if partner_type == "ENERGY" else "EVICTION"
    address = home(resident)
    signal = Signal(
        signal_id=f"{creditor}-{resident}-202603-{number}",
        creditor=creditor,
        contract=f"{creditor}-{resident}",
        kind=kind,
        partner_type=partner_type,
        amount_cents=round(bill * dice.uniform(*MONTHS_BEHIND)),
        monthly_bill_cents=bill,
        arrears_since=at // DAY_MS - 60,
        reported_at=at,
        version=number,
        own_effort=_effort(offer),
        crisis_kind=threat if threatens else None,
        crisis_on=at // DAY_MS + 20 if threatens else None,
        handover_wish=handover,
    )
    key = household_key(address, SECRET)
    return HouseholdEvent(key, f"arrears.{creditor}-{number % 8}-{number}", at, address, signal)


def _effort(offer: str) -> dict[str, Any]:
    return {
        "personal_contact": True,
        "debt_help_pointed_at": True,
        "written_reminders": 1,
        "offer": offer,
    }


def home(resident: int) -> Address:
    """Return the address of one household."""
    return Address(f"{1000 + resident % 9000}AB", resident // 9000 % 99_999 + 1, "")


@dataclass(slots=True)
class Must:
    """What must come out: by topic and household how many records, and a digest of their bytes in order."""

    told: dict[str, dict[bytes, tuple[int, bytes]]] = field(
        default_factory=lambda: {HOUSEHOLD_RISK: {}, PRIORITIES: {}}
    )

    def take(self, topic: str, key: bytes, value: bytes) -> None:
        """Add the next record of `key` on `topic`."""
        count, digest = self.told[topic].get(key, (0, b""))
        self.told[topic][key] = (count + 1, hashlib.blake2b(digest + value, digest_size=8).digest())

    def count(self, topic: str) -> int:
        """Return the number of records on `topic`."""
        return sum(count for count, _ in self.told[topic].values())


class Rules:
    """The job done by the rules alone, without an engine: what every engine is held against."""

    def __init__(self, policy: Policy) -> None:
        self.must = Must()
        self.told = 0
        """Updates so far."""
        self._policy = policy
        self._households: dict[str, HouseholdRow | None] = {}
        self._rankings: dict[str, RankingRow | None] = {}
        self._risks = Codec("HouseholdRisk", HOUSEHOLD_RISK, LocalRegistry())
        self._updates = Codec("PriorityUpdate", PRIORITIES, LocalRegistry())

    def take(self, event: HouseholdEvent) -> None:
        """Take one event through both hops."""
        key = event.household
        folded = fold(self._households.get(key), event, self._policy)
        assert folded.row is not None, "nobody is forgotten in this job"
        self._households[key] = folded.row
        if folded.risk is None:
            return
        self.must.take(HOUSEHOLD_RISK, key.encode(), self._risks.encode(folded.risk.to_record()))
        ranked = rank(self._rankings.get(key), folded.risk, self._policy)
        assert ranked.row is not None, "nobody is forgotten in this job"
        self._rankings[key] = ranked.row
        if ranked.update is not None:
            self.told += 1
            self.must.take(PRIORITIES, key.encode(), self._updates.encode(ranked.update.to_record()))


def differences(must: Must, seen: Must) -> list[str]:
    """Return how `seen` differs: nothing where each household's records are there, once and in order."""
    found = []
    for topic, wanted in must.told.items():
        told = seen.told[topic]
        wrong = [key for key in wanted.keys() | told.keys() if wanted.get(key) != told.get(key)]
        if wrong:
            found.append(
                f"{topic}: {len(wrong)} of {len(wanted)} households differ, "
                f"{seen.count(topic)} records for {must.count(topic)}"
            )
    return found


def encoder() -> Codec[dict[str, Any]]:
    """Return what turns an event into bytes."""
    return Codec("HouseholdEvent", HOUSEHOLD_EVENTS, LocalRegistry())
