"""What a trial found: the difference, its 95 % interval, and whether chance alone would give it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from eropaf.simulate.backtest.summary import CONFIDENCE

# Orders of areas that are tried beside the one that was drawn.
OTHER_ORDERS = 999
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Effect:
    """A difference of shares with its 95 % interval; `p` is the chance of one as large by luck."""

    difference: float
    low: float
    high: float
    p: float

    @property
    def significant(self) -> bool:
        """Say whether it is beyond what luck gives one time in twenty."""
        return self.p < 1 - CONFIDENCE


def of_lots(outcome: Numbers, first: NDArray[np.bool_], stratum: NDArray[np.intp]) -> Effect:
    """Return what differs between the halves of strata: differences of means, weighted by their size.

    Variances are those of each half (Neyman), so that strata may differ. A stratum with fewer than two
    outcomes in a half is left out: it tells nothing of chance.

    Raises:
        ValueError: no stratum has two outcomes in each half.
    """
    count = stratum.max(initial=-1) + 1
    halves = []
    for half in (first, ~first):
        of = stratum[half]
        number = np.bincount(of, minlength=count).astype(float)
        total = np.bincount(of, outcome[half], minlength=count)
        squares = np.bincount(of, outcome[half] ** 2, minlength=count)
        halves.append((number, total, squares))
    known = (halves[0][0] >= 2) & (halves[1][0] >= 2)
    if not known.any():
        raise ValueError("no stratum has two outcomes in each half")
    weight = (halves[0][0] + halves[1][0])[known]
    weight /= weight.sum()
    means, variances = [], []
    for number, total, squares in halves:
        mean = total[known] / number[known]
        means.append(mean)
        variances.append((squares[known] / number[known] - mean**2) / (number[known] - 1))
    difference = float((weight * (means[0] - means[1])).sum())
    error = float(np.sqrt((weight**2 * (variances[0] + variances[1])).sum()))
    reach = float(stats.norm.ppf((1 + CONFIDENCE) / 2)) * error
    p = float(2 * stats.norm.sf(abs(difference) / error)) if error else float(difference == 0)
    return Effect(difference, difference - reach, difference + reach, p)


def of_wedge(share: Numbers, begins: NDArray[np.intp], seed: int = 0) -> Effect:
    """Return what the new way changes, of areas (rows) by periods (columns) of shares.

    Areas and periods have a level each; what is left is laid against when each area began. Chance is that of
    the draw itself: the same is asked of 999 other orders of the areas, so that a handful of areas is enough
    for an honest test, and the interval holds every effect that the test does not rule out. `begins` are
    periods, counted from 1.
    """
    areas, periods = share.shape
    dice = np.random.default_rng(seed)
    drawn = np.arange(areas)
    orders = np.vstack([drawn, dice.permuted(np.tile(drawn, (OTHER_ORDERS, 1)), axis=1)])
    has = (np.arange(1, periods + 1)[None, :] >= begins[:, None]).astype(float)
    contrast = _levelled(has)
    size = float((contrast**2).sum())
    difference = float((contrast * share).sum()) / size
    # Of every order: what it makes of the shares, and of the new way where it was in fact.
    flat = contrast[orders].reshape(len(orders), -1)
    of_share, of_way = flat @ share.ravel(), flat @ has.ravel()

    def chance(effect: float) -> float:
        left = np.abs(of_share - effect * of_way)
        return float((left >= left[0] * (1 - 1e-9)).mean())

    low, high = (_edge(chance, difference, sign, share) for sign in (-1.0, 1.0))
    return Effect(difference, low, high, chance(0.0))


def _levelled(numbers: Numbers) -> Numbers:
    """Return what is left of numbers once areas and periods have their levels."""
    of_areas, of_periods = numbers.mean(axis=1, keepdims=True), numbers.mean(axis=0, keepdims=True)
    levelled: Numbers = numbers - of_areas - of_periods + numbers.mean()
    return levelled


def _edge(chance: Callable[[float], float], difference: float, sign: float, share: Numbers) -> float:
    """Return the farthest effect on one side that chance does not rule out."""
    within = 1 - CONFIDENCE
    reach = max(float(share.std()), 1e-6) / 8
    while chance(difference + sign * reach) > within:
        reach *= 2
        if reach > 64:  # shares differ by one at most: nothing is ruled out
            return sign * float("inf")
    return float(
        optimize.bisect(
            lambda effect: chance(effect) - within - 1e-12, difference, difference + sign * reach, xtol=1e-5
        )
    )
