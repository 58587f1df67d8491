"""What a trial by lots found: outcomes of those who came first, laid against the others of their stratum."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from eropaf.simulate.backtest.summary import CONFIDENCE
from eropaf.trial.effect import AS_LARGE, Effect, Numbers, TooFew

# Of the outcomes of one arm, as the draw alone makes them: about eight outcomes that could have come
# in either.
# Below, an interval no longer holds its 95 % (docs/explanation/trial-cover.md).
LEAST_VARIANCE = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """For each stratum: of how many in either arm the outcome is known, and how many of them have it."""

    first: Numbers
    later: Numbers
    had_first: Numbers
    had_later: Numbers

    @classmethod
    def of(cls, had: NDArray[np.bool_], first: NDArray[np.bool_], stratum: NDArray[np.intp]) -> Tables:
        """Count households, one a place, by stratum and arm."""
        count = stratum.max(initial=-1) + 1
        chosen = (first, ~first, first & had, ~first & had)
        return cls(*(np.bincount(stratum[of], minlength=count).astype(float) for of in chosen))

    @property
    def households(self) -> Numbers:
        """How many each stratum has."""
        return self.first + self.later

    @property
    def had(self) -> Numbers:
        """How many of each stratum have the outcome."""
        return self.had_first + self.had_later

    def where(self, strata: NDArray[np.bool_]) -> Tables:
        """Return some strata alone."""
        return Tables(self.first[strata], self.later[strata], self.had_first[strata], self.had_later[strata])

    def compared(self) -> Tables:
        """Return the strata that have outcomes in both arms; the others have nothing to be laid against."""
        return self.where((self.first > 0) & (self.later > 0))

    def variance(self) -> float:
        """Return how much the draw alone makes the outcomes of an arm vary, given who has one."""
        each = self.first * self.later * self.had * (self.households - self.had)
        return float((each / (self.households**2 * np.maximum(self.households - 1, 1))).sum())


def of_lots(drawn: Tables) -> Effect:
    """Return what differs between the arms within strata.

    The difference is that of Mantel and Haenszel. `p` is the draw's own: of all draws that the strata allow,
    the share that parts the same outcomes as far or farther; draws that part them just as far count half
    (mid-p), so that with few outcomes as well one trial in twenty finds what is not there. The interval is
    Klingenberg's, from Sato's variance, which holds for many small strata, down to pairs. Whether zero lies
    in it p decides, so that the two never disagree.

    Raises:
        TooFew: with so few outcomes the interval would not hold what it says.

    Sources: B. Klingenberg, "A new and improved confidence interval for the Mantel-Haenszel risk difference",
    Statistics in Medicine 33 (2014); T. Sato, Biometrics 45 (1989); H. O. Lancaster, "Significance tests in
    discrete distributions", JASA 56 (1961).
    """
    tables = drawn.compared()
    if tables.variance() < LEAST_VARIANCE:
        had, of = int(tables.had.sum()), int(tables.households.sum())
        raise TooFew(
            f"{had} of the {of} households that can be compared have the outcome: too few, or too few "
            "without it, for an interval that holds its 95 %. No effect is said: tell the counts"
        )
    weight = float((tables.first * tables.later / tables.households).sum())
    parted = tables.later * tables.had_first - tables.first * tables.had_later
    difference = float((parted / tables.households).sum()) / weight
    low, high = _interval(tables, difference, weight)
    p = _of_the_draw(tables)
    if p < 1 - CONFIDENCE:
        low, high = (max(low, 0.0), high) if difference > 0 else (low, min(high, 0.0))
    else:
        low, high = min(low, 0.0), max(high, 0.0)
    return Effect(difference, low, high, p)


def _interval(tables: Tables, difference: float, weight: float) -> tuple[float, float]:
    """Return every effect that is no farther from the difference than chance, were it the true one, allows.

    With Sato's variance, a straight line in the effect, these lie between the roots of a square.
    """
    first, later, households = tables.first, tables.later, tables.households
    of_effect = first**2 * tables.had_later - later**2 * tables.had_first
    of_effect = (of_effect + first * later * (later - first) / 2) / households**2
    of_none = tables.had_first * (later - tables.had_later) + tables.had_later * (first - tables.had_first)
    of_none = of_none / (2 * households)
    far = (float(stats.norm.ppf((1 + CONFIDENCE) / 2)) / weight) ** 2
    middle = difference + far * float(of_effect.sum()) / 2
    reach = np.sqrt(max(middle**2 - difference**2 + far * float(of_none.sum()), 0.0))
    return max(middle - float(reach), -1.0), min(middle + float(reach), 1.0)


def _of_the_draw(tables: Tables) -> float:
    """Return how often lots within strata, drawn again, part the same outcomes as far; ties count half."""
    telling = tables.where((tables.had > 0) & (tables.had < tables.households))
    chances = np.ones(1)
    for stratum in zip(telling.households, telling.had, telling.first, strict=True):
        chances = np.convolve(chances, _hypergeometric(*map(int, stratum)))
    expected = float((telling.first * telling.had / telling.households).sum())
    apart = np.abs(np.arange(len(chances)) - expected)
    mine = abs(float(telling.had_first.sum()) - expected)
    farther, as_far = apart > mine + AS_LARGE, np.abs(apart - mine) <= AS_LARGE
    return float(chances[farther].sum() + chances[as_far].sum() / 2)


@cache
def _hypergeometric(households: int, had: int, first: int) -> Numbers:
    """Return the chance of each number of outcomes among those who come first."""
    chances: Numbers = stats.hypergeom(households, had, first).pmf(np.arange(first + 1))
    return chances
