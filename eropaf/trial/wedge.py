"""What a trial by areas found, that began one after another: judged by the draw of their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from math import ceil, factorial, prod

import numpy as np
from numpy.typing import NDArray

from eropaf.simulate.backtest.summary import CONFIDENCE
from eropaf.trial.effect import AS_LARGE, Effect, Numbers, TooFew

# Draws that p is taken over: all of them where there are no more, else ours and others by lot.
MOST_DRAWS = 5_000
# Of trials without an effect, so many at least must be able to find one: with few draws no p is below 0.05.
LEAST_FOUND = 0.04

Begins = NDArray[np.intp]


def possible(begins: Sequence[int]) -> int:
    """Return how many draws there are that a test can tell apart.

    Of two groups, one period apart, each draw has its mirror, which differs as much.
    """
    groups = Counter(begins).values()
    draws = factorial(len(begins)) // prod(map(factorial, groups))
    return draws // 2 if len(groups) == 2 and len(set(groups)) == 1 else draws


def check(begins: Sequence[int]) -> None:
    """Refuse a wedge whose draws are too few to say what chance alone gives one time in twenty.

    Raises:
        TooFew: more areas are needed, or more periods.
    """
    draws = possible(begins)
    if (_as_far(draws) - 1) / draws < LEAST_FOUND:
        raise TooFew(
            f"{len(begins)} areas that begin in {len(set(begins))} groups can be drawn in {draws} ways: too "
            "few to say what chance gives one time in twenty. Take more areas, or more periods"
        )


def of_wedge(share: Numbers, begins: Begins) -> Effect:
    """Return what the new way changes, of areas (rows) by periods (columns) of shares.

    Areas and periods have a level each; what is left is laid against when each area began, counted from 1.
    Chance is that of the draw itself: the same is asked of the other orders in which the areas could have
    begun. The interval holds every effect, the same in each area from the period on in which it began, that
    so does not stand out. However areas differ, drift or vary in size, it needs no model of it.

    Raises:
        TooFew: there are too few draws.

    Sources: R. Wang and V. De Gruttola, Statistics in Medicine 36 (2017); X. Ji et al., "Randomization
    inference for stepped-wedge cluster-randomized trials", Annals of Applied Statistics 11 (2017).
    """
    check(begins.tolist())
    groups, mine = np.unique(begins, return_inverse=True)
    has = (np.arange(1, share.shape[1] + 1) >= groups[:, None]).astype(float)
    # Once areas and periods have their levels: these are the same in every draw.
    of_periods = np.bincount(mine) @ has / len(begins)
    levelled = has - has.mean(axis=1, keepdims=True) - of_periods + of_periods.mean()
    draws, every = _draws(tuple(sorted(mine.tolist())))
    if not every:
        draws = np.vstack([mine, draws])
    areas = np.arange(len(begins))
    of_area, way_of_area = share @ levelled.T, has[mine] @ levelled.T
    of_share, of_way = float(of_area[areas, mine].sum()), float(way_of_area[areas, mine].sum())
    theirs, their_way = of_area[areas, draws].sum(axis=1), way_of_area[areas, draws].sum(axis=1)
    # One draw stands out as far as ours between two effects, and below them and above them less far. What it
    # makes of the way is less than ours, but where it is ours, or its mirror: these stand out alike always.
    alike = np.abs(their_way) >= of_way * (1 - AS_LARGE)
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (of_share - theirs) / (of_way - their_way), (of_share + theirs) / (of_way + their_way)
    low = np.where(alike, -np.inf, np.minimum(one, other))
    high = np.where(alike, np.inf, np.maximum(one, other))
    near = AS_LARGE * max(float(np.ptp(share)), AS_LARGE)
    low[np.abs(low) <= near] = high[np.abs(high) <= near] = 0.0
    last = _as_far(len(low)) - 1
    return Effect(
        of_share / of_way,
        float(np.partition(low, last)[last]),
        float(-np.partition(-high, last)[last]),
        float(((low <= 0) & (high >= 0)).mean()),
    )


def _as_far(draws: int) -> int:
    """Return how many of the draws must part as far, so that an effect is not ruled out."""
    return ceil((1 - CONFIDENCE) * draws - AS_LARGE)


@lru_cache(maxsize=4)
def _draws(groups: tuple[int, ...]) -> tuple[NDArray[np.intp], bool]:
    """Return, a row each, the groups of areas in draws; and whether these are all, or some beside ours."""
    sizes = Counter(groups)
    if factorial(len(groups)) // prod(map(factorial, sizes.values())) <= MOST_DRAWS:
        return np.array(list(_all(sizes, tuple(range(len(groups))), [0] * len(groups))), np.intp), True
    some = np.tile(np.array(groups, np.intp), (MOST_DRAWS - 1, 1))
    return np.random.default_rng(0).permuted(some, axis=1), False


def _all(sizes: Counter[int], left: tuple[int, ...], chosen: list[int]) -> Iterator[list[int]]:
    """Yield each way to choose, of the areas that are left, those of the first group, then of the others."""
    if not sizes:
        yield list(chosen)
        return
    group, size = next(iter(sizes.items()))
    for areas in combinations(left, size):
        for area in areas:
            chosen[area] = group
        rest = Counter({each: number for each, number in sizes.items() if each != group})
        yield from _all(rest, tuple(area for area in left if area not in areas), chosen)
