"""A trial's plan, list and draw: fixed in this order, and drawn again by anybody."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from eropaf.main import app
from eropaf.trial.draw import SMALLEST_STRATUM, halves, steps
from eropaf.trial.plan import Design, Plan, WrongPlan
from eropaf_client.errors import FileRefused
from tests.integration.processes import REPO

LOTS = Plan(Design.LOTS, "Lotto of 12 December 2026", "spoken with", 0.2, 0.08, 400)
PHRASE = ("--phrase", "3 9 14 22 31 40")
names = st.sets(st.text(st.characters(codec="utf-8"), min_size=1, max_size=8), min_size=1, max_size=20)


def ran(*asked: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["trial", *map(str, asked)], env={"COLUMNS": "400"})
    if isinstance(result.exception, FileRefused):  # `main` tells its faults
        return 1, "; ".join(map(str, [result.exception, *result.exception.problems]))
    return result.exit_code, result.output


def planned(folder: Path, *more: str, design: str = "lots") -> None:
    code, told = ran(
        "plan", folder, "--design", design, "--public-draw", "Lotto of 12 December 2026",
        "--outcome", "spoken with", "--share", "0.4", "--effect", "0.2", "--households", "80",
        "--trials", "100", *more,
    )  # fmt: skip
    assert code == 0, told


def listed(path: Path, households: int = 80, of_stratum: int = 4) -> Path:
    lines = (f"h{number},HIGH {number // of_stratum}\n" for number in range(households))
    path.write_text("household,stratum\n" + "".join(lines))
    return path


def drawn(folder: Path, source: Path) -> list[list[str]]:
    for more in ((), PHRASE):
        code, told = ran("assign", folder, source, *more)
        assert code == 0, told
    return [line.split(",") for line in (folder / "assigned.csv").read_text().splitlines()[1:]]


@given(names, st.text(st.characters(codec="utf-8"), min_size=1, max_size=5))
def test_every_stratum_is_halved_whatever_the_order_of_its_list(households: set[str], phrase: str) -> None:
    stratum_of = {household: household[0] for household in households}

    of_draw = halves(phrase, stratum_of)

    assert of_draw == halves(phrase, dict(reversed(stratum_of.items())))
    sizes = Counter(stratum_of.values())
    assert set(of_draw) == {each for each in households if sizes[each[0]] >= SMALLEST_STRATUM}
    for stratum in {stratum for stratum, _ in of_draw.values()}:
        arms = Counter(arm for mine, arm in of_draw.values() if mine == stratum)
        assert abs(arms["first"] - arms["later"]) <= 1


def test_who_is_alone_in_a_stratum_is_left_out_and_put_with_nobody_else() -> None:
    stratum_of = {"a": "HIGH", "b": "LOW", "c": "rest", "d": "rest"}

    assert {household: stratum for household, (stratum, _) in halves("phrase", stratum_of).items()} == {
        "c": "rest",
        "d": "rest",
    }


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


def test_nobody_is_drawn_before_the_list_is_fixed(tmp_path: Path) -> None:
    planned(tmp_path / "trial")
    source = listed(tmp_path / "list.csv")

    code, told = ran("assign", tmp_path / "trial", source, *PHRASE)

    assert (code, "first fix the list" in told) == (2, True)
    assert not (tmp_path / "trial" / "assigned.csv").exists()


def test_the_list_is_fixed_by_its_sha256_before_there_is_a_phrase(tmp_path: Path) -> None:
    planned(tmp_path / "trial")
    source = listed(tmp_path / "list.csv")

    code, told = ran("assign", tmp_path / "trial", source)

    assert code == 0, told
    assert hashlib.sha256(source.read_bytes()).hexdigest() in told
    assert "After Lotto of 12 December 2026: eropaf trial assign" in told
    assert not (tmp_path / "trial" / "assigned.csv").exists()
    assert "phrase" not in (tmp_path / "trial" / "plan.json").read_text()


def test_a_list_that_was_changed_after_it_was_fixed_is_not_drawn(tmp_path: Path) -> None:
    planned(tmp_path / "trial")
    source = listed(tmp_path / "list.csv")
    assert ran("assign", tmp_path / "trial", source)[0] == 0
    source.write_text(source.read_text() + "h80,HIGH 19\n")

    assert "list.csv is not what was fixed" in ran("assign", tmp_path / "trial", source, *PHRASE)[1]
    assert "one plan, one list" in ran("assign", tmp_path / "trial", source)[1]


def test_a_second_phrase_draws_nothing(tmp_path: Path) -> None:
    planned(tmp_path / "trial")
    source = listed(tmp_path / "list.csv")
    drawn(tmp_path / "trial", source)

    assert "one plan, one draw" in ran("assign", tmp_path / "trial", source, "--phrase", "mine")[1]
    assert "the phrase is empty" in ran("assign", tmp_path / "trial", source, "--phrase", " ")[1]


def test_a_plan_is_not_written_over(tmp_path: Path) -> None:
    planned(tmp_path / "trial")
    before = (tmp_path / "trial" / "plan.json").read_bytes()

    code, told = ran(
        "plan", tmp_path / "trial", "--design", "lots", "--public-draw", "another", "--outcome", "o",
        "--share", "0.4", "--effect", "0.1", "--households", "80",
    )  # fmt: skip

    assert (code, "holds another one already" in told) == (2, True)
    assert (tmp_path / "trial" / "plan.json").read_bytes() == before


def test_the_same_plan_list_and_phrase_give_the_same_bytes(tmp_path: Path) -> None:
    source = listed(tmp_path / "list.csv")
    written = []
    for name in ("one", "two"):
        planned(tmp_path / name)
        drawn(tmp_path / name, source)
        written.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})

    assert written[0] == written[1]
    assert set(written[0]) == {"plan.json", "protocol.md", "list.json", "assigned.csv", "assigned.json"}


def test_who_is_left_out_is_counted_when_the_list_is_fixed(tmp_path: Path) -> None:
    planned(tmp_path / "trial")
    source = listed(tmp_path / "list.csv", 72)
    source.write_text(source.read_text() + "a,ONE\nb,TWO\n")

    told = ran("assign", tmp_path / "trial", source)[1]

    assert "72 households in 18 strata take part" in told
    assert "2 households alone in a stratum: left out" in told
    assert "The plan counts on 80" in told


def test_a_list_too_small_for_an_interval_is_refused(tmp_path: Path) -> None:
    planned(tmp_path / "trial")

    code, told = ran("assign", tmp_path / "trial", listed(tmp_path / "list.csv", 20))

    assert (code, "too few for an interval that holds its 95 %" in told) == (2, True)
    assert not (tmp_path / "trial" / "list.json").exists()


def test_a_list_of_other_areas_than_planned_is_refused(tmp_path: Path) -> None:
    planned(tmp_path / "trial", "--areas", "6", "--periods", "4", design="wedge")
    (tmp_path / "list.csv").write_text("area\nA\nB\n")

    assert "lists 2 areas, the plan says 6" in ran("assign", tmp_path / "trial", tmp_path / "list.csv")[1]


def test_a_list_may_be_as_a_dutch_spreadsheet_writes_it(tmp_path: Path) -> None:
    planned(tmp_path / "trial")
    source = listed(tmp_path / "list.csv")
    text = source.read_text().replace("h7,", " =7 ,").replace("h8,", "Noordé,").replace(",", ";")
    source.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())

    arms = {household: arm for household, _, arm in drawn(tmp_path / "trial", source)}
    results = tmp_path / "results.csv"
    results.write_text(
        "Household;Outcome\n" + "".join(f"{name};{number % 2}\n" for number, name in enumerate(arms))
    )

    assert {"'=7", "Noordé"} < set(arms)
    code, told = ran("analyse", tmp_path / "trial", results)
    assert (code, "first: 40 of 40 drawn have an outcome" in told) == (0, True), told


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"public_draw": " "}, "which public draw decides"),
        ({"share": 1.2}, "above 0 and below 1"),
        ({"effect": 0.0}, "they differ"),
        ({"effect": float("nan")}, "effect is missing or no float"),
        ({"households": "400"}, "households is missing or no int"),
        ({"spread": -0.1}, "it is 0 to 0.5"),
        ({"seed": 1}, "seed is not of a plan"),
        ({"design": "luck"}, "the design is not of a plan"),
        ({"stratum": 1}, "two households at least"),
        ({"households": 40}, "fewer than 75 no interval holds its 95 %"),
        ({"share": 0.02, "households": 200}, "fewer than 613 no interval"),
        ({"design": "wedge", "areas": 4, "periods": 6}, "a wedge has 3 periods to one more"),
        ({"design": "wedge", "areas": 4, "periods": 3}, "can be drawn in 3 ways: too few"),
        ({"design": "wedge", "areas": 6, "periods": 3}, "can be drawn in 10 ways: too few"),
        ({"design": "wedge", "areas": 6, "periods": 4, "households": 3}, "too few for an interval"),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_or_is_too_small_is_refused(changed: dict[str, object], said: str) -> None:
    with pytest.raises(WrongPlan, match=said):
        Plan.from_record({**LOTS.to_record(), **changed})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "plan.json, line 1: holds no record"),
        ('{\n "design": "lots",\n', "plan.json, line 3"),
        ("{}", "design is missing"),
    ],
)
def test_a_plan_that_was_spoilt_is_refused_by_its_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "plan.json").write_text(text)

    assert said in ran("assign", tmp_path, tmp_path / "list.csv")[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("household\nh1\n", "line 1: must have the columns household,stratum, once each; look at stratum"),
        ("household,stratum,stratum\nh1,A,B\n", "once each; look at stratum"),
        ("household,stratum\n", "line 1: has nothing below it"),
        ("household,stratum\nh1,A\nh2\n", "line 3: stratum: empty"),
        ("household,stratum\n\nh1,A\n  ,B\n", "line 4: household: empty"),
        ("household,stratum\nh1,A,B\n", "line 2: has 3 columns, the header has 2"),
        ("household,stratum\nh1,A\nh2,A\n h1 ,A\n", "line 4: has the same household as line 2"),
        ('household,stratum\nh1,A\n"h2,A\nh3,A\n', "line 3: is not CSV"),
        ("household,stratum\nh1,A\x00\n", "line 2: is not CSV"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_by_file_and_line(tmp_path: Path, text: str, said: str) -> None:
    planned(tmp_path / "trial")
    source = tmp_path / "list.csv"
    source.write_text(text)

    code, told = ran("assign", tmp_path / "trial", source)

    assert code == 1
    assert told.startswith(f"{source}: ")
    assert said in told


def test_a_list_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    planned(tmp_path / "trial")

    assert "list.csv: 1 fault" in (told := ran("assign", tmp_path / "trial", tmp_path / "list.csv")[1])
    assert "file: is not there" in told


@pytest.mark.parametrize("file", ["plan.json", "assigned.csv"])
def test_a_draw_or_plan_that_was_changed_is_not_analysed(tmp_path: Path, file: str) -> None:
    results = tmp_path / "results.csv"
    results.write_text("household,outcome\nh1,1\n")
    planned(tmp_path / "trial")
    assert "draw first" in ran("analyse", tmp_path / "trial", results)[1]
    drawn(tmp_path / "trial", listed(tmp_path / "list.csv"))
    path = tmp_path / "trial" / file
    path.write_text(path.read_text().replace("first", "later", 1).replace("spoken", "seen"))

    assert f"{file} was changed after the draw" in ran("analyse", tmp_path / "trial", results)[1]


def test_the_proof_names_what_the_draw_follows_from(tmp_path: Path) -> None:
    planned(tmp_path / "trial")
    source = listed(tmp_path / "list.csv")
    lines = drawn(tmp_path / "trial", source)

    proof = json.loads((tmp_path / "trial" / "assigned.json").read_text())
    assert proof["phrase"] == PHRASE[1]
    assert proof["list_sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    # As the protocol says it: the lot of a name is the sha256 of phrase, line's end and name.
    of_one = [(household, arm) for household, stratum, arm in lines if stratum == "HIGH 3"]
    of_one.sort(key=lambda each: hashlib.sha256(f"{PHRASE[1]}\n{each[0]}".encode()).digest())
    assert [arm for _, arm in of_one] in (["first", "later"] * 2, ["later", "first"] * 2)


def test_the_pages_own_commands_lead_to_a_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = (REPO / "docs" / "how-to" / "trial.md").read_text()
    told = ""

    for line in "".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL)).replace("\\\n", "").splitlines():
        if line.startswith("eropaf trial"):
            code, told = ran(*shlex.split(line)[2:], *(["--trials", "100"] if " plan " in line else []))
            assert code == 0, told
            if " analyse " in line:
                assert "spoken with within 28 days: +" in told
        elif line:
            subprocess.run(["bash", "-ec", line], check=True)

    assert (tmp_path / "wedge" / "protocol.md").exists()
