"""A city of years: what holds in each, whatever its seed."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eropaf.simulate.years.bills import missed, paid, spells
from eropaf.simulate.years.course import City, Fingerprint
from eropaf.simulate.years.creditors import BILLS_BEFORE_STEP, MONTHS_TO_END, habits, signalled, steps
from eropaf.simulate.years.days import INCOME_FROM, days_of_payment
from eropaf.simulate.years.draws import Chances, Draws
from eropaf.simulate.years.outreach import NOT_PICKED_UP, VISIT, Reports
from eropaf.simulate.years.parameters import OutOfRange, Parameters, ranges
from eropaf.simulate.years.population import AREAS, NEIGHBOURHOODS, Tenancy, populate
from eropaf.simulate.years.sectors import ENERGY, HEALTH, RENT, SECTORS
from eropaf.simulate.years.state import State, beginning, owing

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
        paid(state, city.parameters, city.draws, month, owing(state))
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
    city = City.of(HOUSEHOLDS, seed)
    list_day = habits(city.draws, city.parameters).list_day
    for month in city.months(6):
        signals = month.signals
        for number, sector in enumerate(SECTORS):
            ages = signals.age[signals.sector == number]
            assert ((ages >= sector.reported_from) & (ages <= sector.reported_to)).all()
        assert (signals.owed >= 1).all()
        assert ((signals.day >= 1) & (signals.day < list_day)).all()


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
        assert one.standing.in_debt == two.standing.in_debt
        assert (one.owes[quiet] == two.owes[quiet]).mean() > 0.99  # but who was helped before the first year


def owed_by_everybody(city: City, bills: int) -> State:
    """Return a city in which every household owes as many bills of each kind, one month after another."""
    state = beginning(city.draws, city.population, city.parameters)
    state.owed[:], state.age[:] = bills, bills - 1
    return state


@pytest.mark.parametrize("sector", [RENT, ENERGY])
def test_who_is_not_put_out_or_cut_off_has_come_to_terms_by_then(sector: int) -> None:
    city = City.of(
        HOUSEHOLDS, 4, Parameters(court_order=0.3, end_of_delivery=0.3, evicted=0.4, disconnected=0.4)
    )
    state = owed_by_everybody(city, BILLS_BEFORE_STEP[sector])
    taken = steps(state, city.parameters, city.draws, 0)
    first = taken.court_orders if sector == RENT else taken.ends_of_delivery

    assert not state.plan[sector].any()
    later = steps(state, city.parameters, city.draws, MONTHS_TO_END)

    last = later.evictions if sector == RENT else later.disconnections
    left = np.setdiff1d(first, last)
    assert 0 < len(last) < len(first)
    assert state.plan[sector, left].all()
    assert (state.owed[sector, left] > 0).all()
    assert set(np.flatnonzero(state.plan[sector])) == set(left)


def test_who_brings_up_children_is_put_out_less_often_by_the_same_order() -> None:
    city = City.of(30_000, 4, Parameters(court_order=0.3, evicted=0.8, evicted_with_children=0.25))
    state = owed_by_everybody(city, BILLS_BEFORE_STEP[RENT])
    ordered = steps(state, city.parameters, city.draws, 0).court_orders
    evicted = steps(state, city.parameters, city.draws, MONTHS_TO_END).evictions

    children = city.population.children()
    assert np.isin(ordered[children[ordered]], evicted).mean() == pytest.approx(0.2, abs=0.03)
    assert np.isin(ordered[~children[ordered]], evicted).mean() == pytest.approx(0.8, abs=0.03)


def test_rent_that_stands_is_paid_before_the_premium_that_stands() -> None:
    """What is paid first in need is paid first where arrears stand, too."""
    city = City.of(30_000, 4, Parameters(missed_again=0.5, together=0))
    state = owed_by_everybody(city, 1)

    missed(state, city.population, city.parameters, city.draws, 0)

    again = [(state.owed[sector] > 1).mean() for sector in (HEALTH, RENT)]
    tenants = 1 - state.owner.mean()
    assert again[0] > 0.5
    assert again[1] / tenants < 0.8 * again[0]


@pytest.mark.parametrize(("bills", "months"), [(3, 3), (12, 6), (4, 4)])
def test_a_plan_takes_as_many_months_whatever_is_owed(bills: int, months: int) -> None:
    city = City.of(HOUSEHOLDS, 4, Parameters(plan_months=months))
    state = owed_by_everybody(city, bills)
    everybody = np.arange(HOUSEHOLDS)
    state.agree(RENT, everybody)
    state.kept[RENT] = True

    left = []
    for month in range(months):
        paid(state, city.parameters, city.draws, month, owing(state))
        left.append(set(state.owed[RENT].tolist()))

    assert left == [{bills - bills // months * (month + 1)} for month in range(months)]
    assert not state.plan[RENT].any()


def test_premiums_that_go_to_cak_are_planned_as_rarely_as_they_are_paid() -> None:
    city = City.of(30_000, 4, Parameters(health_cured_at_cak=0.1, plan_agreed=0.3))
    state = owed_by_everybody(city, 8)
    state.debt[:] = True

    paid(state, city.parameters, city.draws, 0, owing(state))

    assert state.plan[HEALTH].mean() == pytest.approx(0.03, abs=0.01)
    assert state.plan[ENERGY].mean() == pytest.approx(0.3, abs=0.01)


def test_rent_has_a_chance_of_its_own_to_be_reported() -> None:
    city = City.of(30_000, 4, Parameters(reported=0.8, rent_reported=0.2, silent_month=0))
    state = owed_by_everybody(city, 3)

    told = signalled(state, habits(city.draws, city.parameters), city.parameters, city.draws, 0)

    shares = [(told.sector == sector).sum() / HOUSEHOLDS / 10 for sector in (HEALTH, RENT)]
    assert shares == pytest.approx([0.8, 0.2], abs=0.02)


def test_tenancies_are_those_of_the_city() -> None:
    shares = np.bincount(City.of(20_000, 5).population.tenancy) / 20_000

    assert shares == pytest.approx([0.395, 0.316, 0.289], abs=0.001)


def test_every_area_has_households() -> None:
    assert set(City.of(HOUSEHOLDS, 5).population.area.tolist()) == set(range(len(AREAS)))


def test_neighbourhoods_differ_as_much_as_is_asked_for() -> None:
    spread = []
    for sigma in (0.0, 0.45, 0.9):
        people = City.of(60_000, 5, Parameters(inequality=0.2, area_inequality=sigma)).population
        sums = np.bincount(people.neighbourhood, np.log(people.strain))
        spread.append(np.std(sums / np.bincount(people.neighbourhood)))

    assert (people.neighbourhood // NEIGHBOURHOODS == people.area).all()
    assert spread == pytest.approx([0.05, 0.45, 0.9], abs=0.1)


@pytest.mark.parametrize("share", [0.0, 0.6, 1.0])
def test_bills_are_paid_on_any_day_and_by_a_share_from_the_day_of_income_on(share: float) -> None:
    days = days_of_payment(Draws(1, 50_000), 3, Parameters(paid_from_income=share))

    late = share + (1 - share) * 9 / 28
    assert np.mean(days >= INCOME_FROM) == pytest.approx(late, abs=0.01)
    assert (days.min(), days.max()) == (1 if share < 1 else INCOME_FROM, 28)


def test_each_city_has_a_list_day_of_its_own_after_every_batch() -> None:
    of = [habits(Draws(seed, 10), Parameters()) for seed in range(60)]

    days = {each.list_day for each in of}
    assert {6, 26} <= days <= set(range(6, 27))
    assert all(each.batch_day.max() < each.list_day for each in of)
    assert habits(Draws(1, 10), Parameters(list_day_from=19, list_day_to=19)).list_day == 19


def test_who_pays_before_the_batch_is_not_signalled() -> None:
    """Where nobody pays before the 20th, and all batches come before, more is signalled."""
    early, late = (
        sum(
            len(month.signals.household)
            for month in City.of(
                20_000, 2, Parameters(list_day_from=19, list_day_to=19, paid_from_income=share)
            ).months(12)
        )
        for share in (0.0, 1.0)
    )

    assert late > 1.05 * early


def test_no_throw_decides_two_things() -> None:
    asked: dict[tuple[str, int], set[str]] = {}

    class Told(Draws):
        def of(self, what: str, month: int = 0) -> Chances:
            asked.setdefault((what, month), set()).add(sys._getframe(1).f_code.co_name)
            return Draws.of(self, what, month)

    draws = Told(1, 500)
    city = City(draws, Parameters(), populate(draws, Parameters()))
    list(city.months(2))

    assert {key: who for key, who in asked.items() if len(who) > 1} == {}


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
