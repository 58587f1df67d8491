"""What a backtest compares: orders and deliveries, levers, models of help, teams of every size, silences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from eropaf.simulate.backtest.arms import WORKERS, Arm, Channel, Delivery, Effect, Ties
from eropaf.simulate.backtest.orders import AREA, BASELINES, FILE_OF_2015, OLDEST_FIRST
from eropaf.simulate.years.sectors import NAMES

# Teams by which the monthly file's worth is drawn as a line: from half as large to three times.
TEAMS = (0.5, 1.0, 1.1, 1.5, 2.0, 3.0)
ONE_TENTH_MORE = 1.1


class Compare(StrEnum):
    """What to compare."""

    ORDERS = "orders"
    LEVERS = "levers"
    EFFECTS = "effects"
    MAP = "map"
    SILENT = "silent"


def arms(
    compare: Compare,
    policies: Sequence[str],
    deliveries: Sequence[Delivery] = tuple(Delivery),
    workers: Sequence[float] = (WORKERS,),
    channels: Sequence[Channel] = (Channel.MIXED,),
    baselines: Sequence[str] = tuple(BASELINES),
) -> tuple[Arm, ...]:
    """Return the arms of a comparison; the first is what the others are held against."""
    if compare is Compare.LEVERS:
        return levers(policies)
    if compare is Compare.MAP:
        return tuple(
            Arm(order, workers=round(WORKERS * times, 4)) for times in TEAMS for order in (policies[0], AREA)
        )
    if compare is Compare.SILENT:
        return (Arm(policies[0]), *(Arm(policies[0], silent=name) for name in NAMES))
    if compare is Compare.EFFECTS:
        return tuple(
            Arm(order, _delivery(order, Delivery.LIVE), effect=effect, ties=ties)
            for effect in Effect
            for order, ties in _with_ties(policies, dict.fromkeys((OLDEST_FIRST, *baselines)))
        )
    found = [
        Arm(order, delivery, team, channel, ties=ties)
        for team in workers
        for channel in channels
        for delivery in deliveries
        for order, ties in _with_ties(policies, baselines)
        if order != FILE_OF_2015
    ]
    if FILE_OF_2015 in baselines:
        found += [Arm(FILE_OF_2015, Delivery.MONTHLY, team, of) for team in workers for of in channels]
    return tuple(found)


def levers(policies: Sequence[str]) -> tuple[Arm, ...]:
    """Return the monthly file with teams of every size, and each lever by itself, at the same team."""
    first = policies[0]
    line = [Arm(first, Delivery.MONTHLY, round(WORKERS * times, 4)) for times in TEAMS]
    reference = Arm(first, Delivery.MONTHLY, WORKERS)
    line.remove(reference)
    return (
        reference,
        *line,
        Arm(first, Delivery.WEEKLY),
        Arm(first, Delivery.LIVE),
        Arm(OLDEST_FIRST, Delivery.MONTHLY),
        *(Arm(other, Delivery.MONTHLY) for other in policies[1:]),
        Arm(first, Delivery.MONTHLY, WORKERS, Channel.CALLS),
        Arm(first, Delivery.MONTHLY, WORKERS, Channel.VISITS),
    )


def _with_ties(policies: Sequence[str], baselines: Iterable[str]) -> list[tuple[str, Ties]]:
    """Return each order with its ties by lot, and each policy with its ties against it after them."""
    by_lot = [(order, Ties.LOT) for order in (*policies, *baselines)]
    return [*by_lot, *((policy, Ties.AGAINST) for policy in policies)]


def _delivery(order: str, otherwise: Delivery) -> Delivery:
    return Delivery.MONTHLY if order == FILE_OF_2015 else otherwise
