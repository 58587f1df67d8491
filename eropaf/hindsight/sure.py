"""How sure a share over months is: households are drawn again, each with all its months."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eropaf.hindsight.judged import Judged
from eropaf.simulate.backtest.summary import CONFIDENCE, RESAMPLED, Interval

# Rows of weights at once: so that a large municipality fits in memory.
DRAWN_AT_ONCE = 100
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sure:
    """An order over all months that were judged, with its intervals, and how much more than the first's."""

    order: str
    precision: Interval
    recall: Interval
    precision_more: Interval
    recall_more: Interval


def over_months(judged: Sequence[Judged]) -> list[Sure]:
    """Return every order's shares over all months, the first order's first.

    Months that are judged by the same months after are not independent, but households are: one of them is
    drawn again, or not, with all that came of it. Months that were not handed in may differ by more.
    """
    orders = list(dict.fromkeys(each.order for each in judged))
    counts = [_counts([each for each in judged if each.order == order]) for order in orders]
    households = sorted({household for of in counts for household in of})
    tables = [np.array([of.get(each, [0, 0, 0]) for each in households], np.float64) for of in counts]
    drawn = [np.concatenate(parts) for parts in zip(*_drawn(tables, len(households)), strict=True)]
    whole = [_shares(table.sum(axis=0, keepdims=True)) for table in tables]
    return [
        Sure(
            order,
            *(_interval(point[0, share], shares[:, share]) for share in (0, 1)),
            *(_interval(point[0, s] - whole[0][0, s], shares[:, s] - drawn[0][:, s]) for s in (0, 1)),
        )
        for order, point, shares in zip(orders, whole, drawn, strict=True)
    ]


def _counts(months: Sequence[Judged]) -> dict[int, list[int]]:
    """Return of each household how often it came first, how often it got worse, and how often both."""
    found: dict[int, list[int]] = {}
    for month in months:
        for household in month.first:
            found.setdefault(household, [0, 0, 0])[0] += 1
        for household in month.worse:
            found.setdefault(household, [0, 0, 0])[1] += 1
        for household in month.worse.intersection(month.first):
            found[household][2] += 1
    return found


def _drawn(tables: Sequence[Numbers], households: int) -> Iterator[list[Numbers]]:
    """Yield both shares of every order for some draws of households at a time: always the same draws."""
    dice = np.random.default_rng(0)
    for _ in range(RESAMPLED // DRAWN_AT_ONCE):
        weights = dice.poisson(1, (DRAWN_AT_ONCE, households)).astype(np.float64)
        yield [_shares(weights @ table) for table in tables]


def _shares(sums: Numbers) -> Numbers:
    """Return precision and recall of sums of who came first, who got worse, and who did both."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.stack((sums[:, 2] / sums[:, 0], sums[:, 2] / sums[:, 1]), axis=1)


def _interval(point: float, drawn: Numbers) -> Interval:
    known = drawn[~np.isnan(drawn)]
    if not len(known):
        return Interval(float(point), float("nan"), float("nan"), 0)
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(known, (tail, 100 - tail))
    return Interval(float(point), float(low), float(high), len(known))
