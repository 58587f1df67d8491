"""The city is held to published figures, and the page says how far it meets them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eropaf.main import app
from eropaf.simulate.years.course import City
from eropaf.simulate.years.fit import KNOBS, turned
from eropaf.simulate.years.measured import measured
from eropaf.simulate.years.misses import WHY
from eropaf.simulate.years.page import parameters_table
from eropaf.simulate.years.parameters import Parameters, ranges
from eropaf.simulate.years.targets import FITTED, HELD_OUT, TARGETS, Target

PAGE = Path(__file__).parents[4] / "docs" / "explanation" / "calibration.md"
MET = {target.figure: target.value for target in FITTED}


def test_there_are_thirty_targets_and_a_third_is_held_out() -> None:
    assert len(TARGETS) >= 30
    assert 3 * len(HELD_OUT) >= len(TARGETS)
    assert not any(target.held_out for target in FITTED)


@pytest.mark.parametrize(
    ("measured", "met"), [(0.89, False), (0.91, True), (1.09, True), (1.11, False), (1.25, False)]
)
def test_a_target_is_met_within_a_tenth(measured: float, met: bool) -> None:
    assert Target("what", "figure", 1.0, "source").met(measured) is met


@pytest.mark.parametrize(("measured", "met"), [(0.79, False), (0.81, True), (1.29, True), (1.31, False)])
def test_a_target_is_met_inside_the_sources_own_range(measured: float, met: bool) -> None:
    assert Target("what", "figure", 1.0, "source", low=0.8, high=1.3).met(measured) is met


def test_every_target_is_measured() -> None:
    figures = measured(City.of(2_000, 1), 12)

    assert {target.figure for target in TARGETS} <= set(figures)


def test_what_meets_its_targets_is_left_as_it_is() -> None:
    assert turned(Parameters(), MET) == Parameters()


@pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.parameter)
def test_a_knob_is_turned_towards_its_target_and_no_other_one_is(knob: object) -> None:
    knob = next(each for each in KNOBS if each is knob)
    found = turned(Parameters(), {**MET, knob.figure: MET[knob.figure] * 0.9})

    before, after = getattr(Parameters(), knob.parameter), getattr(found, knob.parameter)
    top = after == before == ranges()[knob.parameter].high
    assert (after > before) is (knob.power > 0) or top
    assert replace(found, **{knob.parameter: before}) == Parameters()


@pytest.mark.parametrize("target", HELD_OUT, ids=lambda target: target.what)
def test_no_knob_is_turned_by_what_only_held_out_targets_name(target: Target) -> None:
    if target.figure not in MET:
        assert target.figure not in {knob.figure for knob in KNOBS}


def test_the_page_has_the_parameters_as_they_are() -> None:
    assert parameters_table(Parameters()) in PAGE.read_text("utf-8"), (
        "write it anew: eropaf simulate calibrate"
    )


def test_every_miss_on_the_page_is_explained() -> None:
    text = PAGE.read_text("utf-8")

    assert all(f"| {target.what} |" in text for target in TARGETS)
    assert "not explained yet" not in text
    assert set(WHY) <= {target.what for target in TARGETS}


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        asked = ["simulate", "years", "--dwellings", "1000", "--years", "1", "--out", str(tmp_path / name)]
        assert CliRunner().invoke(app, asked).exit_code == 0
        written.append([(tmp_path / name / file).read_bytes() for file in ("months.csv", "manifest.json")])

    assert written[0] == written[1]
    assert len(written[0][0].splitlines()) == 13
    assert json.loads(written[0][1])["parameters"]["accepts"] == Parameters().accepts
