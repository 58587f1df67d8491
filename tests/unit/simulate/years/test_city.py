"""A city of years: what holds in each, whatever its seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eropaf.simulate.years.bills import missed, paid, spells
from eropaf.simulate.years.course import City, Fingerprint
from eropaf.simulate.years.creditors import LAST_BATCH_DAY
from eropaf.simulate.years.outreach import NOT_PICKED_UP, VISIT, Reports
from eropaf.simulate.years.parameters import OutOfRange, Parameters, ranges
from eropaf.simulate.years.population import AREAS, Tenancy
from eropaf.simulate.years.sectors import RENT, SECTORS
from eropaf.simulate.years.state import State, beginning

HOUSEHOLDS = 3_000
seeds = st.integers(0, 2**32)


def fingerprint(seed: int, months: int = 4) -> str:
    of = Fingerprint()
    for month in City.of(HOUSEHOLDS, seed).months(months):
        of.add(month)
    return of.hexdigest()


def lived(city: City, months: int) -> State:
    state = beginning(city.draws, city.population, city.parameters)
    for month in range(months):
        spells(state, city.population, city.parameters, city.draws, month)
        missed(state, city.population, city.parameters, city.draws, month)
        paid(state, city.parameters, city.draws, month)
    return state


def test_one_seed_is_one_city_to_the_byte() -> None:
    assert fingerprint(7) == fingerprint(7)
    assert fingerprint(7) != fingerprint(8)


@settings(max_examples=10, deadline=None)
@given(seeds, st.integers(1, 30))
def test_nobody_owes_more_bills_than_have_fallen_due(seed: int, months: int) -> None:
    state = lived(City.of(HOUSEHOLDS, seed), months)

    assert (state.owed <= state.age + 1).all()
    assert (state.owed >= 0).all()


@settings(max_examples=5, deadline=None)
@given(seeds)
def test_who_owns_the_home_owes_no_rent(seed: int) -> None:
    city = City.of(HOUSEHOLDS, seed)

    state = lived(city, 12)

    assert not state.owed[RENT, city.population.tenancy == Tenancy.OWNER].any()


@settings(max_examples=5, deadline=None)
@given(seeds)
def test_signals_are_of_arrears_of_an_age_at_which_that_creditor_reports(seed: int) -> None:
    for month in City.of(HOUSEHOLDS, seed).months(6):
        signals = month.signals
        for number, sector in enumerate(SECTORS):
            ages = signals.age[signals.sector == number]
            assert ((ages >= sector.reported_from) & (ages <= sector.reported_to)).all()
        assert (signals.owed >= 1).all()
        assert ((signals.day >= 1) & (signals.day <= LAST_BATCH_DAY)).all()


def test_a_creditor_delivers_one_batch_on_one_day_of_the_month() -> None:
    for month in City.of(HOUSEHOLDS, 1).months(6):
        deliveries = set(zip(month.signals.sector, month.signals.creditor, month.signals.day, strict=True))

        assert len(deliveries) == len({(sector, creditor) for sector, creditor, _ in deliveries})


def test_amounts_are_bills() -> None:
    for month in City.of(HOUSEHOLDS, 1).months(6):
        for number, sector in enumerate(SECTORS):
            of = month.signals.sector == number
            bills = month.signals.amount_eur[of] / month.signals.owed[of]
            assert ((bills >= sector.bill_eur[0]) & (bills <= sector.bill_eur[1])).all()


def test_whoever_is_first_by_the_rule_is_visited() -> None:
    def largest(reports: Reports) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return reports.amount_eur.astype(np.float64)

    for month in City.of(HOUSEHOLDS, 1).months(6, largest):
        channel, amounts = month.worked.channel, month.worked.reports.amount_eur
        visited, others = amounts[channel == VISIT], amounts[(channel != VISIT) & (channel != NOT_PICKED_UP)]
        if len(visited) and len(others):
            assert visited.min() >= others.max()


def test_what_one_policy_does_changes_no_other_households_luck() -> None:
    """Who is never reported has the same debts under every policy."""
    city = City.of(HOUSEHOLDS, 3)
    first = list(city.months(12))
    other = list(city.months(12, lambda reports: -reports.amount_eur.astype(np.float64)))

    told = {int(household) for month in (*first, *other) for household in month.signals.household}
    quiet = np.array([household for household in range(HOUSEHOLDS) if household not in told])
    for one, two in zip(first, other, strict=True):
        assert one.in_debt == two.in_debt
        assert (one.owes[quiet] == two.owes[quiet]).mean() > 0.99  # but who was helped before the first year


def test_tenancies_are_those_of_the_city() -> None:
    shares = np.bincount(City.of(20_000, 5).population.tenancy) / 20_000

    assert shares == pytest.approx([0.395, 0.316, 0.289], abs=0.001)


def test_every_area_has_households() -> None:
    assert set(City.of(HOUSEHOLDS, 5).population.area.tolist()) == set(range(len(AREAS)))


def test_strain_is_one_on_average() -> None:
    assert City.of(HOUSEHOLDS, 5).population.strain.mean() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("name", ranges())
def test_every_parameter_has_a_range_a_unit_and_a_source(name: str) -> None:
    known = ranges()[name]

    assert known.low < known.high
    assert known.low <= getattr(Parameters(), name) <= known.high
    assert known.unit
    assert known.source


def test_a_value_outside_its_range_is_refused_with_the_range() -> None:
    with pytest.raises(OutOfRange, match=r"accepts is 0.9 and must lie from 0.21 to 0.39"):
        replace(Parameters(), accepts=0.9)
