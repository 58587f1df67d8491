"""Each month's list under each order, judged by what came of its households in the months after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eropaf.hindsight.months import Month
from eropaf.risk.outcomes import accepted
from eropaf.risk.policy import Policy
from eropaf.risk.records import DAY_MS, HouseholdEvent, Signal
from eropaf.simulate.backtest.listing import Entry, Listing
from eropaf.simulate.backtest.orders import AREA, BASELINES, Around, by_policy, households

# How many dwellings an area has is in no file.
ORDERS = tuple(name for name in BASELINES if name != AREA)


@dataclass(frozen=True, slots=True)
class Judged:
    """One month's list under one order: of the first `capacity`, how many got worse after, and of all."""

    month: str
    order: str
    listed: int
    in_need: int
    capacity: int
    found: int

    @property
    def precision(self) -> float:
        """Return the share of those who come first that got worse."""
        first = min(self.capacity, self.listed)
        return self.found / first if first else float("nan")

    @property
    def recall(self) -> float:
        """Return the share of those who got worse that comes first."""
        return self.found / self.in_need if self.in_need else float("nan")


@dataclass(frozen=True, slots=True)
class Left:
    """How many are left out of a month: they were helped, and what would have come is not known."""

    month: str
    helped: int


def judge(
    months: Sequence[Month], policies: Mapping[str, Policy], capacity: int, ahead: int
) -> tuple[list[Judged], list[Left]]:
    """Return every month that has `ahead` months after it, under every policy and simple order.

    A list knows nothing that came after its own month: the signals up to it, and what outreach registered of
    the months before. A household **got worse** where one of the months after signals something that
    threatens, a kind of creditor more than was known, or a higher amount with one of them.
    """
    judged: list[Judged] = []
    left: list[Left] = []
    lists = {name: Listing(policy) for name, policy in policies.items()}
    first = next(iter(lists))
    for at, month in enumerate(months):
        for listing in lists.values():
            _take(listing, months[at - 1].found if at else ())
            _take(listing, month.signals)
            listing.pass_time(listing.policy.zone.day_of(max(event.at for event in month.signals)))
        if at + ahead >= len(months):
            continue
        told = (event for each in months[at : at + ahead + 1] for event in each.found)
        helped = {_number(event) for event in told if _helped(event)}
        left.append(Left(month.name, len(helped & lists[first].entries.keys())))
        worse = _worse(months[: at + 1], months[at + 1 : at + 1 + ahead]) - helped
        for order in (*policies, *ORDERS):
            on_list = lists.get(order, lists[first]).entries.values()
            entries = [each for each in on_list if each.household not in helped]
            judged.append(_judged(month, order, entries, worse, capacity))
    return judged, left


def _judged(month: Month, order: str, entries: list[Entry], worse: set[int], capacity: int) -> Judged:
    numbers = max((each.household for each in entries), default=0) + 1
    needs = np.zeros(numbers, np.bool_)
    needs[[number for number in worse if number < numbers]] = True
    lot = np.random.default_rng(month.number).random(numbers, dtype=np.float32)
    newest_from = min((event.at for event in month.signals), default=0) // DAY_MS
    around = Around(np.zeros(numbers, np.int8), lot, needs, newest_from)
    first = households(BASELINES.get(order, by_policy), entries, around)[:capacity]
    listed = {each.household for each in entries}
    return Judged(
        month=month.name,
        order=order,
        listed=len(entries),
        in_need=len(worse & listed),
        capacity=capacity,
        found=len(worse.intersection(first)),
    )


def _worse(known: Sequence[Month], after: Sequence[Month]) -> set[int]:
    """Return who got worse in the months after."""
    most: dict[int, dict[str, int]] = defaultdict(dict)
    for number, signal in _signals(known):
        most[number][signal.partner_type] = signal.amount_cents
    return {
        number
        for number, signal in _signals(after)
        if signal.crisis_kind is not None
        or (number in most and signal.amount_cents > most[number].get(signal.partner_type, 0))
    }


def _signals(months: Sequence[Month]) -> Iterator[tuple[int, Signal]]:
    for month in months:
        for event in month.signals:
            if event.signal is not None:
                yield _number(event), event.signal


def _take(listing: Listing, events: Sequence[HouseholdEvent]) -> None:
    for event in events:
        listing.take(event)


def _number(event: HouseholdEvent) -> int:
    return int(event.household, 16)


def _helped(event: HouseholdEvent) -> bool:
    return event.outcome is not None and accepted(event.outcome.result)
