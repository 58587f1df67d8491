"""Regret: how much less each order averts than the best one, under each model of what help does."""

from __future__ import annotations

from itertools import product

from eropaf.simulate.backtest.arms import ARM, Arm, Effect, Ties
from eropaf.simulate.backtest.orders import OLDEST_FIRST
from eropaf.simulate.backtest.summary import Results, arms, difference, interval

JUDGED_BY = ("averted", "recall", "spoken_in_need")
REGRET_HEAD = (*ARM, "figure", "mean", "best", "regret", "low", "high")
# Of what oldest first gets: how much less is still as good. A choice.
MARGIN = 0.05


def halves(results: Results) -> tuple[Results, Results]:
    """Return every other city, and the others."""
    seeds = sorted(results)
    return {seed: results[seed] for seed in seeds[::2]}, {seed: results[seed] for seed in seeds[1::2]}


def regrets(results: Results) -> list[tuple[object, ...]]:
    """Return each order's regret, against the best one, with its interval in pairs.

    Which order is best half of the cities say, and how much less others get the other half: the same cities
    would choose the luckiest, and hold its luck against the others. Regret may so be below zero.
    """
    rows: list[tuple[object, ...]] = []
    chosen_on, judged_on = halves(results)
    for effect in Effect:
        of = [arm for arm in arms(results) if arm.effect is effect]
        for figure in JUDGED_BY:
            best = max(of, key=lambda arm, figure=figure: interval(chosen_on, arm, figure).mean)  # type: ignore[misc]
            for arm in of:
                less = difference(judged_on, best, arm, figure)
                mean = interval(judged_on, arm, figure).mean
                numbers = (f"{number:.6g}" for number in (less.mean, less.low, less.high))
                rows.append((*arm.cells, figure, f"{mean:.6g}", best.name, *numbers))
    return rows


def worse_than_oldest_first(results: Results, policy: str) -> list[str]:
    """Say under each model of effect whether a policy is better than oldest first, as good, or worse.

    As good is what surely gets no more than `MARGIN` less; an interval that only holds zero shows nothing.
    Said with its ties by lot, as those of oldest first are, and against who needs help: its least.
    """
    said = []
    for effect, ties, figure in product(Effect, Ties, JUDGED_BY):
        arm, oldest = Arm(policy, effect=effect, ties=ties), Arm(OLDEST_FIRST, effect=effect)
        more = difference(results, arm, oldest, figure)
        least = -MARGIN * interval(results, oldest, figure).mean
        if more.low > 0:
            word = "better than"
        elif more.high < 0:
            word = "WORSE than"
        elif more.low >= least:
            word = f"as good, within {MARGIN:.0%}, as"
        else:
            word = "not shown to be as good as"
        said.append(f"help {effect}, ties {ties}, {figure}: {policy} is {word} {OLDEST_FIRST}, by {more}")
    return said
