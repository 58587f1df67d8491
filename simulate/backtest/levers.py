"""Every lever in one currency: how many full-time workers would gain the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from eropaf.simulate.backtest.arms import WORKERS, Arm, Channel
from eropaf.simulate.backtest.summary import CONFIDENCE, Results, choices

# What a lever gains is counted in households spoken with that unhelped come to harm within a year.
GAIN = "spoken_in_need"
LEVERS_HEAD = ("lever", "workers_more", "low", "high", "said")


def levers(results: Results, compared: Sequence[Arm]) -> list[tuple[object, ...]]:
    """Return what each lever is worth: workers per 10,000 inhabitants more, with the monthly file's line.

    The first arm is the monthly file with the usual team. The line of its gain by team is drawn through the
    teams that were run; a gain beyond the largest team is said to be so. Intervals: 95 % of 2,000 resamples
    of cities.
    """
    reference = compared[0]
    line = sorted(
        (arm for arm in compared if arm == replace(reference, workers=arm.workers)),
        key=lambda arm: arm.workers,
    )
    others = [arm for arm in compared if arm not in line]
    gains = {arm: np.array([rows[arm][GAIN] for rows in results.values()]) for arm in compared}
    picks = choices(len(results))
    teams = np.array([arm.workers for arm in line])
    found: list[tuple[object, ...]] = []
    for arm in others:
        point = _worth(teams, [gains[each].mean() for each in line], gains[arm].mean())
        resampled = [
            _worth(teams, [gains[each][pick].mean() for each in line], gains[arm][pick].mean())
            for pick in picks
        ]
        tail = 100 * (1 - CONFIDENCE) / 2
        low, high = (float(each) for each in np.percentile(resampled, (tail, 100 - tail)))
        found.append(
            (
                lever(arm, reference),
                *(f"{number:.4g}" for number in (point, low, high)),
                _said(point, low, high),
            )
        )
    return found


def lever(arm: Arm, reference: Arm) -> str:
    """Return in words what `arm` has that the reference does not."""
    if arm.delivery is not reference.delivery:
        return f"{arm.delivery} instead of {reference.delivery}"
    if arm.channel is not Channel.MIXED:
        return f"{arm.channel} alone"
    return f"{arm.order} instead of {reference.order}"


def _worth(teams: np.ndarray[tuple[int], np.dtype[np.float64]], gains: Sequence[float], gain: float) -> float:
    """Return how many more workers gain `gain`; a line that falls somewhere is held level there."""
    rising = np.maximum.accumulate(np.array(gains))
    return float(np.interp(gain, rising, teams)) - WORKERS


def _said(point: float, low: float, high: float) -> str:
    share = 100 / WORKERS
    return (
        f"worth {point:+.3f} full-time workers per 10,000 inhabitants ({low:+.3f} to {high:+.3f}), "
        f"{point * share:+.0f} % of the team ({low * share:+.0f} to {high * share:+.0f} %)"
    )
