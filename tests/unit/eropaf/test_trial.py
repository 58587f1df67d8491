"""A trial's draw can be redone by anybody, and its analysis errs as often as it says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from eropaf.main import app
from eropaf.trial.draw import DRAWN_AS_ONE, halves, steps
from eropaf.trial.effect import of_lots, of_wedge
from eropaf.trial.plan import Design, Plan, WrongPlan, simulated

LOTS = Plan(Design.LOTS, "numbers of 1 December", "spoken with", 0.2, 0.08, 400)
WEDGE = Plan(Design.WEDGE, "numbers of 1 December", "spoken with", 0.2, 0.05, 60, areas=8, periods=5)
TRIALS = 1_000
names = st.sets(st.text(st.characters(codec="utf-8"), min_size=1, max_size=8), min_size=1, max_size=40)


def ran(*asked: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["trial", *map(str, asked)], env={"COLUMNS": "300"})
    return result.exit_code, result.output


def planned(folder: Path, design: str = "lots", *more: str) -> None:
    asked = ["--design", design, "--phrase", "numbers", "--outcome", "spoken with", "--share", "0.2"]
    code, told = ran(
        "plan", folder, *asked, "--effect", "0.1", "--households", "40", "--trials", "100", *more
    )
    assert code == 0, told


@pytest.mark.parametrize("plan", [LOTS, WEDGE], ids=["lots", "wedge"])
def test_intervals_of_a_thousand_trials_cover_the_truth_as_often_as_they_say(plan: Plan) -> None:
    dice = np.random.default_rng(7)

    found = [simulated(plan, plan.effect, dice) for _ in range(TRIALS)]

    assert 0.935 <= np.mean([each.low <= plan.effect <= each.high for each in found]) <= 0.965
    assert np.mean([each.difference for each in found]) == pytest.approx(plan.effect, abs=0.005)


@pytest.mark.parametrize("plan", [LOTS, WEDGE], ids=["lots", "wedge"])
def test_where_there_is_no_effect_one_trial_in_twenty_finds_one(plan: Plan) -> None:
    dice = np.random.default_rng(7)

    assert 0.04 <= np.mean([simulated(plan, 0, dice).significant for _ in range(TRIALS)]) <= 0.06


@given(names, st.text(st.characters(codec="utf-8"), min_size=1, max_size=5))
def test_every_stratum_is_halved_whatever_the_order_of_its_list(households: set[str], phrase: str) -> None:
    stratum_of = {household: household[0] for household in households}

    drawn = halves(phrase, stratum_of)

    assert drawn == halves(phrase, dict(reversed(stratum_of.items())))
    assert set(drawn) == households
    for stratum in {stratum for stratum, _ in drawn.values()}:
        arms = Counter(arm for mine, arm in drawn.values() if mine == stratum)
        assert abs(arms["first"] - arms["later"]) <= 1
        assert stratum == DRAWN_AS_ONE or arms.total() >= 4


def test_another_phrase_is_another_draw() -> None:
    stratum_of = {f"{number}": "HIGH" for number in range(40)}

    assert halves("one", stratum_of) != halves("two", stratum_of)


@given(names, st.integers(3, 9))
def test_areas_begin_after_the_first_period_and_evenly(areas: set[str], periods: int) -> None:
    begins = Counter(steps("phrase", areas, periods).values())

    assert all(2 <= period <= periods for period in begins)
    if len(areas) >= periods - 1:
        assert set(begins) == set(range(2, periods + 1))
        assert max(begins.values()) - min(begins.values()) <= 1


def test_a_difference_is_weighted_by_the_size_of_its_stratum() -> None:
    outcome = np.array([1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1], float)
    first = np.array([1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0], bool)
    stratum = np.array([0] * 4 + [1] * 8)

    found = of_lots(outcome, first, stratum)

    assert found.difference == pytest.approx(1 / 3)


def test_a_wedge_without_chance_in_it_finds_what_was_put_in() -> None:
    begins = np.array([2, 3, 4, 5, 2, 3, 4, 5])
    level = np.linspace(0.1, 0.4, 8)[:, None] + np.array([0, 0.1, 0, 0.05, 0])[None, :]

    found = of_wedge(level + 0.07 * (np.arange(1, 6) >= begins[:, None]), begins)

    assert found.difference == pytest.approx(0.07)
    assert found.low == pytest.approx(0.07, abs=1e-3)
    assert found.significant


def test_a_trial_by_lots_from_its_plan_to_its_result(tmp_path: Path) -> None:
    listed, results = tmp_path / "list.csv", tmp_path / "results.csv"
    listed.write_text(
        "household,stratum\n" + "".join(f"h{n},{'HIGH' if n % 2 else 'LOW'}\n" for n in range(40))
    )
    planned(tmp_path / "trial")
    assert ran("assign", tmp_path / "trial", listed)[0] == 0
    drawn = [line.split(",") for line in (tmp_path / "trial" / "assigned.csv").read_text().splitlines()[1:]]
    results.write_text(
        "household,outcome\n"
        + "".join(f"{name},{int(arm == 'first' or name < 'h2')}\n" for name, _, arm in drawn[1:])
    )

    code, told = ran("analyse", tmp_path / "trial", results)

    assert code == 0, told
    assert "of 20 drawn have an outcome" in told
    assert "spoken with: +0." in told
    assert "beyond chance" in told


def test_a_trial_by_areas_from_its_plan_to_its_result(tmp_path: Path) -> None:
    listed, results = tmp_path / "list.csv", tmp_path / "results.csv"
    listed.write_text("area\n" + "".join(f"{area}\n" for area in "ABCDEF"))
    planned(tmp_path / "trial", "wedge", "--areas", "6", "--periods", "4")
    assert ran("assign", tmp_path / "trial", listed)[0] == 0
    results.write_text(
        "area,period,households,outcomes\n"
        + "".join(
            f"{area},{period},50,{ord(area) % 9 + period}\n" for area in "ABCDEF" for period in range(1, 5)
        )
    )

    code, told = ran("analyse", tmp_path / "trial", results)

    assert code == 0, told
    assert "6 areas in 4 periods, none missing" in told


def test_the_same_plan_and_list_give_the_same_bytes(tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text("household,stratum\n" + "".join(f"h{n},HIGH\n" for n in range(9)))
    written = []
    for name in ("one", "two"):
        planned(tmp_path / name)
        assert ran("assign", tmp_path / name, listed)[0] == 0
        written.append([path.read_bytes() for path in sorted((tmp_path / name).iterdir())])

    assert written[0] == written[1]


def test_a_plan_and_a_draw_are_made_once(tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text("household,stratum\n" + "".join(f"h{n},HIGH\n" for n in range(9)))
    planned(tmp_path / "trial")
    assert ran("assign", tmp_path / "trial", listed)[0] == 0
    listed.write_text(listed.read_text() + "h9,HIGH\n")

    assert "holds another draw already" in ran("assign", tmp_path / "trial", listed)[1]
    code, told = ran(
        "plan", tmp_path / "trial", "--design", "lots", "--phrase", "mine", "--outcome", "o",
        "--share", "0.2", "--effect", "0.1", "--households", "40",
    )  # fmt: skip
    assert (code, "holds another plan already" in told) == (2, True)


def test_a_draw_that_was_changed_is_not_analysed(tmp_path: Path) -> None:
    listed, results = tmp_path / "list.csv", tmp_path / "results.csv"
    listed.write_text("household,stratum\n" + "".join(f"h{n},HIGH\n" for n in range(9)))
    results.write_text("household,outcome\nh1,1\n")
    planned(tmp_path / "trial")
    assert "holds no draw" in ran("analyse", tmp_path / "trial", results)[1]
    assert ran("assign", tmp_path / "trial", listed)[0] == 0
    path = tmp_path / "trial" / "assigned.csv"
    path.write_text(path.read_text().replace("first", "later", 1))

    assert "was changed after the draw" in ran("analyse", tmp_path / "trial", results)[1]


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ("household\nh1\n", "has no column outcome"),
        ("household,outcome\nh1,yes\n", "line 2: outcome is 'yes'; write 1 or 0"),
        ("household,outcome\nh1,\n", "line 2: outcome is empty"),
        ("household,outcome\nh99,1\n", "line 2: the household was not drawn"),
        ("household,outcome\nh1,1\nh1,0\n", "line 3: the same household stands in an earlier line"),
        ("household,outcome\nh1,1\n", "no stratum has two outcomes in each half"),
        ("household,outcome\n", "has no lines"),
    ],
)
def test_outcomes_that_cannot_be_used_are_refused_by_their_line(
    tmp_path: Path, results: str, said: str
) -> None:
    listed, file = tmp_path / "list.csv", tmp_path / "results.csv"
    listed.write_text("household,stratum\n" + "".join(f"h{n},HIGH\n" for n in range(9)))
    planned(tmp_path / "trial")
    ran("assign", tmp_path / "trial", listed)
    file.write_text(results)

    code, told = ran("analyse", tmp_path / "trial", file)

    assert code == 2
    assert said in told


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"phrase": " "}, "the phrase is empty"),
        ({"share": 1.2}, "say 0 to 1"),
        ({"households": 3}, "too few for lots"),
        ({"design": Design.WEDGE, "areas": 3, "periods": 3}, "at least 4 areas"),
        ({"design": Design.WEDGE, "areas": 4, "periods": 6}, "at least 4 areas"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(changed: dict[str, object], said: str) -> None:
    with pytest.raises(WrongPlan, match=said):
        Plan.from_record({**LOTS.to_record(), **changed})


def test_what_is_no_plan_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("[]")

    assert "write one with" in ran("assign", tmp_path, tmp_path / "list.csv")[1]
