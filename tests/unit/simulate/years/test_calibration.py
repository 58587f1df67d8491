"""The city is held to published figures, and the page says how far it meets them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from eropaf.main import app
from eropaf.simulate.years import fit
from eropaf.simulate.years.course import City, Month
from eropaf.simulate.years.creditors import Steps
from eropaf.simulate.years.fit import KNOBS, turned
from eropaf.simulate.years.measured import Tally, measured
from eropaf.simulate.years.misses import WHY
from eropaf.simulate.years.page import constants_tables, page, parameters_table
from eropaf.simulate.years.parameters import Parameters, ranges
from eropaf.simulate.years.population import Form, Population, Tenancy
from eropaf.simulate.years.practice import PRACTICES
from eropaf.simulate.years.sectors import ENERGY, NAMES
from eropaf.simulate.years.targets import FITTED, FOLLOWING, HELD_OUT, TARGETS, Target

PAGE = Path(__file__).parents[4] / "docs" / "explanation" / "calibration.md"
MET = {target.figure: target.value for target in FITTED}


def test_thirty_targets_count_and_a_third_of_them_is_held_out() -> None:
    counted = [target for target in TARGETS if target.counted]

    assert len(counted) >= 30
    assert 3 * len(HELD_OUT) >= len(counted)
    assert not any(target.held_out for target in (*FITTED, *FOLLOWING))


def test_what_is_held_out_follows_from_nothing_else_on_the_page() -> None:
    """A figure that is another one, its complement, or two others' product or ratio, tests nothing."""
    cities = [measured(City.of(2_000, seed), 12) for seed in (1, 2)]
    figures = {name: np.array([city[name] for city in cities]) for name in cities[0]}
    held_out = {target.figure for target in HELD_OUT}
    basis = {target.figure for target in FITTED} | held_out
    for figure in held_out:
        others = [figures[name] for name in basis - {figure} if figures[name].all()]
        pairs = list(permutations(others, 2))
        known = [*others, *(1 - one for one in others)]
        known += [one * other for one, other in pairs] + [one / other for one, other in pairs]
        assert not any(np.allclose(figures[figure], each, rtol=1e-9, atol=0) for each in known), figure


def test_what_follows_is_shown_and_counted_in_neither() -> None:
    met = {
        year: {target.figure: target.value for target in reversed(TARGETS) if target.year == year}
        for year in PRACTICES
    }
    met["2023"] |= {"debts begun": 1.0, "late OTHER": 1.0}

    text = page(met, Parameters(), "made")

    of = [target for target in FITTED if target.counted]
    assert (
        f"Of {len(of)} targets that were fitted {len(of)} are met, of {len(HELD_OUT)} held-out ones" in text
    )
    assert f"**{len(HELD_OUT) - 1}**" in text
    assert "| put in: `debt_months`, its inverse | **missed** |" in text


def city_of_two(form: Form, tenancy: Tenancy) -> City:
    """A single corporation tenant, and another household."""
    zero = np.zeros(2, np.int8)
    population = Population(
        form=np.array([Form.SINGLE, form], np.int8), income=zero,
        tenancy=np.array([Tenancy.CORPORATION, tenancy], np.int8),
        area=zero, neighbourhood=zero, strain=np.ones(2, np.float32),
    )  # fmt: skip
    return replace(City.of(2, 1), population=population)


def a_month(city: City, evicted: Sequence[int] = (), late: Sequence[int] = ()) -> Month:
    (month,) = city.months(1)
    nobody, who = np.zeros(0, np.intp), np.array(evicted, np.intp)
    is_late = np.zeros(2, np.bool_)
    is_late[list(late)] = True
    standing = replace(month.standing, late_on_health=is_late)
    return replace(month, steps=Steps(who, who, nobody, nobody), standing=standing)


def figures_of(city: City, month: Month) -> dict[str, float]:
    tally = Tally(city)
    for number in range(12):
        tally.add(replace(month, number=number))
    with np.errstate(invalid="ignore", divide="ignore"):
        return {name: float(figure) for name, figure in tally.figures(12).items()}


def test_evictions_a_corporation_dwelling_are_of_corporation_tenants() -> None:
    city = city_of_two(Form.SINGLE, Tenancy.PRIVATE)

    assert figures_of(city, a_month(city, evicted=[0, 1]))["evictions"] == 12  # of one dwelling, each month


def test_an_end_of_delivery_is_a_signal_of_energy_too() -> None:
    city = City.of(2_000, 1, Parameters(end_of_delivery=0.3))
    signals = energy = ends = 0
    for month in city.months(12):
        ends += len(month.steps.ends_of_delivery)
        signals += len(month.signals.household) + len(month.steps.ends_of_delivery)
        energy += int((month.signals.sector == ENERGY).sum()) + len(month.steps.ends_of_delivery)

    figures = measured(city, 12)

    assert ends > 0
    assert figures["ends of energy"] == pytest.approx(ends / energy)
    assert figures["energy"] == pytest.approx(energy / signals)
    assert sum(figures[name] for name in NAMES) == pytest.approx(1)


def test_what_tenants_owe_is_counted_as_the_month_ends() -> None:
    """Who pays late in the month is in no figure of its end."""
    early, late = (
        measured(City.of(5_000, 3, Parameters(list_day_from=19, list_day_to=19, paid_from_income=share)), 12)
        for share in (0.0, 1.0)
    )

    assert late["owed in a year"] > early["owed in a year"]
    assert late["rent arrears"] == pytest.approx(early["rent arrears"], rel=0.1)


def test_among_the_evicted_each_form_is_counted_of_corporation_tenants() -> None:
    city = city_of_two(Form.FAMILY, Tenancy.CORPORATION)

    figures = figures_of(city, a_month(city, evicted=[0, 1]))

    assert (figures["evicted single"], figures["evicted with children"]) == (0.5, 0.5)


def test_who_is_late_on_the_premium_is_counted_by_persons() -> None:
    city = city_of_two(Form.COUPLE, Tenancy.PRIVATE)

    late = figures_of(city, a_month(city, late=[1]))["late"]

    assert late == pytest.approx(2 / 3)  # of three adults


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


def test_a_city_in_which_something_differs_is_fitted_anew_and_has_as_many_signals(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fit, "DWELLINGS_ANEW", 6_000)
    monkeypatch.setattr(fit, "ROUNDS_ANEW", 6)
    monkeypatch.setattr(fit, "YEARS", 1)
    quieter = Parameters(area_inequality=0.0, silent_month=0.2)

    parameters = fit.anew(quieter)

    def signals(of: Parameters) -> float:
        return measured(City.of(6_000, fit.SEED, of), 12)["signals"]

    assert (parameters.area_inequality, parameters.silent_month) == (0.0, 0.2)
    assert abs(signals(parameters) - 4) < abs(signals(quieter) - 4)


@pytest.mark.parametrize("target", HELD_OUT, ids=lambda target: target.what)
def test_no_knob_is_turned_by_what_only_held_out_targets_name(target: Target) -> None:
    if target.figure not in MET:
        assert target.figure not in {knob.figure for knob in KNOBS}


def test_the_page_has_the_parameters_as_they_are() -> None:
    assert parameters_table(Parameters()) in PAGE.read_text("utf-8"), (
        "write it anew: eropaf simulate calibrate"
    )


def test_the_page_has_the_constants_as_they_are_and_how_the_numbers_were_found() -> None:
    text = PAGE.read_text("utf-8")

    assert constants_tables() in text, "write it anew: eropaf simulate calibrate"
    assert f"--dwellings {fit.DWELLINGS} --years {fit.YEARS} --seed {fit.SEED} --rounds {fit.ROUNDS}" in text


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
