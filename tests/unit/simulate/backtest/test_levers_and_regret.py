"""Levers and orders are judged by intervals: at least, not shown, and the luckiest is no best."""

from __future__ import annotations

import numpy as np
import pytest

from eropaf.simulate.backtest.arms import WORKERS, Arm, Channel, Delivery, Effect, Ties
from eropaf.simulate.backtest.figures import FIGURES, Figures
from eropaf.simulate.backtest.levers import levers
from eropaf.simulate.backtest.plans import TEAMS, Compare, arms
from eropaf.simulate.backtest.regret import REGRET_HEAD, regrets, worse_than_oldest_first
from eropaf.simulate.backtest.summary import Interval, difference

VERSION = "amsterdam-example-3"


# Cities, and how much of what is counted one has; an eviction averted comes in one city of five.
@pytest.mark.parametrize(("cities", "of_one"), [(8, 4.0), (24, 0.5), (200, 0.2)])
def test_an_interval_of_a_difference_of_counts_covers_it_as_often_as_it_says(
    cities: int, of_one: float
) -> None:
    dice = np.random.default_rng(5)
    more, less = dice.poisson(of_one, (2_000, cities)), dice.poisson(0.6 * of_one, (2_000, cities))

    found = [Interval.of(row.tolist()) for row in more - less]

    assert 0.935 <= np.mean([each.low <= 0.4 * of_one <= each.high for each in found]) <= 0.965


def test_an_interval_of_one_city_is_unknown() -> None:
    nan = float("nan")

    assert Interval.of([1.0, nan, 3.0]).cities == 2
    assert not Interval.of([1.0]).sure
    assert not Interval.of([]).sure


def results(
    gains: dict[Arm, float], noise: float = 0.01, figure: str = "spoken_in_need"
) -> dict[int, dict[Arm, Figures]]:
    dice = np.random.default_rng(1)
    found: dict[int, dict[Arm, Figures]] = {}
    for seed in range(40):
        city = dice.normal(0, 5)  # what is the same for every arm of a city
        found[seed] = {
            arm: {name: city + gain + dice.normal(0, noise) for name in FIGURES}
            for arm, gain in gains.items()
        }
    return found


def test_differences_are_taken_city_by_city() -> None:
    more, less = Arm("lot"), Arm("area")

    found = difference(results({more: 11.0, less: 10.0}), more, less, "spoken")

    assert found.mean == pytest.approx(1, abs=0.01)
    assert found.high - found.low < 0.02  # cities differ by five
    assert found.sure


def test_a_lever_is_worth_the_visits_and_calls_that_gain_the_same() -> None:
    compared = arms(Compare.LEVERS, (VERSION,))
    gains = {arm: 100 * arm.workers if arm.delivery is Delivery.MONTHLY else 100 * 0.5 for arm in compared}

    found = {each.name: each.more for each in levers(results(gains), compared)}

    assert found["live instead of monthly"] == pytest.approx(0.5 / WORKERS - 1, abs=0.03)
    assert found["calls alone"] == pytest.approx(0, abs=0.03)
    assert len(found) == len(compared) - len(TEAMS)
    assert any(arm.channel is Channel.VISITS for arm in compared)


def test_what_lies_beyond_the_teams_that_were_run_is_at_least_or_at_most_so_much() -> None:
    compared = arms(Compare.LEVERS, (VERSION,))
    gains = {arm: 100 * arm.workers for arm in compared}
    gains[Arm(VERSION)], gains[Arm(VERSION, Delivery.MONTHLY, channel=Channel.VISITS)] = 1_000, -1_000

    found = {each.name: each for each in levers(results(gains), compared)}

    assert found["live instead of monthly"].said == (
        "worth at least +200 % visits and calls (at least +200 % to at least +200 %)"
    )
    assert found["live instead of monthly"].cells()[1:4] == (">=2", ">=2", ">=2")
    assert found["visits alone"].said.startswith("worth at most -50 % visits and calls")
    assert "at " not in found["calls alone"].said


@pytest.mark.parametrize(
    ("policy", "noise", "word"),
    [
        (90, 0.01, "is WORSE than"),
        (110, 0.01, "is better than"),
        (100, 4, "is as good, within 5%, as"),
        (100, 20, "is not shown to be as good as"),
    ],
)
def test_a_policy_that_is_worse_than_oldest_first_is_said_to_be(
    policy: float, noise: float, word: str
) -> None:
    compared = arms(Compare.EFFECTS, (VERSION,))
    gains = {arm: float(policy) if arm.order == VERSION else 100.0 for arm in compared}

    said = worse_than_oldest_first(results(gains, noise), VERSION)

    assert len(said) == len(("averted", "recall", "spoken_in_need")) * len(Effect) * len(Ties)
    assert sum(word in sentence for sentence in said) >= len(said) - 2  # chance may turn two


def test_regret_is_what_the_best_order_gains_more() -> None:
    compared = arms(Compare.EFFECTS, (VERSION,))
    gains = {arm: 12.0 if arm.order == "lot" else 10.0 for arm in compared}

    rows = regrets(results(gains))

    of = {
        (row["effect"], row["order"], row["ties"]): float(str(row["regret"]))
        for row in (dict(zip(REGRET_HEAD, row, strict=True)) for row in rows)
        if row["figure"] == "averted"
    }
    assert len(of) == len(compared)
    assert of[Effect.RISING, "lot", Ties.LOT] == 0
    assert of[Effect.FALLING, VERSION, Ties.AGAINST] == pytest.approx(2, abs=0.1)


def test_luck_that_chose_the_best_order_is_no_regret_of_the_others() -> None:
    compared = arms(Compare.EFFECTS, (VERSION,))

    rows = regrets(results(dict.fromkeys(compared, 10.0), noise=5))

    # All are alike: who was luckiest on the cities that chose it is nothing better on the others.
    at = REGRET_HEAD.index("regret")
    regret = [float(str(row[at])) for row in rows if row[at] != "0"]
    assert min(regret) < 0 < max(regret)
