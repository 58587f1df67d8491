"""A trial's analysis errs as often as it says, in the designs that municipalities have, and else refuses."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from eropaf.trial.effect import TooFew
from eropaf.trial.lots import Tables, of_lots
from eropaf.trial.plan import Design, Plan
from eropaf.trial.simulated import power
from eropaf.trial.wedge import check, of_wedge, possible
from tests.unit.eropaf.test_trial import drawn, listed, planned, ran

TRIALS = 1_000
DRAW = "Lotto of 12 December 2026"
# What `make trial-cover` tries on many more designs, and with ten times as many trials.
DESIGNS = {
    "200 in pairs, a half": Plan(Design.LOTS, DRAW, "o", 0.5, -0.2, 200, stratum=2),
    "100 in strata of 2 to 8, a fifth": Plan(Design.LOTS, DRAW, "o", 0.2, 0.15, 100),
    "300 in strata of 2 to 8, one in twenty": Plan(Design.LOTS, DRAW, "o", 0.05, 0.08, 300),
    "7 areas in 4 periods": Plan(Design.WEDGE, DRAW, "o", 0.2, 0.1, 40, areas=7, periods=4),
    "8 areas in 5 periods, one in fifty": Plan(Design.WEDGE, DRAW, "o", 0.02, 0.04, 40, areas=8, periods=5),
}  # fmt: skip


def tables(*strata: tuple[int, int, int, int]) -> Tables:
    """Return strata, each of: who came first, of them with the outcome, who came later, of them with it."""
    first, had_first, later, had_later = np.array(strata, float).T
    return Tables(first, later, had_first, had_later)


@pytest.mark.parametrize("design", DESIGNS)
def test_of_a_thousand_trials_intervals_cover_and_tests_err_as_often_as_they_say(design: str) -> None:
    found = power(DESIGNS[design], TRIALS, seed=5)

    assert 0.935 <= found.covered <= 0.965
    assert 0.04 <= found.without <= 0.06
    assert found.found > 2 * found.without
    assert found.refused < 0.05


def test_chance_is_that_of_the_draw_counted_one_draw_at_a_time() -> None:
    strata = [
        (2, 2, 2, 0),
        (2, 1, 1, 0),
        (2, 2, 2, 0),
        (1, 1, 2, 0),
        (2, 1, 2, 1),
        (2, 2, 2, 0),
        (2, 2, 2, 0),
    ]

    apart, mine = np.zeros(1), 0.0
    for first, had_first, later, had_later in strata:
        had = [1] * (had_first + had_later) + [0] * (first + later - had_first - had_later)
        expected = first * float(np.mean(had))
        apart = np.add.outer(apart, [sum(chosen) - expected for chosen in combinations(had, first)]).ravel()
        mine += had_first - expected
    farther = (np.abs(apart) > abs(mine) + 1e-9).mean()
    by_hand = farther + np.isclose(np.abs(apart), abs(mine)).mean() / 2

    assert of_lots(tables(*strata)).p == pytest.approx(by_hand)


def test_four_households_that_differ_wholly_by_arm_show_nothing() -> None:
    # Of the six draws of two out of four, two part them as far.
    with pytest.raises(TooFew, match="2 of the 4 households that can be compared have the outcome"):
        of_lots(tables((2, 2, 2, 0)))


@pytest.mark.parametrize("share", [0, 1])
def test_where_everybody_or_nobody_has_the_outcome_no_effect_is_said(share: int) -> None:
    with pytest.raises(TooFew, match="No effect is said"):
        of_lots(tables(*[(2, 2 * share, 2, 2 * share)] * 40))


def test_a_difference_is_weighted_by_the_size_of_its_stratum() -> None:
    found = of_lots(tables((20, 20, 20, 0), (40, 40, 40, 40)))

    assert found.difference == pytest.approx(1 / 3)
    assert found.low < 1 / 3 < found.high


def test_a_stratum_with_one_arm_alone_changes_nothing() -> None:
    strata = [(2, 1, 2, 0)] * 20

    assert of_lots(tables(*strata, (3, 3, 0, 0))) == of_lots(tables(*strata))


@pytest.mark.parametrize("more", range(2, 26))
def test_zero_lies_in_an_interval_where_p_says_so(more: int) -> None:
    found = of_lots(tables(*[(2, 1, 1, 0)] * more, *[(1, 0, 2, 1)] * 20))

    assert not (found.low < 0 < found.high) if found.significant else found.low <= 0 <= found.high
    assert -1 <= found.low <= found.difference <= found.high <= 1


def test_a_wedge_without_chance_in_it_finds_what_was_put_in() -> None:
    begins = np.array([2, 3, 4, 5, 2, 3, 4, 5])
    level = np.linspace(0.1, 0.4, 8)[:, None] + np.array([0, 0.1, 0, 0.05, 0])[None, :]

    found = of_wedge(level + 0.07 * (np.arange(1, 6) >= begins[:, None]), begins)

    assert found.difference == pytest.approx(0.07)
    assert found.low == pytest.approx(0.07)
    assert found.high == pytest.approx(0.07)
    assert found.p == pytest.approx(1 / possible(begins.tolist()))


def test_an_interval_of_a_wedge_holds_what_its_test_does_not_rule_out() -> None:
    dice = np.random.default_rng(3)
    begins = np.array([2, 2, 3, 3, 4, 4])
    has = (np.arange(1, 5) >= begins[:, None]).astype(float)
    share = dice.binomial(40, 0.2, (6, 4)) / 40

    found = of_wedge(share, begins)

    for effect in np.linspace(found.low - 0.2, found.high + 0.2, 60):
        kept = not of_wedge(share - effect * has, begins).significant
        assert kept == (found.low <= effect <= found.high)


@pytest.mark.parametrize(
    ("begins", "draws"),
    [([2, 2, 3, 3], 3), ([2, 2, 2, 3, 3], 10), ([2, 2, 3, 3, 4, 4], 90), ([2, 3, 4, 5, 6, 7], 720)],
)
def test_a_draw_and_its_mirror_count_once(begins: list[int], draws: int) -> None:
    assert possible(begins) == draws


@pytest.mark.parametrize("begins", [[2, 2, 3, 3], [2, 2, 2, 3, 3, 3], [2, 2, 3, 4, 5]])
def test_a_wedge_in_which_chance_alone_could_find_nothing_is_refused(begins: list[int]) -> None:
    with pytest.raises(TooFew, match="Take more areas, or more periods"):
        check(begins)


def test_a_trial_by_lots_from_its_plan_to_its_result(tmp_path: Path) -> None:
    results = tmp_path / "results.csv"
    planned(tmp_path / "trial")
    lines = drawn(tmp_path / "trial", listed(tmp_path / "list.csv"))
    results.write_text(
        "household,outcome\n"
        + "".join(f"{name},{int(arm == 'first' or name < 'h2')}\n" for name, _, arm in lines[1:])
    )

    code, told = ran("analyse", tmp_path / "trial", results)

    assert code == 0, told
    assert "of 40 drawn have an outcome" in told
    assert " points (+" in told
    assert "beyond chance" in told


def test_who_has_nobody_to_be_compared_with_is_counted_and_not_dropped_silently(tmp_path: Path) -> None:
    results = tmp_path / "results.csv"
    planned(tmp_path / "trial")
    lines = drawn(tmp_path / "trial", listed(tmp_path / "list.csv"))
    kept = [
        (name, number)
        for number, (name, stratum, arm) in enumerate(lines)
        if stratum != "HIGH 3" or arm == "first"
    ]
    results.write_text("household,outcome\n" + "".join(f"{name},{number % 2}\n" for name, number in kept))

    told = ran("analyse", tmp_path / "trial", results)[1]

    assert "later: 38 of 40 drawn have an outcome" in told
    assert "2 households not counted: nobody of the stratum's other arm has an outcome" in told


def test_too_few_outcomes_are_told_without_an_effect(tmp_path: Path) -> None:
    results = tmp_path / "results.csv"
    planned(tmp_path / "trial")
    lines = drawn(tmp_path / "trial", listed(tmp_path / "list.csv"))
    results.write_text(
        "household,outcome\n" + "".join(f"{name},{int(name == 'h1')}\n" for name, _, _ in lines)
    )

    code, told = ran("analyse", tmp_path / "trial", results)

    assert code == 1
    assert "first: 40 of 40 drawn have an outcome" in told
    assert "1 of the 80 households that can be compared have the outcome: too few" in told
    assert "p =" not in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("household\nh1\n", "line 1: must have the columns household,outcome"),
        ("household,outcome\nh1,yes\n", "line 2: the outcome must be 1 or 0"),
        ("household,outcome\nh1,\n", "line 2: outcome: empty; where it is not known, leave the line out"),
        ("household,outcome\nh1,1\nh99,1\n", "line 3: the household was not drawn"),
        ("household,outcome\nh1,1\nh1,0\n", "line 3: has the same household as line 2"),
        ("household,outcome\n", "has nothing below it"),
    ],
)
def test_outcomes_that_cannot_be_used_are_refused_by_file_and_line(
    tmp_path: Path, text: str, said: str
) -> None:
    results = tmp_path / "results.csv"
    planned(tmp_path / "trial")
    drawn(tmp_path / "trial", listed(tmp_path / "list.csv"))
    results.write_text(text)

    code, told = ran("analyse", tmp_path / "trial", results)

    assert code == 1
    assert told.startswith(f"{results}: ")
    assert said in told


WEDGE = [f"{area},{period},50,{ord(area) % 9 + period}" for area in "ABCDEF" for period in range(1, 5)]


def wedge(tmp_path: Path, lines: list[str]) -> tuple[int, str]:
    source, results = tmp_path / "list.csv", tmp_path / "results.csv"
    source.write_text("area\n" + "".join(f"{area}\n" for area in "ABCDEF"))
    planned(tmp_path / "trial", "--areas", "6", "--periods", "4", design="wedge")
    drawn(tmp_path / "trial", source)
    results.write_text("\n".join(["area,period,households,outcomes", *lines, ""]))
    return ran("analyse", tmp_path / "trial", results)


def test_a_trial_by_areas_from_its_plan_to_its_result(tmp_path: Path) -> None:
    code, told = wedge(tmp_path, WEDGE)

    assert code == 0, told
    assert "6 areas in 4 periods, none missing" in told
    assert "p =" in told


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("G,1,50,3", "line 2: the area was not drawn"),
        ("A,5,50,3", "line 2: the period must be 1 to 4"),
        ("A,01,50,3", "line 2: period, households and outcomes must be whole numbers"),
        ("A,1,1.200,3", "line 2: period, households and outcomes must be whole numbers"),
        ("A,1,50,51", "line 2: outcomes must be no more than households"),
        ("A,1,0,0", "line 2: outcomes must be no more than households"),
        ("A,2,50,3", "line 3: has the same area and period as line 2"),
    ],
)
def test_a_cell_that_cannot_be_is_refused_by_its_line(tmp_path: Path, line: str, said: str) -> None:
    assert said in wedge(tmp_path, [line, *WEDGE[1:]])[1]


def test_every_gap_of_a_wedge_is_named(tmp_path: Path) -> None:
    told = wedge(tmp_path, WEDGE[2:])[1]

    assert "has no line for area A in period 1" in told
    assert "has no line for area A in period 2" in told
