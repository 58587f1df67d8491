"""A policy: every number that decides who is helped first, versioned, checked as a whole."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

# Several times what a policy needs; TOML can be written so that reading it takes the square of its length.
LONGEST_TEXT = 32_768

BANDS = ("LOW", "MEDIUM", "HIGH", "URGENT")
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

Band = Literal["NONE", "LOW", "MEDIUM", "HIGH", "URGENT"]


class PolicyError(Exception):
    """The policy cannot be used; the message names every fault, one a line."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Partner(_Part):
    """How arrears with one kind of creditor count."""

    points_per_month: Annotated[int, Field(ge=0, le=1000)]
    """Points for each month of the usual bill that is unpaid."""
    usual_bill_eur: Annotated[int, Field(gt=0, le=10_000)]
    """Monthly bill, where the creditor does not say, in whole euros."""


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
    breadth: Annotated[int, Field(ge=0, le=1000)]
    """Points for each creditor after the first."""
    plan_broken: Annotated[int, Field(ge=0, le=1000)]
    """Points for a payment plan that was agreed and broken, a contract."""
    threatening: Annotated[int, Field(ge=0, le=10_000)]
    """Points while a threatening situation stands, once a household."""
    plan_agreed_percent: Annotated[int, Field(ge=0, le=100)]
    """Share of a contract's points that counts while a payment plan is kept."""


class Deadlines(_Part):
    """Days within which a first talk is due."""

    first_talk_days: Annotated[int, Field(gt=0, le=365)]
    threatening_days: Annotated[int, Field(gt=0, le=365)]


class Policy(_Part):
    """One version of the rules' numbers."""

    version: Annotated[str, Field(min_length=1, max_length=100)]
    minimum_amount_eur: Annotated[int, Field(ge=0, le=10_000)]
    """Arrears below this give no points, unless something threatens."""
    weights: Weights
    deadlines: Deadlines
    bands: dict[Literal["LOW", "MEDIUM", "HIGH", "URGENT"], Threshold]
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
            return cls.model_validate(values)
        except ValidationError as error:
            faults = [f"{'.'.join(map(str, e['loc'])) or 'policy'}: {e['msg']}" for e in error.errors()]
            raise PolicyError("the policy is not valid:\n" + "\n".join(faults)) from None

    @model_validator(mode="after")
    def _complete_and_ordered(self) -> Self:
        faults = [f"partners.{name} is missing" for name in PARTNER_TYPES if name not in self.partners]
        faults += [
            f"partners.{name} is no partner type" for name in self.partners if name not in PARTNER_TYPES
        ]
        faults += [f"bands.{name} is missing" for name in BANDS if name not in self.bands]
        present = [name for name in BANDS if name in self.bands]
        for name in present:
            if self.bands[name].leave > self.bands[name].enter:
                faults.append(f"bands.{name}: leave must not be above enter")
        for lower, higher in pairwise(present):
            if self.bands[lower].enter >= self.bands[higher].enter:
                faults.append(f"bands.{higher}.enter must be above bands.{lower}.enter")
            if self.bands[lower].leave >= self.bands[higher].leave:
                faults.append(f"bands.{higher}.leave must be above bands.{lower}.leave")
        if self.deadlines.threatening_days > self.deadlines.first_talk_days:
            faults.append("deadlines.threatening_days must not be above first_talk_days")
        if faults:
            raise ValueError("; ".join(faults))
        return self
