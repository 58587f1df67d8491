"""A policy as the rules use it: plain numbers in the units in which they count.

Amounts are cents, points and months hundredths, dates days. `policy_file` holds what people write,
and checks it.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from eropaf.risk.calendar import working_days_after
from eropaf.risk.events import EpochDay, PolicyActivated
from eropaf.risk.frozen import dataclass
from eropaf.risk.policy_file import BANDS, PARTNER_TYPES, PolicyError, PolicyFile
from eropaf.risk.refusal import Reason, Refused

HUNDREDTHS = 100
EPOCH = date(1970, 1, 1)

Band = Literal["NONE", "LOW", "MEDIUM", "HIGH", "URGENT"]


@dataclass(frozen=True, slots=True)
class PartnerRules:
    """How arrears with one kind of creditor are taken in, and how they count."""

    accepted: bool
    from_days: int
    to_days: int | None
    minimum_cents: int
    points_per_month: int
    usual_bill_cents: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """Hundredths of points at which a band is entered, and below which it is left."""

    enter: int
    leave: int


@dataclass(frozen=True, slots=True)
class ResultRules:
    """Days for which a result keeps the same arrears quiet, and for which it is remembered."""

    quiet_days: int
    retention_days: int


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of every number that decides who is helped first."""

    version: str
    partners: dict[str, PartnerRules]
    own_effort_may_be_unsaid: bool
    months_cap: int
    breadth: int
    plan_broken: int
    threatening: int
    plan_agreed_percent: int
    growth: int
    persistence: int
    look_back_months: int
    handover: int
    nearness: tuple[tuple[int, int], ...]
    """Days to a date, and the points from there on; the nearest first."""
    minor_children: int
    """Points where minor children live at the address; zero: nothing of it is taken in or kept."""
    first_talk_days: int
    threatening_days: int
    threatening_working_days: bool
    holidays: frozenset[EpochDay]
    days_between_lowerings: int
    collection_pause_days: int
    paid_days: int
    withdrawn_days: int
    silent_days: int
    results: dict[str, ResultRules]
    bands: dict[str, Threshold]

    @classmethod
    def parse(cls, text: str) -> Policy:
        """Read a policy from TOML.

        Raises:
            PolicyError: it is not valid; nothing of it may be used.

        """
        return cls.of(PolicyFile.parse(text))

    @classmethod
    def activated(cls, activation: PolicyActivated) -> Policy:
        """Read a policy that was activated.

        Raises:
            Refused: it is not valid; what held before goes on to hold.

        """
        try:
            return cls.parse(activation.text)
        except PolicyError:
            raise Refused(Reason.BROKEN_POLICY, "the policy is not valid for this version") from None

    @classmethod
    def of(cls, file: PolicyFile) -> Policy:
        """Turn a file that was checked into the numbers that the rules use."""
        weights, deadlines = file.weights, file.deadlines
        return cls(
            version=file.version,
            partners={
                name: PartnerRules(
                    partner.accepted,
                    partner.from_days,
                    partner.to_days,
                    HUNDREDTHS
                    * (
                        file.minimum_amount_eur
                        if partner.minimum_amount_eur is None
                        else partner.minimum_amount_eur
                    ),
                    partner.points_per_month,
                    partner.usual_bill_eur * HUNDREDTHS,
                )
                for name, partner in file.partners.items()
            },
            own_effort_may_be_unsaid=file.lawful.own_effort_when_unsaid == "accept",
            months_cap=weights.months_cap * HUNDREDTHS,
            breadth=weights.breadth * HUNDREDTHS,
            plan_broken=weights.plan_broken * HUNDREDTHS,
            threatening=weights.threatening * HUNDREDTHS,
            plan_agreed_percent=weights.plan_agreed_percent,
            growth=weights.growth,
            persistence=weights.persistence * HUNDREDTHS,
            look_back_months=weights.look_back_months,
            handover=weights.handover * HUNDREDTHS,
            nearness=tuple((step.within_days, step.points * HUNDREDTHS) for step in file.nearness),
            minor_children=0 if file.minor_children is None else file.minor_children.points * HUNDREDTHS,
            first_talk_days=deadlines.first_talk_days,
            threatening_days=deadlines.threatening_days,
            threatening_working_days=deadlines.threatening_days_are == "working",
            holidays=frozenset((day - EPOCH).days for day in deadlines.holidays),
            days_between_lowerings=file.stability.minimum_days_between_lowerings,
            collection_pause_days=file.collection_pause_days,
            paid_days=file.retention.paid_days,
            withdrawn_days=file.retention.withdrawn_days,
            silent_days=file.retention.silent_days,
            results={
                name: ResultRules(result.quiet_days, result.retention_days)
                for name, result in file.results.items()
            },
            bands={
                name: Threshold(threshold.enter * HUNDREDTHS, threshold.leave * HUNDREDTHS)
                for name, threshold in file.bands.items()
            },
        )

    def first_talk_by(self, today: EpochDay) -> EpochDay:
        """Give the day by which a first talk is due (Wgs art. 4 lid 1)."""
        return today + self.first_talk_days

    def threatening_talk_by(self, today: EpochDay) -> EpochDay:
        """Give the day by which it is due in a threatening situation (Wgs art. 4 lid 2)."""
        if self.threatening_working_days:
            return working_days_after(today, self.threatening_days, self.holidays)
        return today + self.threatening_days


__all__ = ["BANDS", "PARTNER_TYPES", "Band", "Policy", "PolicyError"]
