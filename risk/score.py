"""Points: where they come from, each by itself, and their sum.

Everything is whole numbers: points in hundredths, arrears in hundredths of a month's bill.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from risk.policy import Policy
from risk.positions import is_open
from risk.records import EpochDay, Position

HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class Points:
    """One contribution to a score, in hundredths of a point.

    `contract` is None for what the household as a whole contributes.
    """

    what: str
    creditor: str | None
    contract: str | None
    points: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a household's open positions come to."""

    contributions: tuple[Points, ...]
    open_positions: int
    creditors: int
    months_behind: int
    threatening: bool
    crisis_on: EpochDay | None

    @property
    def score(self) -> int:
        """Sum of the contributions, in hundredths of a point."""
        return sum(part.points for part in self.contributions)


def months_behind(position: Position, policy: Policy) -> int:
    """Give arrears in hundredths of a month of the usual bill, rounded down.

    A month of rent and a month of water differ in euros by thirty times and in meaning hardly:
    arrears are measured in bills (BKR, "gradations", October 2023).
    """
    bill_cents = position.monthly_bill_cents
    if bill_cents is None:
        bill_cents = policy.partners[position.partner_type].usual_bill_eur * 100
    return position.amount_cents * HUNDREDTHS // bill_cents


def assess(positions: Iterable[Position], policy: Policy) -> Assessment:
    """Give what `positions` come to under `policy`."""
    standing = [position for position in positions if is_open(position)]
    weights = policy.weights
    parts: list[Points] = []
    creditors: set[str] = set()
    months = 0
    for position in standing:
        months += months_behind(position, policy)
        points = _arrears_points(position, policy)
        if points:
            creditors.add(position.creditor)
            parts.append(Points("arrears", position.creditor, position.contract, points))
        if position.kind == "PLAN_BROKEN" and weights.plan_broken:
            broken = weights.plan_broken * HUNDREDTHS
            parts.append(Points("plan-broken", position.creditor, position.contract, broken))
    if len(creditors) > 1 and weights.breadth:
        breadth = weights.breadth * HUNDREDTHS * (len(creditors) - 1)
        parts.append(Points("breadth", None, None, breadth))
    threatening = any(position.crisis for position in standing)
    if threatening and weights.threatening:
        parts.append(Points("threatening", None, None, weights.threatening * HUNDREDTHS))
    dates = [
        position.crisis_on for position in standing if position.crisis and position.crisis_on is not None
    ]
    return Assessment(
        tuple(parts), len(standing), len(creditors), months, threatening, min(dates, default=None)
    )


def _arrears_points(position: Position, policy: Policy) -> int:
    if position.amount_cents < policy.minimum_amount_eur * 100 and not position.crisis:
        return 0
    counted = min(months_behind(position, policy), policy.weights.months_cap * HUNDREDTHS)
    points = policy.partners[position.partner_type].points_per_month * counted
    if position.kind == "PLAN_AGREED":
        return points * policy.weights.plan_agreed_percent // 100
    return points
