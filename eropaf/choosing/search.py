"""A search for the points that gain most on some cities, and what of the gain stands on others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from eropaf.choosing.cities import Place
from eropaf.choosing.points import KNOBS, Numbers, policy_of
from eropaf.simulate.backtest.arms import Arm
from eropaf.simulate.backtest.figures import Figures

# So many policies are tried at once for each knob; the shipped one is among the first.
TRIED_PER_KNOB = 2


@dataclass(frozen=True, slots=True)
class Tried:
    """Points, and what they came to in each city in which they were chosen."""

    numbers: Numbers
    cities: tuple[Figures, ...]

    def mean(self, figure: str) -> float:
        """Return a figure's mean over cities."""
        return float(np.mean([each[figure] for each in self.cities]))


class Search:
    """Differential evolution over whole points, by one figure; every policy that was tried is kept.

    Each is lived through once, in the same cities with the same throws: what differs is its points.
    """

    def __init__(self, text: str, start: Numbers, places: Sequence[Place], by: str) -> None:
        self._text, self._start, self._places, self._by = text, start, places, by
        self.tried: dict[Numbers, Tried] = {}

    def run(self, rounds: int, seed: int, done: Callable[[], object] = lambda: None) -> Tried:
        """Return what gained most in so many rounds."""
        self._gain(np.array(self._start))
        optimize.differential_evolution(
            lambda numbers: -self._gain(numbers),
            [(knob.low, knob.high) for knob in KNOBS],
            integrality=[True] * len(KNOBS),
            x0=self._start,
            popsize=TRIED_PER_KNOB,
            maxiter=rounds,
            tol=0,
            polish=False,
            rng=seed,
            callback=lambda intermediate_result: done(),  # scipy looks at the name
        )
        return max(self.tried.values(), key=lambda each: each.mean(self._by))

    def _gain(self, numbers: NDArray[np.float64]) -> float:
        of = tuple(round(number) for number in numbers)
        if of not in self.tried:
            policy = policy_of(self._text, of)
            arm = Arm(policy.version)
            self.tried[of] = Tried(of, tuple(place.figures(arm, policy) for place in self._places))
        return self.tried[of].mean(self._by)


def front(tried: Sequence[Tried], more: str, less: str) -> list[Tried]:
    """Return those that no other one beats in both: as much of one, as little of the other (Pareto)."""
    best: list[Tried] = []
    for each in sorted(tried, key=lambda each: (-each.mean(more), each.mean(less))):
        if not best or each.mean(less) < best[-1].mean(less):
            best.append(each)
    return best
