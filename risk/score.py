"""Points: where they come from, each by itself, and their sum.

Everything is whole numbers: points in hundredths, arrears in hundredths of a month's bill.
"""

from __future__ import annotations

from collections.abc import Sequence

from eropaf.risk.events import EpochDay
from eropaf.risk.frozen import dataclass
from eropaf.risk.lawful import too_little
from eropaf.risk.policy import HUNDREDTHS, PartnerRules, Policy
from eropaf.risk.positions import counts
from eropaf.risk.rows import Position

# What a record's `int` holds. Behind on bills of a cent a month, a household is billions of months behind:
# so far up no exact number is needed, and one that cannot be written on would end every worker.
MOST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Points:
    """One contribution to a score, in hundredths of a point.

    `creditor`, `partner_type` and `contract` are None for what the household as a whole contributes.
    `quantity` is what was counted: hundredths of a month, a number of creditors or months, or days.
    """

    what: str
    creditor: str | None
    partner_type: str | None
    contract: str | None
    points: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a household's arrears come to, of those that nobody has handled."""

    contributions: tuple[Points, ...]
    open_positions: int
    creditors: int
    months_behind: int
    threatening: bool
    crisis_on: EpochDay | None

    @property
    def score(self) -> int:
        """Sum of the contributions, in hundredths of a point, at most `MOST`."""
        return min(MOST, sum([part.points for part in self.contributions]))


def months_of(amount_cents: int, position: Position, partner: PartnerRules) -> int:
    """Give an amount in hundredths of a month of the usual bill, rounded down.

    A month of rent and a month of water differ in euros by thirty times and in meaning hardly:
    arrears are measured in bills (BKR, "gradations", October 2023).
    """
    bill_cents = position.monthly_bill_cents
    if bill_cents is None:
        bill_cents = partner.usual_bill_cents
    return amount_cents * HUNDREDTHS // bill_cents


def assess(
    positions: Sequence[Position],
    months: Sequence[int],
    today: EpochDay,
    policy: Policy,
    minor_children: bool = False,
) -> Assessment:
    """Give what `positions` come to on `today` under `policy`.

    `months` are those in which arrears were signalled, counted from January 1970, rising.
    `minor_children` says whether any live at the address, by the municipality's register.
    """
    parts: list[Points] = []
    creditors: set[str] = set()
    standing = behind = 0
    threatening = handover = False
    crisis_on: EpochDay | None = None
    for position in positions:
        if not counts(position, today):
            continue
        standing += 1
        partner = policy.partners[position.partner_type]
        unpaid = months_of(position.amount_cents, position, partner)
        behind += unpaid
        threatening = threatening or position.crisis
        handover = handover or position.handover
        if position.crisis_on is not None and (crisis_on is None or position.crisis_on < crisis_on):
            crisis_on = position.crisis_on
        if _add_arrears(parts, position, partner, unpaid, policy):
            creditors.add(position.creditor)
    if standing:
        _add_household(parts, len(creditors), threatening, handover, policy)
        if creditors:
            _add_persistence(parts, months, policy)
            if minor_children and policy.minor_children:
                parts.append(Points("minor-children", None, None, None, policy.minor_children, 0))
        _add_nearness(parts, crisis_on, today, policy)
    return Assessment(tuple(parts), standing, len(creditors), min(MOST, behind), threatening, crisis_on)


def _add_arrears(
    parts: list[Points], position: Position, partner: PartnerRules, unpaid: int, policy: Policy
) -> bool:
    """Add what one contract gives; say whether its arrears give anything."""
    where = (position.creditor, position.partner_type, position.contract)
    if position.kind == "PLAN_BROKEN" and policy.plan_broken:
        parts.append(Points("plan-broken", *where, policy.plan_broken, 0))
    if too_little(position.amount_cents, position.crisis, position.partner_type, policy):
        return False
    counted = min(unpaid, policy.months_cap)
    share = policy.plan_agreed_percent if position.kind == "PLAN_AGREED" else HUNDREDTHS
    points = partner.points_per_month * counted * share // HUNDREDTHS
    if not points:
        return False
    parts.append(Points("arrears", *where, points, counted))
    if position.first_cents is not None and position.amount_cents > position.first_cents:
        grown = months_of(position.amount_cents - position.first_cents, position, partner)
        more = policy.growth * min(grown, policy.months_cap) * share // HUNDREDTHS
        if more:
            parts.append(Points("growth", *where, more, min(grown, policy.months_cap)))
    return True


def _add_household(
    parts: list[Points], creditors: int, threatening: bool, handover: bool, policy: Policy
) -> None:
    if creditors > 1 and policy.breadth:
        parts.append(Points("breadth", None, None, None, policy.breadth * (creditors - 1), creditors))
    if threatening and policy.threatening:
        parts.append(Points("threatening", None, None, None, policy.threatening, 0))
    if handover and policy.handover:
        parts.append(Points("handover", None, None, None, policy.handover, 0))


def _add_persistence(parts: list[Points], months: Sequence[int], policy: Policy) -> None:
    """Add points for earlier months with a signal, seen from the newest.

    Not from today: so nothing moves because a month begins.
    """
    if len(months) < 2 or not policy.persistence:
        return
    newest = months[-1]
    earlier = len([month for month in months if newest - policy.look_back_months <= month < newest])
    if earlier:
        parts.append(Points("persistence", None, None, None, policy.persistence * earlier, earlier))


def _add_nearness(parts: list[Points], crisis_on: EpochDay | None, today: EpochDay, policy: Policy) -> None:
    if crisis_on is None:
        return
    left = max(0, crisis_on - today)
    for within_days, points in policy.nearness:
        if left <= within_days:
            if points:
                parts.append(Points("nearness", None, None, None, points, left))
            return
