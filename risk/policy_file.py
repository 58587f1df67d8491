"""The policy as people write it: a TOML file, validated as a whole before any of it is used."""

from __future__ import annotations

import tomllib
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from eropaf.risk.outcomes import RESULTS
from eropaf.risk.zone import UnknownZone, civil_zone

# Several times what a policy needs; TOML can be written so that reading it takes the square of its length.
LONGEST_POLICY = 32_768

BandName = Literal["LOW", "MEDIUM", "HIGH", "URGENT"]

BANDS: tuple[BandName, ...] = ("LOW", "MEDIUM", "HIGH", "URGENT")
PARTNER_TYPES = (
    "RENT",
    "HEALTH",
    "ENERGY",
    "WATER",
    "MORTGAGE",
    "INCOME_TAX",
    "BENEFITS_RECLAIM",
    "STUDENT_DEBT",
    "CARE_CONTRIBUTION",
    "HEALTH_DEFAULTERS",
    "MUNICIPAL_TAX",
    "OTHER",
)

Action = Literal["LETTER", "MESSAGE", "PHONE", "VISIT", "SEVERAL_ATTEMPTS"]
Norm = Literal["MUNICIPAL", "LEGAL"]

Municipality = Annotated[str, Field(pattern=r"^GM[0-9]{4}$")]
Points = Annotated[int, Field(ge=0, le=1000)]
Days = Annotated[int, Field(gt=0, le=3653)]


class PolicyError(Exception):
    """The policy cannot be used; the message lists every fault, one per line."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class Partner(_Part):
    """How arrears with one kind of creditor are accepted, and how they count."""

    accepted: bool = True
    """Whether signals of this kind are picked up at all."""
    basis: Annotated[str, Field(min_length=1)] | None = None
    """Ground on which this kind may signal: law and article, or an agreement. Without one: refused."""
    basis_until: date | None = None
    """Last day on which the ground holds; a signal reported later is refused. None: no end is known."""
    municipalities: tuple[Municipality, ...] = ()
    """Municipalities that the ground covers, by CBS code; none: all."""
    from_days: Annotated[int, Field(ge=0, le=3653)] = 0
    """Days that the arrears must have stood when they are signalled; zero: the ground names none."""
    to_days: Days | None = None
    """Days beyond which they may not be signalled any more; none where the ground sets no end."""
    valid_days: Days
    """Days for which a signal counts that its creditor does not repeat."""
    minimum_amount_eur: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """Whole euros below which this kind is not picked up; else the general minimum."""
    points_per_month: Points
    """Points for each month of the usual bill that is unpaid."""
    usual_bill_eur: Annotated[int, Field(gt=0, le=10_000)]
    """Monthly bill, where the creditor does not say, in whole euros."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to_days is not None and self.to_days <= self.from_days:
            raise ValueError("to_days must be above from_days")
        return self


class Band(_Part):
    """Where a band begins, and its action. A household leaves it only below `leave`: no flapping.

    The lowest has no threshold: every accepted signal enters it (Wgs art. 4).
    """

    action: Action
    """How help is first offered to a household in this band."""
    enter: Annotated[int, Field(gt=0)] | None = None
    """Points at which a household enters the band."""
    leave: Annotated[int, Field(gt=0)] | None = None
    """Points below which it leaves the band."""


class Weights(_Part):
    """What counts besides the arrears themselves."""

    months_cap: Annotated[int, Field(gt=0, le=120)]
    """Months of one contract beyond which more arrears do not count."""
    breadth: Points
    """Points for each creditor after the first."""
    plan_broken: Points
    """Points for a payment plan that was agreed and broken, a contract."""
    threatening: Annotated[int, Field(ge=0, le=10_000)]
    """Points while a threatening situation stands, once a household."""
    plan_agreed_percent: Annotated[int, Field(ge=0, le=100)]
    """Share of a contract's points that counts while a payment plan is kept."""
    growth: Points
    """Points for each month's bill by which the arrears grew since they were first signalled."""
    persistence: Points
    """Points for each earlier month, within the look-back, in which arrears were signalled."""
    look_back_months: Annotated[int, Field(gt=0, le=24)]
    """Months that are looked back for earlier signals."""
    handover: Points
    """Points where a creditor asks for a warm handover, once a household."""


class Nearness(_Part):
    """Points while the date of an eviction, disconnection or end of insurance is this close."""

    within_days: Annotated[int, Field(ge=0, le=365)]
    """Calendar days to the date, or fewer."""
    points: Points
    """Points, once a household; the nearest date counts."""


class MinorChildren(_Part):
    """Minor children at the address count: only if this section exists."""

    points: Annotated[int, Field(gt=0, le=1000)]
    """Points where minor children live at an address with arrears that count, once a household."""
    legal_basis: str = ""
    """On what ground the municipality looks at it: law and article, or the council's decision."""

    @model_validator(mode="after")
    def _on_a_ground(self) -> Self:
        if not self.legal_basis.strip():
            raise ValueError(
                "minor children count only on a stated ground: name the law and article, or the council's "
                "decision, in legal_basis; or leave [minor_children] out so that they do not count"
            )
        return self


class ContactSlips(_Part):
    """Creditors may leave a sealed contact slip beside a signal: only if this section exists."""

    legal_basis: str = ""
    """On what ground the municipality has creditors give it: law and article, or its agreement with them."""

    @model_validator(mode="after")
    def _on_a_ground(self) -> Self:
        if not self.legal_basis.strip():
            raise ValueError(
                "contact slips are taken only on a stated ground: name the law and article, or the "
                "agreement, in legal_basis; or leave [contact_slips] out to take none"
            )
        return self


class StillOpen(_Part):
    """Creditors are asked before a visit whether their arrears still stand: only if this section exists."""

    legal_basis: str = ""
    """On what ground they are told that somebody is about to ask: law and article, or the agreement."""

    @model_validator(mode="after")
    def _on_a_ground(self) -> Self:
        if not self.legal_basis.strip():
            raise ValueError(
                "creditors are asked before a visit only on a stated ground: name the law and article, or "
                "the agreement, in legal_basis; or leave [still_open] out to ask none"
            )
        return self


class Deadlines(_Part):
    """Days within which a first talk is due."""

    first_talk_days: Annotated[int, Field(gt=0, le=365)]
    """Calendar days to a first talk, from the day on which the household came on the list."""
    first_talk_norm: Norm
    """Whose norm that is: the municipality's own, or the law's."""
    threatening_days: Annotated[int, Field(gt=0, le=365)]
    """Days to a first talk in a threatening situation, from the day on which it was first signalled."""
    threatening_days_are: Literal["calendar", "working"]
    """What those are counted in."""
    threatening_norm: Norm
    """Whose norm that is."""
    holidays: Literal["Algemene termijnenwet", "none"]
    """Days beside the weekends that are no working days: those that this law names, of every year."""


class Stability(_Part):
    """How often a household may be lowered."""

    minimum_days_between_lowerings: Annotated[int, Field(ge=0, le=90)]
    """Days between two lowerings of one household while arrears stand."""


class Lawful(_Part):
    """Requirements for a signal beyond those of the kind of creditor."""

    municipality: Municipality
    """Whose policy this is, by CBS code: grounds that do not cover it do not hold."""

    own_effort_when_unsaid: Literal["accept", "refuse"]
    """What holds where a creditor does not say what effort it made."""


class Result(_Part):
    """What follows when a case ends with this result."""

    quiet_days: Days | None = None
    """Days for which the same arrears, unless they grow, are only a repeat; none: until a newer signal."""
    retention_days: Days
    """Days after the last event at which everything of the household is forgotten."""


class Retention(_Part):
    """Days after the last event until everything about a household is forgotten."""

    paid_days: Days
    """Where everything was paid."""
    withdrawn_days: Days
    """Where the signals were withdrawn, or should not have been sent."""
    silent_days: Days
    """Where arrears stand but no creditor says any more of them."""
    unknown_days: Days = 30
    """Of a signal on a BSN: how long it waits for the register's entry; then it is answered and forgotten."""


class PolicyFile(_Part):
    """One version of the rules' numbers, as in its file."""

    version: Annotated[str, Field(min_length=1, max_length=100)]
    """Name of this version; one version has one text for ever."""
    time_zone: str
    """Civil time zone in which days are counted, as Europe/Amsterdam."""
    minimum_amount_eur: Annotated[int, Field(ge=0, le=10_000)]
    """Arrears below this are not picked up, unless something threatens or the resident asks for help."""
    minimum_is_of: Literal["household", "signal"]
    """Whether all that stands at the address together must reach it, or each signal by itself."""
    lawful: Lawful
    weights: Weights
    nearness: tuple[Nearness, ...]
    minor_children: MinorChildren | None = None
    contact_slips: ContactSlips | None = None
    still_open: StillOpen | None = None
    deadlines: Deadlines
    stability: Stability
    collection_pause_days: Annotated[int, Field(gt=0, le=365)]
    """Days for which creditors are asked to pause collection when help was accepted."""
    retention: Retention
    results: dict[str, Result]
    bands: dict[BandName, Band]
    partners: dict[str, Partner]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a policy from TOML.

        Raises:
            PolicyError: it is invalid; none of it may be used.

        """
        if len(text) > LONGEST_POLICY:
            raise PolicyError(f"the policy is {len(text)} characters long; at most {LONGEST_POLICY} are read")
        try:
            values: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise PolicyError(f"the policy is not TOML: {error}") from None
        except (RecursionError, ValueError):  # nested a thousand deep, or a number of thousands of digits
            raise PolicyError("the policy holds a huge number, or is nested too deeply") from None
        try:
            # TOML has arrays where the model has tuples, which strict reading would refuse.
            return cls.model_validate(_tuples(values))
        except ValidationError as error:
            faults = [f"{'.'.join(map(str, e['loc'])) or 'policy'}: {e['msg']}" for e in error.errors()]
            raise PolicyError("the policy is not valid:\n" + "\n".join(faults)) from None

    @model_validator(mode="after")
    def _complete_and_ordered(self) -> Self:
        faults = [*_incomplete("partners", self.partners, PARTNER_TYPES)]
        faults += _incomplete("results", self.results, tuple(RESULTS))
        faults += _incomplete("bands", self.bands, BANDS)
        faults += self._misplaced_bands()
        for nearer, further in pairwise(self.nearness):
            if nearer.within_days >= further.within_days or nearer.points <= further.points:
                faults.append("nearness: list the nearest first; nearer must give more points")
        try:
            civil_zone(self.time_zone)
        except UnknownZone as error:
            faults.append(f"time_zone: {error}")
        if self.deadlines.threatening_days > self.deadlines.first_talk_days:
            faults.append("deadlines.threatening_days must not be above first_talk_days")
        for name, result in self.results.items():
            if name in RESULTS and (result.quiet_days is None) != RESULTS[name].about_a_person:
                faults.append(
                    f"results.{name}: quiet_days must stand there, and must not where somebody died "
                    "or lives elsewhere"
                )
            if result.quiet_days is not None and result.retention_days < result.quiet_days:
                faults.append(f"results.{name}: retention_days must not be below quiet_days")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _misplaced_bands(self) -> list[str]:
        faults = []
        lowest: BandName = BANDS[0]
        first = self.bands.get(lowest)
        if first is not None and (first.enter is not None or first.leave is not None):
            faults.append(
                f"bands.{lowest}: every accepted signal enters the lowest band (Wgs art. 4); leave out "
                "enter and leave"
            )
        edges: list[tuple[str, int, int]] = []
        for name in BANDS[1:]:
            band = self.bands.get(name)
            if band is None:
                continue
            if band.enter is None or band.leave is None:
                faults.append(f"bands.{name}: enter and leave are missing")
                continue
            if band.leave > band.enter:
                faults.append(f"bands.{name}: leave must not be above enter")
            edges.append((name, band.enter, band.leave))
        for (_, *lower), (above, *higher) in pairwise(edges):
            for edge, low, high in zip(("enter", "leave"), lower, higher, strict=True):
                if low >= high:
                    faults.append(f"bands.{above}.{edge} must be above that of the band below")
        return faults


def _incomplete(table: str, found: dict[Any, Any], wanted: tuple[str, ...]) -> list[str]:
    missing = [f"{table}.{name} is missing" for name in wanted if name not in found]
    return missing + [f"{table}.{name} is none that there is" for name in found if name not in wanted]


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tuples(part) for key, part in value.items()}
    if isinstance(value, list):
        return tuple([_tuples(part) for part in value])
    return value
