"""A trial's plan: its design, the phrase of its draw, and the power that it has, by simulation."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from eropaf.trial.draw import steps
from eropaf.trial.effect import Effect, of_lots, of_wedge


class Design(StrEnum):
    """Lots within what the policy cannot tell apart, or areas that begin one after another."""

    LOTS = "lots"
    WEDGE = "wedge"


class WrongPlan(ValueError):
    """The plan cannot be; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is fixed before anybody is drawn.

    `share` has the outcome without the new way, `effect` is what it adds and is not to be missed.
    `households` are all of a trial by lots, or those of one area in one period. Areas or strata differ by
    `spread`, a standard deviation of shares.
    """

    design: Design
    phrase: str
    outcome: str
    share: float
    effect: float
    households: int
    areas: int = 0
    periods: int = 0
    spread: float = 0.02

    def __post_init__(self) -> None:
        if not self.phrase.strip():
            raise WrongPlan("the phrase is empty; take one that nobody can choose: a lottery's next numbers")
        if not 0 < self.share < 1 or not 0 < self.share + self.effect < 1:
            raise WrongPlan(
                f"a share of {self.share:g} and of {self.share + self.effect:g} with the new way: say 0 to 1"
            )
        if self.design is Design.LOTS and self.households < 20:
            raise WrongPlan(f"{self.households} households are too few for lots; at least 20 are needed")
        if self.design is Design.WEDGE and (self.areas < 4 or not 3 <= self.periods <= 1 + self.areas):
            raise WrongPlan(
                f"{self.areas} areas in {self.periods} periods: a wedge needs at least 4 areas, and 3 "
                "periods to one more than there are areas"
            )

    def to_record(self) -> dict[str, Any]:
        """Return it as its file holds it."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Plan:
        """Make from what its file holds.

        Raises:
            WrongPlan: it is no plan.
        """
        try:
            return cls(**{**record, "design": Design(record["design"])})
        except WrongPlan:
            raise
        except (KeyError, TypeError, ValueError):
            raise WrongPlan("the file is no plan of a trial; write one with `eropaf trial plan`") from None


def simulated(plan: Plan, effect: float, dice: np.random.Generator) -> Effect:
    """Return what one trial by the plan finds, where the new way adds `effect` to the share."""
    if plan.design is Design.LOTS:
        return _by_lots(plan, effect, dice)
    names = [f"{area}" for area in range(plan.areas)]
    drawn = steps(f"{dice.integers(2**62)}", names, plan.periods)
    begins = np.array([drawn[name] for name in names])
    levels = np.clip(dice.normal(plan.share, plan.spread, plan.areas), 0.001, 0.999)[:, None]
    seasons = dice.normal(0, plan.spread / 2, plan.periods)[None, :]
    has = np.arange(1, plan.periods + 1)[None, :] >= begins[:, None]
    chance = np.clip(levels + seasons + effect * has, 0, 1)
    share = dice.binomial(plan.households, chance) / plan.households
    return of_wedge(share, begins, int(dice.integers(2**31)))


def _by_lots(plan: Plan, effect: float, dice: np.random.Generator) -> Effect:
    """Draw strata of about ten households, whose shares differ."""
    strata = max(1, plan.households // 10)
    stratum = np.arange(plan.households) % strata
    place = np.arange(plan.households) // strata
    first = np.zeros(plan.households, np.bool_)
    order = np.lexsort((dice.random(plan.households), stratum))
    rank = np.empty(plan.households, np.intp)
    rank[order] = place[np.lexsort((place, stratum))]
    first[rank % 2 == 0] = True
    level = np.clip(dice.normal(plan.share, plan.spread, strata), 0, 1)[stratum]
    outcome = (dice.random(plan.households) < np.clip(level + effect * first, 0, 1)).astype(float)
    return of_lots(outcome, first, stratum)


def power(plan: Plan, trials: int, seed: int = 0) -> tuple[float, float]:
    """Return how often the effect is found, and how often one is found where there is none."""
    dice = np.random.default_rng(seed)
    found, without = (
        sum(simulated(plan, effect, dice).significant for _ in range(trials)) / trials
        for effect in (plan.effect, 0.0)
    )
    return found, without
