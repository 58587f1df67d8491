"""What happens at home: spells begin and end, bills are missed, arrears are paid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eropaf.simulate.years.draws import Draws
from eropaf.simulate.years.parameters import Parameters
from eropaf.simulate.years.population import Population
from eropaf.simulate.years.sectors import HEALTH, NAMES, SECTORS
from eropaf.simulate.years.state import Arrears, State, Where, renting

JANUARY = 0
TO_CAK = 6


def spells(state: State, population: Population, parameters: Parameters, draws: Draws, month: int) -> int:
    """Let debts and shocks begin and end; return how many debts began. Without debt nobody owes anything."""
    chances = draws.of("debt", month)
    enters = ~state.debt & (chances < parameters.debt_inflow * population.strain)
    leaves = state.debt & (chances < 1 / parameters.debt_months)
    state.debt ^= enters | leaves
    state.clear_all(np.flatnonzero(leaves))
    chances = draws.of("shock", month)
    begins = ~state.shock & (chances < parameters.shock_inflow * population.strain)
    state.shock ^= begins | (state.shock & (chances < 1 / parameters.shock_months))
    return int(enters.sum())


def missed(state: State, population: Population, parameters: Parameters, draws: Draws, month: int) -> None:
    """Let the month's bills fall due: who misses one owes one more, and what was owed is a month older."""
    at_ease = ~(state.debt | state.shock)
    emptied = draws.of("account", month) < parameters.together  # one empty account, all bills returned
    at_once = draws.of("missed at once", month)
    for sector, name in enumerate(NAMES):
        standing = np.flatnonzero(state.owed[sector])
        state.age[sector, standing] += 1
        chances = np.where(emptied, at_once, draws.of(f"missed {name}", month))
        rate = getattr(parameters, f"{name}_missed")
        if sector == HEALTH and month % 12 == JANUARY:
            rate *= parameters.january_health
        rates = rate * population.strain * _distress(state, parameters, sector)
        rates[at_ease] += parameters.forgotten
        misses = chances < rates
        # What is paid first in need is paid first where it stands, too.
        again = parameters.missed_again * SECTORS[sector].distress_share
        misses[standing] |= chances[standing] < again
        misses &= ~state.plan[sector]
        if (no_bill := renting(state, sector)) is not None:
            misses &= ~no_bill
        state.owed[sector] += misses


def paid(state: State, parameters: Parameters, draws: Draws, month: int, arrears: Arrears) -> None:
    """Let `arrears` be paid, and plans be agreed, kept and broken; where nothing is owed any more, none."""
    owed = state.owed[arrears] > 0
    sector, owing = at = arrears[0][owed], arrears[1][owed]
    if not len(owing):
        return
    one_income = draws.of("good month", month)[owing] < parameters.together  # pays all bills, a bad one none
    chances = draws.of("paid at once", month)[owing]
    for number, name in enumerate(NAMES):
        alone = ~one_income & (sector == number)
        chances[alone] = draws.of(f"paid {name}", month)[owing[alone]]
    on_plan = state.plan[at]
    cure = _cure(state, parameters, sector, owing)
    pays = ~on_plan & (chances < cure)
    agreed = (
        np.where(_at_cak(state, sector, owing), parameters.health_cured_at_cak, 1) * parameters.plan_agreed
    )
    agrees = ~on_plan & ~pays & (state.age[at] >= 1) & (chances < cure + agreed)
    breaks = on_plan & ~state.kept[at] & (chances < parameters.plan_broken)
    state.agree(sector[agrees], owing[agrees])
    state.plan[sector[breaks], owing[breaks]] = False
    keeps = on_plan & ~breaks
    keeping = sector[keeps], owing[keeps]
    # So many bills a month, and what is left of one by lot.
    paid_off = state.agreed[keeping] / parameters.plan_months + draws.of("instalment", month)[owing[keeps]]
    state.owed[keeping] -= np.minimum(state.owed[keeping], paid_off.astype(np.int16))
    ends = pays
    ends[keeps] = state.owed[keeping] == 0
    state.clear(sector[ends], owing[ends])


def _distress(state: State, parameters: Parameters, sector: int) -> NDArray[np.float32]:
    """Return how many times as often each household misses a bill of `sector`."""
    share = SECTORS[sector].distress_share
    factors = np.ones(len(state.debt), np.float32)
    factors[state.shock] = 1 + (parameters.shock_distress - 1) * share
    factors[state.debt] = 1 + (parameters.debt_distress - 1) * share
    return factors


def _cure(state: State, parameters: Parameters, sector: Where, owing: Where) -> NDArray[np.float32]:
    """Return the chance of each of the arrears to be paid: those of households at sectors."""
    cure = np.full(len(owing), 1 - parameters.forgotten_stays, np.float32)
    cure[state.shock[owing]] = parameters.cured_in_shock
    in_debt = state.debt[owing]
    # All of it at once: who owes three bills finds the money a third as often as who owes one.
    cure[in_debt] = parameters.cured_in_debt / state.owed[sector[in_debt], owing[in_debt]]
    cure[_at_cak(state, sector, owing)] *= parameters.health_cured_at_cak
    return cure


def _at_cak(state: State, sector: Where, owing: Where) -> NDArray[np.bool_]:
    """Say which arrears are of premiums that go to CAK, which may withhold them at source."""
    at_cak: NDArray[np.bool_] = (sector == HEALTH) & (state.age[sector, owing] >= TO_CAK)
    return at_cak
