"""Points: each contribution, and their sum.

All whole numbers: points in hundredths, arrears in hundredths of a month's bill.
"""

from __future__ import annotations

from collections.abc import Sequence

from eropaf.risk.events import EpochDay
from eropaf.risk.lawful import exempt, too_little
from eropaf.risk.policy import HUNDREDTHS, PartnerRules, Policy
from eropaf.risk.positions import counts, threatens
from eropaf.risk.rows import Position
from eropaf.risk.value import by_name, value

# What a record's `int` holds. Behind on bills of a cent a month, a household is billions of months behind:
# so far up no exact number is needed, and one that cannot be written on would end every worker.
MOST = 2**31 - 1


@value(frozen=True, slots=True)
class Points:
    """One contribution to a score, in hundredths of a point.

    `creditor`, `partner_type` and `contract` are None for contributions of the household as a whole.
    `quantity` is what was counted: hundredths of a month, a number of creditors or months, or days.
    """

    what: str
    points: int
    quantity: int
    creditor: str | None = None
    partner_type: str | None = None
    contract: str | None = None


@value(frozen=True, slots=True)
class Assessment:
    """The score of a household's arrears that were accepted and not yet handled.

    `open_positions` and `creditors` count these: if there is one, an offer of help is due (Wgs art. 3).
    """

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


new_assessment = by_name(Assessment)


def months_of(amount_cents: int, position: Position, partner: PartnerRules) -> int:
    """Return an amount in hundredths of a month of the usual bill, rounded down.

    A month's rent is thirty times a month's water in euros, but hardly differs in meaning: arrears are
    measured in bills (BKR, "gradations", October 2023).
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
    """Assess `positions` on `today` under `policy`.

    `months` are those in which arrears were signalled, counted from January 1970, ascending.
    `minor_children`: whether any live at the address, by the municipality's register.
    """
    parts: list[Points] = []
    creditors: set[str] = set()
    behind = 0
    threatening = handover = False
    crisis_on: EpochDay | None = None
    standing = accepted(positions, today, policy)
    for position in standing:
        partner = policy.partners[position.partner_type]
        unpaid = months_of(position.amount_cents, position, partner)
        behind += unpaid
        threatening = threatening or threatens(position, today)
        handover = handover or position.handover
        date = position.crisis_on
        if date is not None and date >= today and (crisis_on is None or date < crisis_on):
            crisis_on = date
        creditors.add(position.creditor)
        _add_arrears(parts, position, partner, unpaid, policy)
    if standing:
        _add_household(parts, len(creditors), threatening, handover, policy)
        _add_persistence(parts, months, policy)
        if minor_children and policy.minor_children:
            parts.append(Points("minor-children", policy.minor_children, 0))
        _add_nearness(parts, crisis_on, today, policy)
    return new_assessment(
        contributions=tuple(parts),
        open_positions=len(standing),
        creditors=len(creditors),
        months_behind=min(MOST, behind),
        threatening=threatening,
        crisis_on=crisis_on,
    )


def accepted(positions: Sequence[Position], today: EpochDay, policy: Policy) -> list[Position]:
    """Return those for which help is to be offered: they count, and are not too small.

    The policy sets the minimum for one signal and for all together (DDAS 1.2, "onterecht signaal"). Together
    they are too small only if nothing threatens and nobody wants help.
    """
    standing = [
        position
        for position in positions
        if counts(position, today, policy) and not too_little(position, policy)
    ]
    least = policy.household_minimum_cents
    if least and sum([position.amount_cents for position in standing]) < least:
        return [position for position in standing if exempt(position)]
    return standing


def _add_arrears(
    parts: list[Points], position: Position, partner: PartnerRules, unpaid: int, policy: Policy
) -> None:
    """Add one contract's points."""
    where = (position.creditor, position.partner_type, position.contract)
    if position.kind == "PLAN_BROKEN" and policy.plan_broken:
        parts.append(Points("plan-broken", policy.plan_broken, 0, *where))
    counted = min(unpaid, policy.months_cap)
    share = policy.plan_agreed_percent if position.kind == "PLAN_AGREED" else HUNDREDTHS
    points = partner.points_per_month * counted * share // HUNDREDTHS
    if points:
        parts.append(Points("arrears", points, counted, *where))
    if position.first_cents is not None and position.amount_cents > position.first_cents:
        grown = months_of(position.amount_cents - position.first_cents, position, partner)
        more = policy.growth * min(grown, policy.months_cap) * share // HUNDREDTHS
        if more:
            parts.append(Points("growth", more, min(grown, policy.months_cap), *where))


def _add_household(
    parts: list[Points], creditors: int, threatening: bool, handover: bool, policy: Policy
) -> None:
    if creditors > 1 and policy.breadth:
        parts.append(Points("breadth", policy.breadth * (creditors - 1), creditors))
    if threatening and policy.threatening:
        parts.append(Points("threatening", policy.threatening, 0))
    if handover and policy.handover:
        parts.append(Points("handover", policy.handover, 0))


def _add_persistence(parts: list[Points], months: Sequence[int], policy: Policy) -> None:
    """Add points for earlier months with a signal, relative to the newest.

    Not to today, so that nothing changes just because a month begins.
    """
    if len(months) < 2 or not policy.persistence:
        return
    newest = months[-1]
    earlier = len([month for month in months if newest - policy.look_back_months <= month < newest])
    if earlier:
        parts.append(Points("persistence", policy.persistence * earlier, earlier))


def _add_nearness(parts: list[Points], crisis_on: EpochDay | None, today: EpochDay, policy: Policy) -> None:
    if crisis_on is None:
        return
    left = max(0, crisis_on - today)
    for within_days, points in policy.nearness:
        if left <= within_days:
            if points:
                parts.append(Points("nearness", points, left))
            return
