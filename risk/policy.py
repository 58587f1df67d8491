"""A policy as the rules use it: plain numbers in the rules' units.

Amounts are cents, points and months hundredths, dates days. `policy_file` models and checks what people
write.
"""

from __future__ import annotations

from typing import Literal

from eropaf.risk.calendar import EPOCH, working_days_after
from eropaf.risk.events import EpochDay, EpochMs, PolicyActivated
from eropaf.risk.policy_file import BANDS, PARTNER_TYPES, Partner, PolicyError, PolicyFile
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.value import value
from eropaf.risk.zone import CivilZone, civil_zone

HUNDREDTHS = 100

Band = Literal["NONE", "LOW", "MEDIUM", "HIGH", "URGENT"]


@value(frozen=True, slots=True)
class PartnerRules:
    """How arrears with one kind of creditor are accepted, and how they count."""

    accepted: bool
    grounded: bool
    """A ground is named, and it covers the municipality."""
    ground_until: EpochDay | None
    from_days: int
    to_days: int | None
    valid_days: int
    minimum_cents: int
    """What one signal must reach by itself."""
    points_per_month: int
    usual_bill_cents: int


@value(frozen=True, slots=True)
class Threshold:
    """The hundredths of points at which a band is entered, and below which it is left; and its action."""

    enter: int
    leave: int
    action: str


@value(frozen=True, slots=True)
class ResultRules:
    """Days for which a result silences the same arrears, and for which it is remembered."""

    quiet_days: int
    retention_days: int


@value(frozen=True, slots=True)
class Policy:
    """One version of every number that decides who is offered help first."""

    version: str
    municipality: str
    """CBS code, in four digits, of whose policy this is."""
    zone: CivilZone
    partners: dict[str, PartnerRules]
    household_minimum_cents: int
    """What all that stands at an address must reach together; zero where each signal is judged alone."""
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
    contact_slips: bool
    """Whether creditors may leave sealed contact slips; the household agent ends those that it knows of."""
    still_open: bool
    """Whether creditors are asked, before somebody rings or visits, whether their arrears still stand."""
    first_talk_days: int
    first_talk_norm: str
    threatening_days: int
    threatening_working_days: bool
    threatening_norm: str
    legal_holidays: bool
    days_between_lowerings: int
    collection_pause_days: int
    paid_days: int
    withdrawn_days: int
    silent_days: int
    unknown_days: int
    """Days for which a signal on a BSN waits for the register's entry."""
    results: dict[str, ResultRules]
    bands: dict[str, Threshold]

    @classmethod
    def parse(cls, text: str) -> Policy:
        """Parse a policy from TOML.

        Raises:
            PolicyError: it is invalid; none of it may be used.

        """
        return cls.of(PolicyFile.parse(text))

    @classmethod
    def activated(cls, activation: PolicyActivated) -> Policy:
        """Parse an activated policy.

        Raises:
            Refused: it is invalid; the previous one stays in force.

        """
        try:
            return cls.parse(activation.text)
        except PolicyError:
            raise Refused(Reason.BROKEN_POLICY, "the policy is not valid for this version") from None

    @classmethod
    def of(cls, file: PolicyFile) -> Policy:
        """Turn a checked file into the rules' numbers."""
        weights, deadlines = file.weights, file.deadlines
        of_household = file.minimum_is_of == "household"
        return cls(
            version=file.version,
            municipality=file.lawful.municipality.removeprefix("GM"),
            zone=civil_zone(file.time_zone),
            partners={name: _partner(partner, file) for name, partner in file.partners.items()},
            household_minimum_cents=file.minimum_amount_eur * HUNDREDTHS if of_household else 0,
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
            contact_slips=file.contact_slips is not None,
            still_open=file.still_open is not None,
            first_talk_days=deadlines.first_talk_days,
            first_talk_norm=deadlines.first_talk_norm,
            threatening_days=deadlines.threatening_days,
            threatening_working_days=deadlines.threatening_days_are == "working",
            threatening_norm=deadlines.threatening_norm,
            legal_holidays=deadlines.holidays == "Algemene termijnenwet",
            days_between_lowerings=file.stability.minimum_days_between_lowerings,
            collection_pause_days=file.collection_pause_days,
            paid_days=file.retention.paid_days,
            withdrawn_days=file.retention.withdrawn_days,
            silent_days=file.retention.silent_days,
            unknown_days=file.retention.unknown_days,
            results={
                name: ResultRules(result.quiet_days or 0, result.retention_days)
                for name, result in file.results.items()
            },
            bands={
                name: Threshold((band.enter or 0) * HUNDREDTHS, (band.leave or 0) * HUNDREDTHS, band.action)
                for name, band in file.bands.items()
            },
        )

    def waits_since(self, day: EpochDay) -> EpochMs:
        """Return the moment: a signal stored before it has waited too long by a day."""
        return self.zone.start_of(day - self.unknown_days)

    def knows_contracts_since(self, day: EpochDay) -> EpochDay:
        """Return the day since which a resident's contract must have been signalled, to be known on a day.

        As long as anything of it may stand: the longest that arrears do, and after it the longest that a
        result on their last day does.
        """
        valid = [partner.valid_days for partner in self.partners.values()]
        result = [max(rules.quiet_days, rules.retention_days) for rules in self.results.values()]
        return day - max(self.paid_days, self.withdrawn_days, self.silent_days, *valid) - max(result)

    def first_talk_by(self, listed_on: EpochDay) -> EpochDay:
        """Return the day by which a first talk is due, for a household listed on a day (Wgs art. 4)."""
        return listed_on + self.first_talk_days

    def threatening_talk_by(self, threatened_on: EpochDay) -> EpochDay:
        """Return the day by which it is due if something threatens since a day (Wgs art. 4 lid 2)."""
        if self.threatening_working_days:
            return working_days_after(threatened_on, self.threatening_days, self.legal_holidays)
        return threatened_on + self.threatening_days


def _partner(partner: Partner, file: PolicyFile) -> PartnerRules:
    """Turn a file's section on one kind of creditor into the rules' numbers."""
    minimum_eur = partner.minimum_amount_eur
    if minimum_eur is None:
        minimum_eur = file.minimum_amount_eur if file.minimum_is_of == "signal" else 0
    covered = not partner.municipalities or file.lawful.municipality in partner.municipalities
    until = partner.basis_until
    return PartnerRules(
        accepted=partner.accepted,
        grounded=partner.basis is not None and covered,
        ground_until=None if until is None else (until - EPOCH).days,
        from_days=partner.from_days,
        to_days=partner.to_days,
        valid_days=partner.valid_days,
        minimum_cents=minimum_eur * HUNDREDTHS,
        points_per_month=partner.points_per_month,
        usual_bill_cents=partner.usual_bill_eur * HUNDREDTHS,
    )


__all__ = ["BANDS", "EPOCH", "PARTNER_TYPES", "Band", "Policy", "PolicyError"]
