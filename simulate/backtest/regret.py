"""Regret: how much less each order averts than the best one, under each model of what help does."""

from __future__ import annotations

from dataclasses import replace

from eropaf.simulate.backtest.arms import Arm, Effect
from eropaf.simulate.backtest.orders import OLDEST_FIRST
from eropaf.simulate.backtest.summary import Results, arms, difference, interval

JUDGED_BY = ("averted", "spoken_in_need")
REGRET_HEAD = ("effect", "order", "figure", "mean", "best", "regret", "low", "high")


def regrets(results: Results) -> list[tuple[object, ...]]:
    """Return each order's regret, against the order that is best on average, with its interval in pairs."""
    rows: list[tuple[object, ...]] = []
    for effect in Effect:
        of = [arm for arm in arms(results) if arm.effect is effect]
        for figure in JUDGED_BY:
            best = max(of, key=lambda arm, figure=figure: interval(results, arm, figure).mean)  # type: ignore[misc]
            for arm in of:
                less = difference(results, best, arm, figure)
                mean = interval(results, arm, figure).mean
                numbers = (f"{number:.6g}" for number in (less.mean, less.low, less.high))
                rows.append((effect, arm.order, figure, f"{mean:.6g}", best.order, *numbers))
    return rows


def worse_than_oldest_first(results: Results, policy: str) -> list[str]:
    """Say under each model of effect whether the policy is better than oldest first, worse, or neither."""
    said = []
    for effect in Effect:
        arm = Arm(policy, effect=effect)
        for figure in JUDGED_BY:
            more = difference(results, arm, replace(arm, order=OLDEST_FIRST), figure)
            word = (
                "no surer than chance to differ from"
                if not more.sure
                else "better than"
                if more.mean > 0
                else "WORSE than"
            )
            said.append(f"help {effect}, {figure}: {policy} is {word} {OLDEST_FIRST}, by {more}")
    return said
