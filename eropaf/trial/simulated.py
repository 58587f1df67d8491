"""A trial that never was: how often a plan finds what is there, and what is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eropaf.trial.draw import spread_evenly
from eropaf.trial.effect import Effect, Numbers, TooFew
from eropaf.trial.lots import Tables, of_lots
from eropaf.trial.plan import Design, Plan
from eropaf.trial.wedge import of_wedge


@dataclass(frozen=True, slots=True)
class Power:
    """What came of trials by a plan, as shares of all that were simulated.

    `found`: the effect that is not to be missed was found; `without`: one was found where there was none;
    `covered`: of the intervals that were said, those that held the truth; `refused`: outcomes were too few.
    """

    found: float
    without: float
    covered: float
    refused: float


def power(plan: Plan, trials: int, seed: int = 0) -> Power:
    """Simulate trials with the effect of the plan, and as many without one."""
    dice = np.random.default_rng(seed)
    there = [simulated(plan, plan.effect, dice) for _ in range(trials)]
    none = [simulated(plan, 0.0, dice) for _ in range(trials)]
    covered = [each.covers(plan.effect) for each in there if each] + [
        each.covers(0.0) for each in none if each
    ]
    return Power(
        _share([each is not None and each.significant for each in there]),
        _share([each.significant for each in none if each]),
        _share(covered),
        _share([each is None for each in there + none]),
    )


def simulated(plan: Plan, effect: float, dice: np.random.Generator) -> Effect | None:
    """Return what one trial finds, where the new way adds `effect`; None where outcomes were too few."""
    try:
        return (_lots if plan.design is Design.LOTS else _wedge)(plan, effect, dice)
    except TooFew:
        return None


def _lots(plan: Plan, effect: float, dice: np.random.Generator) -> Effect:
    """Draw strata of two households to nearly twice the mean, whose shares differ."""
    sizes = dice.integers(2, 2 * plan.stratum - 2, plan.households // 2, endpoint=True)
    sizes = sizes[: max(1, int(np.searchsorted(sizes.cumsum(), plan.households, side="right")))]
    first = (sizes + dice.integers(0, 2, len(sizes))) // 2
    without = _levels(plan, effect, dice.normal(plan.share, plan.spread, len(sizes)))
    had_first, had_later = dice.binomial(first, without + effect), dice.binomial(sizes - first, without)
    return of_lots(Tables(*(each.astype(float) for each in (first, sizes - first, had_first, had_later))))


def _wedge(plan: Plan, effect: float, dice: np.random.Generator) -> Effect:
    """Draw areas that differ and drift, some three times as large as others, in periods that differ."""
    begins = dice.permutation(np.array(spread_evenly(plan.areas, plan.periods)))
    levels = dice.normal(plan.share, plan.spread, (plan.areas, 1))
    seasons = dice.normal(0, plan.spread / 2, (1, plan.periods))
    drift = dice.normal(0, plan.spread / 4, (plan.areas, plan.periods)).cumsum(axis=1)
    without = _levels(plan, effect, levels + seasons + drift)
    has = np.arange(1, plan.periods + 1) >= begins[:, None]
    households = np.maximum(1, plan.households * dice.uniform(0.5, 1.5, (plan.areas, 1))).astype(int)
    return of_wedge(dice.binomial(households, without + effect * has) / households, begins)


def _levels(plan: Plan, effect: float, shares: Numbers) -> Numbers:
    """Return shares to which the effect can be added in full, so that it is the truth."""
    return np.clip(shares, max(0.0, -effect), min(1.0, 1 - effect))


def _share(of: list[bool]) -> float:
    return float(np.mean(of)) if of else float("nan")
