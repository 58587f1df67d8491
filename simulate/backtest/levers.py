"""Every lever in one currency: how many more visits and calls would gain the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eropaf.simulate.backtest.arms import Arm, Channel
from eropaf.simulate.backtest.summary import CONFIDENCE, Results, choices

# What a lever gains is counted in households in need that are spoken with.
GAIN = "spoken_in_need"
LEVERS_HEAD = ("lever", "visits_and_calls_more", "low", "high", "said")


@dataclass(frozen=True, slots=True)
class Lever:
    """How many more visits and calls gain what a lever does, as a share of the usual ones, with its interval.

    Teams were run from `least` more to `most` more: a number that is one of these may be beyond it.
    Visits and calls are an eighth of a team's hours, and what the talks take is not modelled: what a lever is
    worth in workers does not follow.
    """

    name: str
    more: float
    low: float
    high: float
    least: float
    most: float

    def bound(self, number: float) -> int:
        """Return 1 where `number` is the most that was run, -1 where it is the least, 0 between them."""
        return 1 if number >= self.most else -1 if number <= self.least else 0

    @property
    def said(self) -> str:
        """Return it as a sentence."""
        low, high = (self._percent(each) for each in (self.low, self.high))
        return f"worth {self._percent(self.more)} visits and calls ({low} to {high})"

    def cells(self) -> tuple[str, ...]:
        """Return it as a line of `levers.csv`, in which a number that may be beyond what was run is none."""
        signs = {1: ">=", -1: "<=", 0: ""}
        numbers = (f"{signs[self.bound(each)]}{each:.4g}" for each in (self.more, self.low, self.high))
        return self.name, *numbers, self.said

    def _percent(self, number: float) -> str:
        return {1: "at least ", -1: "at most ", 0: ""}[self.bound(number)] + f"{100 * number:+.0f} %"


def levers(results: Results, compared: Sequence[Arm]) -> list[Lever]:
    """Return what each lever is worth.

    The first arm is the monthly file with the usual team. The line of its gain by team is drawn through the
    teams that were run. Intervals: 95 % of 2,000 resamples of cities.
    """
    reference = compared[0]
    line = sorted(
        (arm for arm in compared if arm == replace(reference, workers=arm.workers)),
        key=lambda arm: arm.workers,
    )
    others = [arm for arm in compared if arm not in line]
    gains = {arm: np.array([rows[arm][GAIN] for rows in results.values()]) for arm in compared}
    picks = choices(len(results))
    more = np.array([arm.workers / reference.workers - 1 for arm in line])
    tail = 100 * (1 - CONFIDENCE) / 2
    found = []
    for arm in others:
        point = _worth(more, [gains[each].mean() for each in line], gains[arm].mean())
        resampled = [
            _worth(more, [gains[each][pick].mean() for each in line], gains[arm][pick].mean())
            for pick in picks
        ]
        low, high = (float(each) for each in np.percentile(resampled, (tail, 100 - tail)))
        name, (least, most) = lever(arm, reference), (float(more[0]), float(more[-1]))
        found.append(Lever(name=name, more=point, low=low, high=high, least=least, most=most))
    return found


def lever(arm: Arm, reference: Arm) -> str:
    """Return in words what `arm` has that the reference does not."""
    if arm.delivery is not reference.delivery:
        return f"{arm.delivery} instead of {reference.delivery}"
    if arm.channel is not Channel.MIXED:
        return f"{arm.channel} alone"
    return f"{arm.order} instead of {reference.order}"


def _worth(more: NDArray[np.float64], gains: Sequence[float], gain: float) -> float:
    """Return how many more visits and calls gain `gain`; the first or last of `more` where the line ends.

    A line that falls somewhere is held level there.
    """
    return float(np.interp(gain, np.maximum.accumulate(np.array(gains)), more))
