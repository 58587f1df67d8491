"""Means with their 95 % intervals over cities, and differences in pairs: the same city, another course."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from eropaf.simulate.backtest.arms import ARM, Arm
from eropaf.simulate.backtest.figures import FIGURES, Figures

CONFIDENCE = 0.95
# Choices of cities, with repeats, over which an interval of what is no mean is taken.
RESAMPLED = 2_000
# A figure of sums, which are in the first axis.
OfSums = Callable[[NDArray[np.float64]], NDArray[np.float64]]
Results = Mapping[int, Mapping[Arm, Figures]]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure over cities with its 95 % interval (Student's t); nan where fewer than two cities have one.

    Where it is one of so many `comparisons`, all their intervals together hold the truth in 95 % of studies
    (Bonferroni): of twenty groups one is otherwise found to differ where none does.
    """

    mean: float
    low: float
    high: float
    cities: int

    @classmethod
    def of(cls, values: Sequence[float], comparisons: int = 1) -> Interval:
        """Return that of `values`, one a city; those that are nan are of no city."""
        known = np.array([value for value in values if value == value])
        if len(known) < 2:
            return cls(
                float(known.mean()) if len(known) else float("nan"), float("nan"), float("nan"), len(known)
            )
        error = float(known.std(ddof=1)) / len(known) ** 0.5
        return cls._around(float(known.mean()), error, len(known), comparisons)

    @classmethod
    def of_sums(cls, counts: NDArray[np.float64], figure: OfSums, comparisons: int = 1) -> Interval:
        """Return that of a `figure` of sums over cities, such as a share. `counts` have a column a city.

        Its error is the jackknife's: how far the figure moves as each city is left out.
        """
        cities, whole = counts.shape[1], counts.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            point, without = float(figure(whole)), figure(whole[:, None] - counts)
        if cities < 2 or np.isnan(point) or np.isnan(without).any():
            return cls(point, float("nan"), float("nan"), cities)
        error = float(((without - without.mean()) ** 2).sum() * (cities - 1) / cities) ** 0.5
        return cls._around(point, error, cities, comparisons)

    @classmethod
    def _around(cls, point: float, error: float, cities: int, comparisons: int) -> Interval:
        reach = error * float(stats.t.ppf(1 - (1 - CONFIDENCE) / 2 / comparisons, cities - 1))
        return cls(point, point - reach, point + reach, cities)

    @property
    def sure(self) -> bool:
        """Say whether zero lies outside of it."""
        return self.low > 0 or self.high < 0

    def __str__(self) -> str:
        return f"{self.mean:.4g} ({self.low:.4g} to {self.high:.4g})"


def interval(results: Results, arm: Arm, figure: str) -> Interval:
    """Return the mean of a figure under an arm."""
    return Interval.of([rows[arm][figure] for rows in results.values()])


def difference(results: Results, arm: Arm, than: Arm, figure: str, comparisons: int = 1) -> Interval:
    """Return by how much a figure is higher under `arm` than under `than`, city by city."""
    return Interval.of([rows[arm][figure] - rows[than][figure] for rows in results.values()], comparisons)


def choices(cities: int) -> NDArray[np.intp]:
    """Return `RESAMPLED` choices of so many cities, always the same."""
    return np.random.default_rng(0).integers(0, cities, (RESAMPLED, cities))


def arms(results: Results) -> list[Arm]:
    """Return the arms in the order in which they were run."""
    return list(next(iter(results.values()), {}))


SUMMARY_HEAD = (
    *ARM, "figure", "mean", "low", "high", "cities", "than_first", "than_first_low", "than_first_high",
)  # fmt: skip


def summary(results: Results) -> list[tuple[object, ...]]:
    """Return every figure of every arm, and how much it differs from the first arm's."""
    rows: list[tuple[object, ...]] = []
    of = arms(results)
    for arm in of:
        for figure in FIGURES:
            mean, than = interval(results, arm, figure), difference(results, arm, of[0], figure)
            rows.append((*arm.cells, figure, *_cells(mean), mean.cities, *_cells(than)))
    return rows


def _cells(of: Interval) -> tuple[str, str, str]:
    mean, low, high = ("" if number != number else f"{number:.6g}" for number in (of.mean, of.low, of.high))
    return mean, low, high
