"""A trial's plan: its design, which public draw decides it, and whether it is large enough."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from math import ceil, isfinite
from typing import Any

from eropaf.trial.draw import SMALLEST_STRATUM, spread_evenly
from eropaf.trial.effect import TooFew
from eropaf.trial.wedge import check

# As expected: half as much again as the analysis needs (`lots.LEAST_VARIANCE`), since outcomes may be fewer
# than was thought.
PLANNED_VARIANCE = 3.0
LARGEST_SPREAD = 0.5
# Of shares in a wedge: outcomes of an area and period may be few, those of the whole not.
FEWEST_OUTCOMES = 20


class Design(StrEnum):
    """Lots within what the policy cannot tell apart, or areas that begin one after another."""

    LOTS = "lots"
    WEDGE = "wedge"


class WrongPlan(ValueError):
    """The plan cannot be; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is fixed before anybody is listed or drawn.

    `public_draw` says in words whose numbers decide the draw, once the list is fixed. `share` has the outcome
    without the new way, `effect` is what it adds and is not to be missed. `households` are all of a trial by
    lots, in strata of `stratum` on average, or those of one area in one period. Areas or strata differ by
    `spread`, a standard deviation of shares.

    Raises:
        WrongPlan: it is not a trial plan, or a trial too small.
    """

    design: Design
    public_draw: str
    outcome: str
    share: float
    effect: float
    households: int
    stratum: int = 5
    areas: int = 0
    periods: int = 0
    spread: float = 0.02

    def __post_init__(self) -> None:
        if not self.public_draw.strip() or not self.outcome.strip():
            raise WrongPlan(
                "say the outcome, and which public draw decides: 'Lotto of 12 December 2026, its six numbers'"
            )
        with_it = self.share + self.effect
        if not (0 < self.share < 1 and 0 < with_it < 1 and self.effect):
            raise WrongPlan(
                f"a share of {self.share:g}, and of {with_it:g} with the new way: both lie above 0 and "
                "below 1, and they differ"
            )
        if not 0 <= self.spread <= LARGEST_SPREAD:
            raise WrongPlan(f"a spread of {self.spread:g}: it is 0 to {LARGEST_SPREAD:g}")
        if self.design is Design.LOTS:
            self._large_enough()
        else:
            self._wide_enough()

    @property
    def rarer(self) -> float:
        """Return the share of those who have the outcome, or of those who have not, whichever is less."""
        return min(self.share, 1 - self.share)

    def variance_of_outcomes(self) -> float:
        """Return the variance of one household's outcome: without the new way, or half with it if less."""
        middle = self.share + self.effect / 2
        return min(self.share * (1 - self.share), middle * (1 - middle))

    def _large_enough(self) -> None:
        if self.stratum < SMALLEST_STRATUM:
            raise WrongPlan(f"a stratum of {self.stratum}: lots part two households at least")
        needed = ceil(4 * PLANNED_VARIANCE / self.variance_of_outcomes())
        if self.households < needed:
            raise WrongPlan(
                f"{self.households} households are too few where {self.share:.0%} have the outcome: with "
                f"fewer than {needed} no interval holds its 95 %. List more, or count what is less rare"
            )

    def _wide_enough(self) -> None:
        if self.areas < 2 or not 3 <= self.periods <= 1 + self.areas or self.households < 1:
            raise WrongPlan(
                f"{self.areas} areas in {self.periods} periods with {self.households} households in each: a "
                "wedge has 3 periods to one more than there are areas, and households in each"
            )
        try:
            check(spread_evenly(self.areas, self.periods))
        except TooFew as error:
            raise WrongPlan(str(error)) from None
        in_all, needed = self.areas * self.periods * self.households, FEWEST_OUTCOMES / self.rarer
        if in_all < needed:
            raise WrongPlan(
                f"{in_all} households over all areas and periods, of whom {self.share:.0%} have the outcome: "
                f"too few for an interval that holds its 95 %. Take {ceil(needed)} at least"
            )

    def to_record(self) -> dict[str, Any]:
        """Return it as its file holds it."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: object) -> Plan:
        """Make from what its file holds.

        Raises:
            WrongPlan: it is no plan.
        """
        if not isinstance(record, dict):
            raise WrongPlan("it is not a trial plan; write one with `eropaf trial plan`")
        kinds: dict[str, tuple[type, ...]] = {
            "int": (int,),
            "float": (float, int),
            "str": (str,),
            "Design": (str,),
        }
        for field in fields(cls):
            found = record.get(field.name)
            if (
                not isinstance(found, kinds[str(field.type)])
                or isinstance(found, bool)
                or (isinstance(found, float) and not isfinite(found))
            ):
                raise WrongPlan(
                    f"{field.name} is missing or no {field.type}; write a plan with `eropaf trial plan`"
                )
        unknown = sorted(set(record) - {field.name for field in fields(cls)})
        if unknown or record["design"] not in list(Design):
            raise WrongPlan(
                f"{', '.join(unknown) or 'the design'} is not of a plan; write one with `eropaf trial plan`"
            )
        return cls(**{**record, "design": Design(record["design"])})
