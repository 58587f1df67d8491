"""A backtest writes the same bytes for the same seeds, goes on where it ended, and says how sure it is."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from eropaf.main import app
from eropaf.risk.policy import PolicyError
from eropaf.settings.policy import policy_text
from eropaf.simulate.backtest.arms import ARM, Arm, Delivery, Ties, WrongArm
from eropaf.simulate.backtest.figures import FIGURES
from eropaf.simulate.backtest.manifest import WrongStudy, in_ranges
from eropaf.simulate.backtest.plans import Compare, arms
from eropaf.simulate.backtest.study import COLUMNS, NUMBERED, RESULTS, Study, read, row_of, run
from eropaf_client.files.writing import csv_line

VERSION = "amsterdam-example-3"
TEXT = policy_text("amsterdam-example")
PAGE = Path(__file__).parents[4] / "docs" / "explanation" / "worth.md"
STUDY = Study(1_000, 1, (Arm(VERSION), Arm("lot", Delivery.MONTHLY)), {VERSION: TEXT})


def asked(tmp_path: Path, *more: str) -> list[str]:
    return ["backtest", "--out", str(tmp_path), "--dwellings", "1000", "--seeds", "2", *more]


def held(folder: Path, study: Study = STUDY, seeds: Sequence[int] = (1,)) -> bytes:
    """Write the results of a study as if its cities had been lived through; return them."""
    run(study, [], folder)
    with (folder / RESULTS).open("a") as file:
        for seed in seeds:
            for arm in study.arms:
                file.write(csv_line(row_of(seed, arm, dict.fromkeys(NUMBERED, seed + 0.5))))
    return (folder / RESULTS).read_bytes()


def test_the_page_is_of_todays_city_and_rules(tmp_path: Path) -> None:
    """Where it fails every course is another: run the study anew, as the page says, and write the page."""
    delivered = (Arm(VERSION), Arm(VERSION, Delivery.MONTHLY), Arm("oldest-first"))
    run(Study(1_000, 12, delivered, {VERSION: TEXT}), [1], tmp_path)

    fingerprint = hashlib.sha256((tmp_path / RESULTS).read_bytes()).hexdigest()
    assert f"sha256 `{fingerprint}`" in PAGE.read_text("utf-8")


def test_a_run_that_was_ended_goes_on_and_ends_with_the_same_bytes(tmp_path: Path) -> None:
    run(STUDY, [1, 2], tmp_path / "whole")
    whole = (tmp_path / "whole" / RESULTS).read_bytes()

    run(STUDY, [1], tmp_path / "ended")
    ended = tmp_path / "ended" / RESULTS
    with ended.open("ab") as file:
        file.write(whole[len(ended.read_bytes()) :][:70])  # in the middle of a row of the next seed
    run(STUDY, [1, 2], tmp_path / "ended")

    assert ended.read_bytes() == whole
    assert len(whole.splitlines()) == 1 + 2 * 2
    assert set(read(ended)) == {1, 2}


def test_a_row_that_was_cut_in_its_last_number_is_written_anew(tmp_path: Path) -> None:
    run(STUDY, [1], tmp_path)
    whole = (tmp_path / RESULTS).read_bytes()
    (tmp_path / RESULTS).write_bytes(whole[:-2])  # 4.5 has become 4: a number like another

    assert len(read(tmp_path / RESULTS)[1]) == 1
    run(STUDY, [1], tmp_path)

    assert (tmp_path / RESULTS).read_bytes() == whole


@pytest.mark.parametrize("workers", [1 / 3, 0.1 + 0.2, 1e-05, 2.0])
def test_a_team_of_whatever_size_is_read_as_it_was_written(tmp_path: Path, workers: float) -> None:
    study = replace(STUDY, arms=(Arm("lot", workers=workers),))
    whole = held(tmp_path, study)

    run(study, [1], tmp_path)

    assert (tmp_path / RESULTS).read_bytes() == whole
    assert list(read(tmp_path / RESULTS)[1]) == list(study.arms)


@settings(max_examples=30, deadline=None)
@given(st.floats(allow_infinity=False))
def test_a_figure_of_whatever_size_is_read_as_it_was_written(figure: float) -> None:
    arm = Arm("lot")
    line = csv_line(row_of(3, arm, dict.fromkeys(NUMBERED, figure)))
    with TemporaryDirectory() as folder:
        path = Path(folder, RESULTS)
        path.write_text(csv_line(COLUMNS) + line)
        found = read(path)[3][arm]["averted"]

    assert found == figure or (found != found and figure != figure)


def spoilt(whole: bytes) -> dict[str, bytes]:
    head, first, second, *more = whole.splitlines(keepends=True)
    return {
        "line 2 of": b"".join([head, second, first, *more]),
        "line 3 of": b"".join([head, first, *more]),
        "line 4 of": b"".join([head, first, second, b"a note\n", *more]),
        "other columns": b"".join([b"seed,order\n", first, second, *more]),
    }


@pytest.mark.parametrize("said", ["line 2 of", "line 3 of", "line 4 of", "other columns"])
def test_rows_that_are_not_understood_are_refused_and_left_as_they_are(tmp_path: Path, said: str) -> None:
    wrong = spoilt(held(tmp_path, seeds=(1, 2)))[said]
    (tmp_path / RESULTS).write_bytes(wrong)

    with pytest.raises(WrongStudy, match=said):
        run(STUDY, [1, 2, 3], tmp_path)

    assert (tmp_path / RESULTS).read_bytes() == wrong


def test_results_without_a_manifest_are_refused_and_left_as_they_are(tmp_path: Path) -> None:
    whole = held(tmp_path)
    (tmp_path / "manifest.json").unlink()

    with pytest.raises(WrongStudy, match=r"has no manifest\.json beside it"):
        run(STUDY, [1], tmp_path)

    assert (tmp_path / RESULTS).read_bytes() == whole


def test_a_second_run_in_the_folder_is_noticed_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / RESULTS
    line = b"another run's\n"
    held(tmp_path)

    def meddle() -> None:
        with path.open("ab") as file:
            file.write(line)

    with pytest.raises(WrongStudy, match="another one writes there"):
        run(STUDY, [1, 2], tmp_path, done=meddle)

    assert path.read_bytes().endswith(line)


def test_a_number_that_is_none_is_named_by_its_line(tmp_path: Path) -> None:
    held(tmp_path)
    path = tmp_path / RESULTS
    path.write_text(path.read_text().replace(",live,", ",some day,"))

    with pytest.raises(WrongStudy, match=r"line 2 of .* is none that a backtest writes"):
        read(path)


def test_as_many_cities_at_once_as_there_are_jobs_give_the_same_bytes(tmp_path: Path) -> None:
    for jobs in (1, 2):
        run(STUDY, [1, 2], tmp_path / f"{jobs}", jobs)

    assert (tmp_path / "1" / RESULTS).read_bytes() == (tmp_path / "2" / RESULTS).read_bytes()


def test_results_of_another_backtest_are_refused_with_what_differs(tmp_path: Path) -> None:
    run(STUDY, [], tmp_path)

    with pytest.raises(WrongStudy, match="another backtest: dwellings, arms differ"):
        run(replace(STUDY, dwellings=2_000, arms=STUDY.arms[:1]), [], tmp_path)


def test_the_manifest_has_the_fingerprint_of_every_policy_and_the_parameters(tmp_path: Path) -> None:
    run(STUDY, [], tmp_path)

    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert len(manifest["policies"][VERSION]) == 64
    assert manifest["arms"] == [arm.name for arm in STUDY.arms]
    assert manifest["parameters"]["accepts"] > 0
    assert manifest["numpy"] == np.__version__


def test_the_manifest_says_of_which_seeds_the_results_are_and_by_which_commit(tmp_path: Path) -> None:
    held(tmp_path, seeds=(5, 2, 1))
    run(STUDY, [3], tmp_path)

    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["seeds"] == "1-3, 5"
    assert manifest["commit"] is None or re.fullmatch("[0-9a-f]{40}(-dirty)?", manifest["commit"])


@pytest.mark.parametrize(
    ("seeds", "said"), [([], ""), ([4], "4"), ([2, 1, 3], "1-3"), ([1, 2, 5, 7, 8], "1-2, 5, 7-8")]
)
def test_seeds_are_told_as_ranges(seeds: list[int], said: str) -> None:
    assert in_ranges(seeds) == said


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / RESULTS).write_text("a,b\n1,2\n")

    with pytest.raises(WrongStudy, match="other columns"):
        read(tmp_path / RESULTS)
    with pytest.raises(WrongStudy, match="run `eropaf backtest` first"):
        read(tmp_path / "nothing.csv")


def test_the_command_writes_results_and_their_summary(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, asked(tmp_path, "--baseline", "lot", "--delivery", "live"))

    assert ran.exit_code == 0, ran.output
    assert "lot/live/0.33/mixed/equal, against the first: spoken_in_need" in ran.output
    assert {path.name for path in tmp_path.iterdir()} == {
        RESULTS,
        "summary.csv",
        "fairness.csv",
        "manifest.json",
    }
    assert len((tmp_path / "summary.csv").read_text().splitlines()) == 1 + 3 * len(FIGURES)  # lot, twice mine


@pytest.mark.parametrize("compare", [Compare.LEVERS, Compare.EFFECTS, Compare.MAP, Compare.SILENT])
def test_every_line_of_results_says_of_which_course_it_is(tmp_path: Path, compare: Compare) -> None:
    study = replace(STUDY, dwellings=5_000, months=12, arms=arms(compare, (VERSION,)))
    held(tmp_path, study, seeds=(1, 2))
    ran = CliRunner().invoke(
        app, ["backtest", "--out", str(tmp_path), "--seeds", "2", "--compare", str(compare)]
    )
    assert ran.exit_code == 0, ran.output

    for name, further in {
        "summary.csv": ("figure",),
        "fairness.csv": ("dimension", "group"),
        "regret.csv": ("figure",),
    }.items():
        if (tmp_path / name).exists():
            with (tmp_path / name).open() as file:
                lines = [tuple(line[each] for each in (*ARM, *further)) for line in csv.DictReader(file)]
            assert lines
            assert len(lines) == len(set(lines)), name


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--baseline", "luck"), "there is no order luck"),
        (("--workers", "0"), "must be above 0"),
        (("--inequality", "9"), "inequality is 9 and must lie from 0.2 to 1.6"),
        (("--area-inequality", "-1"), "area_inequality is -1 and must lie from 0 to 1.2"),
        (("--list-day", "1"), "list_day_from is 1 and must lie from 3 to 28"),
        (("--policy", "amsterdam-example", "--policy", "amsterdam-example"), "each its own version"),
        (("--compare", "levers", "--workers", "1"), "--compare levers takes no --workers"),
        (("--compare", "levers", "--baseline", "lot"), "--compare levers takes no --baseline"),
        (("--compare", "effects", "--delivery", "live"), "--compare effects takes no --delivery"),
        (("--compare", "map", "--channel", "calls"), "--compare map takes no --channel"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(
    tmp_path: Path, more: tuple[str, ...], said: str
) -> None:
    ran = CliRunner().invoke(app, asked(tmp_path, *more), env={"COLUMNS": "200"})

    assert ran.exit_code == 2
    assert said in ran.output


def test_a_policy_that_is_not_valid_is_refused_before_anything_is_simulated(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text(TEXT.replace("months_cap = 6", "months_cap = -1"))

    ran = CliRunner().invoke(app, asked(tmp_path / "out", "--policy", str(broken)))

    assert isinstance(ran.exception, PolicyError)
    assert not (tmp_path / "out").exists()


def test_a_team_of_nobody_is_no_arm() -> None:
    with pytest.raises(WrongArm, match="above 0"):
        Arm("lot", workers=-1)
    with pytest.raises(WrongArm, match="no creditors of telephone"):
        Arm("lot", silent="telephone")


def test_every_order_is_compared_by_every_delivery_but_the_file_of_2015() -> None:
    compared = arms(Compare.ORDERS, (VERSION,))

    assert compared[0] == Arm(VERSION)
    assert len(compared) == len(set(compared)) == 3 * 7 + 1
    assert [arm.order for arm in compared if arm.ties is Ties.AGAINST] == 3 * [VERSION]
    assert [arm.delivery for arm in compared if arm.order == "file-2015"] == [Delivery.MONTHLY]
