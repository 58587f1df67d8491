"""How fast something grows with time, and how fast at most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from scipy.stats import linregress, t

HOUR_S = 3600.0
# What is started fills its caches first: of a process's life this part is not looked at.
WARM_UP = 0.25
# Neighbouring samples say much the same, and would make a bound too sure of itself; so many means do not.
PORTIONS = 20
CONFIDENCE = 0.95
FEWEST = round(PORTIONS / (1 - WARM_UP))
"""Samples that a slope needs."""

Samples = Sequence[tuple[float, float]]
"""Seconds, and how much there was then."""


@dataclass(frozen=True, slots=True)
class Growth:
    """A slope, per hour, and the bound below which it lies with 95 % confidence."""

    per_hour: float
    at_most: float


def growth(samples: Samples) -> Growth:
    """Return how an amount grows once it is warm.

    A median of each portion counts, since a moment's peak (a restore, a burst) is no growth.

    Raises:
        ValueError: there are fewer samples than are needed for a bound.

    """
    return _line(samples, median)


def growth_of_count(samples: Samples) -> Growth:
    """Return how a number of things grows once it is warm; no growth where it is not one more by the end.

    The least of each portion counts: what is there for a moment goes, what leaks stays.

    Raises:
        ValueError: there are fewer samples than are needed for a bound.

    """
    found = _line(samples, min)
    hours = (samples[-1][0] - samples[0][0]) / HOUR_S
    return found if found.at_most * hours >= 1 else Growth(min(0.0, found.per_hour), 0.0)


def _line(samples: Samples, of_portion: Callable[[Iterable[float]], float]) -> Growth:
    warm = samples[int(len(samples) * WARM_UP) :]
    if len(warm) < PORTIONS:
        raise ValueError(f"{len(samples)} samples are too few: a slope needs {FEWEST}")
    each = len(warm) / PORTIONS
    portions = [warm[int(at * each) : int((at + 1) * each)] for at in range(PORTIONS)]
    times = [sum(second for second, _ in portion) / len(portion) for portion in portions]
    values = [of_portion([value for _, value in portion]) for portion in portions]
    if len(set(values)) == 1:
        return Growth(0.0, 0.0)
    line = linregress(times, values)
    beyond = float(t.ppf(CONFIDENCE, PORTIONS - 2)) * float(line.stderr)
    slope = float(line.slope)
    return Growth(slope * HOUR_S, (slope + beyond) * HOUR_S)
