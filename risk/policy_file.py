"""The policy as people write it: a TOML file, checked as a whole before any of it is used."""

from __future__ import annotations

import tomllib
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from eropaf.risk.outcomes import RESULTS

# Several times what a policy needs; TOML can be written so that reading it takes the square of its length.
LONGEST_TEXT = 32_768

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

Points = Annotated[int, Field(ge=0, le=1000)]
Days = Annotated[int, Field(gt=0, le=3653)]


class PolicyError(Exception):
    """The policy cannot be used; the message names every fault, one a line."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class Partner(_Part):
    """How arrears with one kind of creditor are taken in, and how they count."""

    accepted: bool = True
    """Whether signals of this kind are picked up at all: not every municipality has the basis."""
    basis: Annotated[str, Field(min_length=1)]
    """On what ground this kind of creditor may signal: law and article, or an agreement."""
    from_days: Annotated[int, Field(ge=0, le=3653)]
    """Days that the arrears must have stood when they are signalled."""
    to_days: Days | None = None
    """Days beyond which they may not be signalled any more; none where the law sets no end."""
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


class Threshold(_Part):
    """Where a band begins. A household leaves it only below `leave`: no flapping."""

    enter: Annotated[int, Field(gt=0)]
    """Points at which a household enters the band."""
    leave: Annotated[int, Field(gt=0)]
    """Points below which it leaves the band."""


class Weights(_Part):
    """What counts beside the arrears themselves."""

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
    """Points while the date of an eviction, disconnection or end of insurance is this near."""

    within_days: Annotated[int, Field(ge=0, le=365)]
    """Calendar days to the date, or fewer."""
    points: Points
    """Points, once a household; the nearest date counts."""


class MinorChildren(_Part):
    """Minor children at the address count: off unless this part is there."""

    points: Annotated[int, Field(gt=0, le=1000)]
    """Points where minor children live at an address with arrears that count, once a household."""
    legal_basis: str = ""
    """On what ground the municipality looks at it: law and article, or the council's decision."""

    @model_validator(mode="after")
    def _on_a_ground(self) -> Self:
        if not self.legal_basis.strip():
            raise ValueError(
                "minor children count only on a stated ground: name law and article, or the council's "
                "decision, in legal_basis; or leave [minor_children] out, and they do not count"
            )
        return self


class Deadlines(_Part):
    """Days within which a first talk is due."""

    first_talk_days: Annotated[int, Field(gt=0, le=365)]
    """Calendar days to a first talk."""
    threatening_days: Annotated[int, Field(gt=0, le=365)]
    """Days to a first talk in a threatening situation."""
    threatening_days_are: Literal["calendar", "working"]
    """What those are counted in."""
    holidays: tuple[date, ...]
    """Days beside the weekends that are no working days."""


class Stability(_Part):
    """How often a household may be lowered."""

    minimum_days_between_lowerings: Annotated[int, Field(ge=0, le=90)]
    """Days between two lowerings of one household while arrears stand."""


class Lawful(_Part):
    """What is asked of a signal beside what the kind of creditor asks."""

    own_effort_when_unsaid: Literal["accept", "refuse"]
    """What holds where a creditor does not say what effort it made."""


class Result(_Part):
    """What follows when a case ends with this result."""

    quiet_days: Days
    """Days for which the same arrears, unless they grow, are only a repeat."""
    retention_days: Days
    """Days after the last event at which everything of the household is forgotten."""


class Retention(_Part):
    """Days after the last event at which everything of a household is forgotten."""

    paid_days: Days
    """Where everything was paid."""
    withdrawn_days: Days
    """Where the signals were withdrawn, or should not have been sent."""
    silent_days: Days
    """Where arrears stand but no creditor says any more of them."""


class PolicyFile(_Part):
    """One version of the rules' numbers, as it stands in its file."""

    version: Annotated[str, Field(min_length=1, max_length=100)]
    """Name of this version; one version has one text for ever."""
    minimum_amount_eur: Annotated[int, Field(ge=0, le=10_000)]
    """Arrears below this give no points, unless something threatens."""
    lawful: Lawful
    weights: Weights
    nearness: tuple[Nearness, ...]
    minor_children: MinorChildren | None = None
    deadlines: Deadlines
    stability: Stability
    collection_pause_days: Annotated[int, Field(gt=0, le=365)]
    """Days for which creditors are asked to pause collection when help was accepted."""
    retention: Retention
    results: dict[str, Result]
    bands: dict[BandName, Threshold]
    partners: dict[str, Partner]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a policy from TOML.

        Raises:
            PolicyError: it is not valid; nothing of it may be used.

        """
        if len(text) > LONGEST_TEXT:
            raise PolicyError(f"the policy is {len(text)} characters long, at most {LONGEST_TEXT} are read")
        try:
            values: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise PolicyError(f"the policy is not TOML: {error}") from None
        except (RecursionError, ValueError):  # nested a thousand deep, or a number of thousands of digits
            raise PolicyError("the policy holds a huge number, or is nested too deep") from None
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
        if self.deadlines.threatening_days > self.deadlines.first_talk_days:
            faults.append("deadlines.threatening_days must not be above first_talk_days")
        for name, result in self.results.items():
            if result.retention_days < result.quiet_days:
                faults.append(f"results.{name}: retention_days must not be below quiet_days")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _misplaced_bands(self) -> list[str]:
        faults = []
        present = [(name, self.bands[name]) for name in BANDS if name in self.bands]
        for name, threshold in present:
            if threshold.leave > threshold.enter:
                faults.append(f"bands.{name}: leave must not be above enter")
        for (_, lower), (name, higher) in pairwise(present):
            for edge in ("enter", "leave"):
                if getattr(lower, edge) >= getattr(higher, edge):
                    faults.append(f"bands.{name}.{edge} must be above that of the band below")
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
