"""Points are chosen within bounds, on some cities, and judged on others: luck is shown as luck."""

from __future__ import annotations

import csv
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import cast

import pytest
from scipy import optimize
from typer.testing import CliRunner

from eropaf.choosing.cities import Place
from eropaf.choosing.judging import finalists, told
from eropaf.choosing.points import KNOBS, NotChosen, Numbers, numbers_of, policy_of, with_numbers
from eropaf.choosing.search import Search, Tried, front
from eropaf.main import app
from eropaf.risk.policy import Policy
from eropaf.simulate.backtest.arms import Arm
from eropaf.simulate.backtest.figures import Figures
from tests.builders import AMSTERDAM_EXAMPLE

START = numbers_of(AMSTERDAM_EXAMPLE)
STEEPER = (START[0], 25, *START[2:])


class Hill:
    """A city in which the harm that is found rises with the premium's points, up to a top."""

    def __init__(self, top: int) -> None:
        self._top = top

    def figures(self, arm: Arm, policy: Policy) -> Figures:
        return {"recall": -abs(policy.partners["HEALTH"].points_per_month - self._top), "wasted": 0.1}


def searched(*tops: int, seed: int = 1) -> tuple[Search, Tried]:
    places = [cast("Place", Hill(top)) for top in tops]
    search = Search(AMSTERDAM_EXAMPLE, START, places, "recall")
    return search, search.run(rounds=4, seed=seed)


def tried(recall: float, wasted: float, *more: float) -> Tried:
    return Tried(
        (round(1000 * recall),), tuple({"recall": each, "wasted": wasted} for each in (recall, *more))
    )


def test_only_points_and_the_version_of_a_policy_change() -> None:
    numbers = tuple(knob.high for knob in KNOBS)
    before, after = (
        text.splitlines() for text in (AMSTERDAM_EXAMPLE, with_numbers(AMSTERDAM_EXAMPLE, numbers, "mine"))
    )

    changed = [line for line, other in zip(before, after, strict=True) if line != other]
    assert len(changed) == len(KNOBS) + 1
    assert all(
        line.startswith(("version", "points_per_month", "breadth", "growth", "persistence"))
        for line in changed
    )
    assert numbers_of("\n".join(after)) == numbers


@pytest.mark.parametrize("ends", list(product(("low", "high"), repeat=2)))
def test_a_policy_is_valid_at_every_bound(ends: tuple[str, str]) -> None:
    numbers = tuple(getattr(knob, ends[at % 2]) for at, knob in enumerate(KNOBS))

    policy = policy_of(AMSTERDAM_EXAMPLE, numbers)
    assert policy.threatening >= policy.bands["URGENT"].enter
    assert policy.partners["RENT"].points_per_month >= policy.partners["ENERGY"].points_per_month


def test_a_policy_that_does_not_say_a_number_is_refused() -> None:
    with pytest.raises(NotChosen, match=r"weights.growth is not said by the policy"):
        numbers_of(AMSTERDAM_EXAMPLE.replace("growth = 5", "# growth", 1))


def test_a_policy_outside_the_bounds_is_refused_with_them() -> None:
    steep = AMSTERDAM_EXAMPLE.replace("breadth = 15", "breadth = 99", 1)

    with pytest.raises(NotChosen, match=r"weights.breadth is 99, and is chosen from 5 to 30"):
        numbers_of(steep)


def test_the_search_climbs_and_keeps_all_that_it_tried() -> None:
    search, best = searched(25, 25)

    assert START in search.tried
    assert best.mean("recall") > search.tried[START].mean("recall")
    assert abs(best.numbers[1] - 25) <= 2


def test_one_seed_is_one_search() -> None:
    assert list(searched(22, seed=3)[0].tried) == list(searched(22, seed=3)[0].tried)


def test_on_the_front_nobody_has_more_of_one_and_less_of_the_other() -> None:
    best, cheap, behind, dear = tried(0.3, 0.2), tried(0.2, 0.1), tried(0.19, 0.1), tried(0.25, 0.3)

    assert front([behind, dear, cheap, best], "recall", "wasted") == [best, cheap]


def test_what_luck_chose_is_said_to_gain_nothing_elsewhere() -> None:
    start, lucky = tried(0.2, 0.1, 0.2, 0.2), tried(0.25, 0.1, 0.24, 0.26)
    of = finalists([start, lucky], start.numbers, "recall")
    elsewhere = [
        [{"recall": mine} for mine in (0.2, 0.2 + more, 0.19)] for more in (0.01, -0.01, 0.005, -0.005)
    ]

    (chosen, oldest) = told(of, elsewhere, "recall", "mine-1")
    assert chosen.trained is not None
    assert chosen.trained.low > 0
    assert chosen.judged.low < 0 < chosen.judged.high
    assert oldest.judged.mean == pytest.approx(-0.01)


def test_where_nothing_gains_more_the_policy_stays() -> None:
    start, worse = tried(0.2, 0.1), tried(0.1, 0.1)
    of = finalists([start, worse], start.numbers, "recall")

    assert of.ahead == ()
    assert of.best is start


def test_the_command_writes_a_policy_its_tables_and_plots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tries_one(gain: Callable[[object], float], *_: object, **__: object) -> None:
        gain(STEEPER)

    # The search itself is tried above: here it would live through twenty-eight policies.
    monkeypatch.setattr(optimize, "differential_evolution", tries_one)
    asked = "choose --dwellings 1000 --seeds 2 --others 2 --rounds 1 --out"
    result = CliRunner().invoke(app, [*asked.split(), str(tmp_path)])

    assert result.exit_code == 0, result.output
    chosen = (tmp_path / "chosen.toml").read_text("utf-8")
    assert Policy.parse(chosen).version == "amsterdam-example-3-chosen"
    tried_ones, judged_ones = (
        list(csv.DictReader((tmp_path / name).read_text("utf-8").splitlines()))
        for name in ("tried.csv", "judged.csv")
    )
    assert [_numbers(line) for line in tried_ones] == [START, STEEPER]
    assert any(line["front"] == "1" for line in tried_ones)
    assert judged_ones[-1]["order"] == "oldest-first"
    assert "<svg" in (tmp_path / "front.svg").read_text("utf-8")
    assert "other cities" in (tmp_path / "others.svg").read_text("utf-8")


def _numbers(line: dict[str, str]) -> Numbers:
    return tuple(int(line[knob.title]) for knob in KNOBS)
