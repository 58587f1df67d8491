"""Who is left out, and who loses, is said where it is sure for all groups together, and not otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from eropaf.simulate.backtest.arms import Arm, Delivery
from eropaf.simulate.backtest.fairness import fairness
from eropaf.simulate.backtest.figures import Figures
from eropaf.simulate.backtest.groups import COLUMNS as GROUPED
from eropaf.simulate.backtest.groups import DIMENSIONS
from eropaf.simulate.backtest.summary import Interval

VERSION = "amsterdam-example-3"


def test_a_group_found_less_often_is_said_to_be_and_a_small_one_flagged() -> None:
    arm = Arm(VERSION)
    dice = np.random.default_rng(2)
    counts = dict.fromkeys(GROUPED, 0.0)
    counts |= {"harms:harm:evictions": 100, "found:harm:evictions": 50}
    counts |= {
        "harms:area:West": 60,
        "found:area:West": 20,
        "passed_over:area:West": 8,
        "passed_over_in_need:area:West": 2,
    }
    counts |= {"harms:area:Oost": 40, "found:area:Oost": 30, "harms:area:Zuid": 1, "found:area:Zuid": 0}
    cities = {
        seed: {arm: {name: count + int(dice.integers(2)) * (count > 9) for name, count in counts.items()}}
        for seed in range(20)
    }

    found = {(each.dimension, each.group): each for each in fairness(cities, arm, arm)}

    assert found["area", "West"].note == "found less often"
    assert found["area", "Oost"].note == "found more often"
    assert found["area", "Zuid"].note == "too few to say"
    assert found["area", "West"].false_omission == 0.25
    assert found["area", "West"].than_rest.mean == pytest.approx(20 / 60 - 30 / 41, abs=0.02)


def by_area(
    found: dict[str, tuple[float, float]], cities: int = 24, noise: int = 6
) -> dict[int, dict[Arm, Figures]]:
    """Return cities with 40 harms in each area, of which so many were found live and by the monthly file."""
    dice, live, monthly = np.random.default_rng(4), Arm(VERSION), Arm(VERSION, Delivery.MONTHLY)
    results: dict[int, dict[Arm, Figures]] = {}
    for seed in range(cities):
        here, there = dict.fromkeys(GROUPED, 0.0), dict.fromkeys(GROUPED, 0.0)
        for area in DIMENSIONS["area"]:
            luck = int(dice.integers(-noise, noise + 1))  # of the city, the same in both courses
            lives, files = found.get(area, (20.0, 20.0))
            for counts, number in ((here, lives), (there, files)):
                counts[f"harms:area:{area}"] = 40
                counts[f"found:area:{area}"] = number + luck + int(dice.integers(2))
        results[seed] = {live: here, monthly: there}
    return results


def test_who_loses_is_found_less_often_than_before_not_than_others() -> None:
    results = by_area(
        {"West": (10.0, 10.0), "Noord": (24.0, 28.0), "Oost": (26.0, 26.0), "Zuid": (24.0, 20.0)}
    )

    found = {each.group: each for each in fairness(results, Arm(VERSION), Arm(VERSION, Delivery.MONTHLY))}

    assert [name for name, each in found.items() if each.loses] == ["Noord"]
    assert found["West"].left_out
    assert not found["Noord"].left_out
    assert found["Noord"].gains_less
    assert not found["Zuid"].gains_less
    assert found["Zuid"].change.low > 0
    assert found["Noord"].change.mean == pytest.approx(-4 / 40, abs=0.01)


def test_of_many_groups_that_are_alike_none_is_said_to_differ() -> None:
    dice, arm = np.random.default_rng(8), Arm(VERSION)
    wrong = []
    for _ in range(100):
        results = {}
        for seed in range(12):
            counts = dict.fromkeys(GROUPED, 0.0)
            for area in DIMENSIONS["area"]:
                harms = int(dice.poisson(30))
                counts[f"harms:area:{area}"] = harms
                counts[f"found:area:{area}"] = int(dice.binomial(harms, 0.4))
            results[seed] = {arm: counts}
        wrong.append(any(each.left_out for each in fairness(results, arm, arm)))

    assert np.mean(wrong) <= 0.05  # 0.025 on average: less often is half of otherwise


def test_no_column_of_groups_that_are_alike_says_that_one_differs() -> None:
    dice, live, monthly = np.random.default_rng(9), Arm(VERSION), Arm(VERSION, Delivery.MONTHLY)
    wrong = []
    for _ in range(200):
        results: dict[int, dict[Arm, Figures]] = {}
        for seed in range(12):
            results[seed] = {live: dict.fromkeys(GROUPED, 0.0), monthly: dict.fromkeys(GROUPED, 0.0)}
            for area in DIMENSIONS["area"]:
                harms = int(dice.poisson(30))
                for counts in results[seed].values():
                    counts[f"harms:area:{area}"] = harms
                    counts[f"found:area:{area}"] = int(dice.binomial(harms, 0.4))
        wrong.append(
            any(
                of.sure
                for each in fairness(results, live, monthly)
                for of in (each.than_rest, each.change, each.than_rest_change)
            )
        )

    assert np.mean(wrong) <= 0.08  # 0.05 as said, and chance; each column by itself: 0.15


def test_the_interval_of_a_share_covers_it_as_often_as_it_says() -> None:
    dice = np.random.default_rng(6)
    covered = []
    for _ in range(2_000):
        harms = dice.poisson(20, 12)
        interval = Interval.of_sums(np.array([dice.binomial(harms, 0.3), harms]), lambda of: of[0] / of[1])
        covered.append(interval.low <= 0.3 <= interval.high)

    assert 0.935 <= np.mean(covered) <= 0.965
