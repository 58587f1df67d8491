"""Each month's list under each order, judged by what came of its households in the months after."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eropaf.hindsight.months import Month
from eropaf.risk.calendar import month_of
from eropaf.risk.outcomes import accepted
from eropaf.risk.policy import Policy
from eropaf.risk.records import DAY_MS, HouseholdEvent, Signal
from eropaf.simulate.backtest.listing import Entry, Listing
from eropaf.simulate.backtest.orders import AREA, BASELINES, Around, by_policy, households

# How many dwellings an area has is in no file.
ORDERS = tuple(name for name in BASELINES if name != AREA)


# What a creditor says when nothing is owed any more.
OVER = frozenset({"PAID", "WITHDRAWN"})
# Of one household, by kind of creditor and contract: what it owed in cents.
Owed = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Judged:
    """One month's list under one order: who comes `first`, as far as the team goes, and who got `worse`.

    `worse` are of all households that had been signalled by then, on this list or not: the same under every
    order.
    """

    month: str
    order: str
    listed: int
    capacity: int
    first: tuple[int, ...]
    worse: frozenset[int]

    @property
    def found(self) -> int:
        """Return how many of those who come first got worse."""
        return len(self.worse.intersection(self.first))

    @property
    def precision(self) -> float:
        """Return the share of those who come first that got worse."""
        return self.found / len(self.first) if self.first else float("nan")

    @property
    def recall(self) -> float:
        """Return the share of those who got worse that comes first."""
        return self.found / len(self.worse) if self.worse else float("nan")


@dataclass(frozen=True, slots=True)
class Left:
    """How many are left out of a month: they were helped, and what would have come is not known."""

    month: str
    helped: int


def judge(
    months: Sequence[Month], policies: Mapping[str, Policy], capacity: int, ahead: int
) -> tuple[list[Judged], list[Left]]:
    """Return every month that has `ahead` months after it, under every policy and simple order.

    A list knows nothing that came after the day of its newest signal: no signal, and no result of outreach.
    A household **got worse** where one of the months after signals something that threatens, a kind of
    creditor more, or more of one kind than the newest month in which that kind signalled it.
    """
    judged: list[Judged] = []
    left: list[Left] = []
    lists = {name: Listing(policy) for name, policy in policies.items()}
    first = next(iter(lists))
    results = sorted((event for month in months for event in month.found), key=lambda event: event.at)
    taken = 0
    for at, month in enumerate(months):
        until = max(event.at for event in month.signals)
        known = bisect_right(results, until, key=lambda event: event.at)
        # What is of one moment: the signal, then what came of it.
        events = sorted([*month.signals, *results[taken:known]], key=lambda event: event.at)
        taken = known
        for listing in lists.values():
            for event in events:
                listing.take(event)
            listing.pass_time(listing.policy.zone.day_of(until))
        if at + ahead >= len(months):
            continue
        helped = _helped(results, month.number, months[at + ahead].number, policies[first])
        left.append(Left(month.name, len(helped & lists[first].entries.keys())))
        worse = frozenset(_worse(months[: at + 1], months[at + 1 : at + 1 + ahead]) - helped)
        for order in (*policies, *ORDERS):
            on_list = lists.get(order, lists[first]).entries.values()
            entries = [each for each in on_list if each.household not in helped]
            judged.append(_judged(month, order, entries, worse, capacity))
    return judged, left


def _judged(month: Month, order: str, entries: list[Entry], worse: frozenset[int], capacity: int) -> Judged:
    numbers = max((each.household for each in entries), default=0) + 1
    needs = np.zeros(numbers, np.bool_)
    needs[[number for number in worse if number < numbers]] = True
    lot = np.random.default_rng(month.number).random(numbers, dtype=np.float32)
    newest_from = min((event.at for event in month.signals), default=0) // DAY_MS
    around = Around(np.zeros(numbers, np.int8), lot, needs, newest_from)
    first = households(BASELINES.get(order, by_policy), entries, around)[:capacity]
    return Judged(
        month=month.name,
        order=order,
        listed=len(entries),
        capacity=capacity,
        first=tuple(first),
        worse=worse,
    )


def _worse(known: Sequence[Month], after: Sequence[Month]) -> set[int]:
    """Return who got worse in the months after, of those who had been signalled by then.

    A kind of creditor that signalled nobody before is none more: it began to deliver.
    """
    newest: dict[int, dict[str, int]] = defaultdict(dict)
    delivering: set[str] = set()
    for month in known:
        delivering |= month.kinds()
        for number, owed in _owed(month).items():
            newest[number] |= {kind: sum(contracts.values()) for kind, contracts in owed.items()}
    worse = {
        number
        for month in after
        for number, owed in _owed(month).items()
        for kind, contracts in owed.items()
        if number in newest and kind in delivering and sum(contracts.values()) > newest[number].get(kind, 0)
    }
    threatened = {number for month in after for number, signal in _signals(month) if signal.crisis_kind}
    return worse | (threatened & newest.keys())


def _owed(month: Month) -> dict[int, Owed]:
    """Return what was signalled in a month of each household: of each contract the newest word counts."""
    owed: dict[int, Owed] = defaultdict(lambda: defaultdict(dict))
    for number, signal in _signals(month):
        cents = 0 if signal.kind in OVER else signal.amount_cents
        owed[number][signal.partner_type][signal.contract] = cents
    return owed


def _signals(month: Month) -> Iterator[tuple[int, Signal]]:
    for event in sorted(month.signals, key=lambda event: event.at):
        if event.signal is not None:
            yield int(event.household, 16), event.signal


def _helped(results: Sequence[HouseholdEvent], first: int, last: int, policy: Policy) -> set[int]:
    """Return who accepted help from one month on, to the end of another."""
    return {
        int(event.household, 16)
        for event in results
        if event.outcome is not None
        and accepted(event.outcome.result)
        and first <= month_of(policy.zone.day_of(event.at)) <= last
    }
