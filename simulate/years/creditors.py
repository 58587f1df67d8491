"""What creditors do about arrears: they signal, in their own habits, and take their own steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eropaf.simulate.years.days import Days, list_day
from eropaf.simulate.years.draws import Draws
from eropaf.simulate.years.parameters import Parameters
from eropaf.simulate.years.sectors import ENERGY, NAMES, RENT, SECTORS, WATER
from eropaf.simulate.years.state import NEVER, Flags, State, Where

# What reported from 50 days of arrears until 2023, and since then from 30.
LATER_ONCE = (ENERGY, WATER)
# Unpaid bills before a court order, and before an end of delivery: three written reminders of fourteen days
# come before it (since April 2023; Stedin).
BILLS_BEFORE_STEP = {RENT: 3, ENERGY: 2}
MONTHS_TO_END = 2


@dataclass(frozen=True, slots=True, eq=False)
class Habits:
    """Bills and creditors of each household by sector; of each creditor what it does every month.

    Each delivers its batch on a day of its own, before the `list_day`; some `tells` when a bill was paid or a
    plan agreed, the others fall silent.
    """

    bill_eur: NDArray[np.int16]
    creditor: NDArray[np.int8]
    batch_day: Days
    tells: Flags
    list_day: int

    def batch_days(self) -> Days:
        """Return on which day each household's creditor delivers, by sector and household."""
        return np.take_along_axis(self.batch_day, self.creditor.astype(np.intp), axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """The signals of one month, by sector and household."""

    household: NDArray[np.int32]
    sector: NDArray[np.int8]
    creditor: NDArray[np.int8]
    day: NDArray[np.int8]
    owed: NDArray[np.int16]
    age: NDArray[np.int16]
    amount_eur: NDArray[np.int32]
    resident: NDArray[np.bool_]


def habits(draws: Draws, parameters: Parameters) -> Habits:
    """Return each household's bills and creditors, and the creditors' habits."""
    most = max(sector.creditors for sector in SECTORS)
    bills, creditors = [], []
    for sector in SECTORS:
        low, high = sector.bill_eur
        bills.append((low + draws.of(f"bill {sector.name}") ** 2 * (high + 1 - low)).astype(np.int16))
        creditors.append((draws.of(f"creditor {sector.name}") * sector.creditors).astype(np.int8))
    on = list_day(draws, parameters)
    several = (len(SECTORS), most)
    return Habits(
        np.array(bills),
        np.array(creditors),
        draws.generator("habits").integers(1, on, several, dtype=np.int8),
        draws.generator("tells what ended").random(several) < parameters.tells_what_ended,
        on,
    )


def signalled(state: State, of: Habits, parameters: Parameters, draws: Draws, month: int) -> Signals:
    """Return what creditors deliver this month. One that pauses is late with the next batch."""
    pauses = draws.generator("pauses", month).random(of.batch_day.shape) < parameters.silent_month
    parts = []
    for number, sector in enumerate(SECTORS):
        age, owed = state.age[number], state.owed[number]
        chances = draws.of(f"signalled {sector.name}", month)
        begins = parameters.energy_from_months if number in LATER_ONCE else sector.reported_from
        due = (owed > 0) & (age >= begins) & (age <= sector.reported_to) & ~state.plan[number]
        first = parameters.rent_reported if number == RENT else parameters.reported
        chance = np.where(state.reported[number], parameters.reported_again, first)
        where = np.flatnonzero(due & (chances < chance))
        where = where[~pauses[number, of.creditor[number, where]]]
        state.reported[number, where] = True
        parts.append((number, where))
    return _signals(parts, state, of, draws, month, parameters)


def _signals(
    parts: list[tuple[int, Where]],
    state: State,
    of: Habits,
    draws: Draws,
    month: int,
    parameters: Parameters,
) -> Signals:
    sector = np.concatenate([np.full(len(where), number, np.int8) for number, where in parts])
    household = np.concatenate([where for _, where in parts])
    creditor, owed = of.creditor[sector, household], state.owed[sector, household]
    return Signals(
        household=household.astype(np.int32),
        sector=sector,
        creditor=creditor,
        day=of.batch_day[sector, creditor],
        owed=owed,
        age=state.age[sector, household],
        amount_eur=of.bill_eur[sector, household].astype(np.int32) * owed,
        resident=draws.of("resident", month)[household] >= parameters.not_resident,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """For which households creditors took which steps."""

    court_orders: Where
    evictions: Where
    ends_of_delivery: Where
    disconnections: Where


def steps(state: State, parameters: Parameters, draws: Draws, month: int, who: Where | None = None) -> Steps:
    """Take the creditors' own steps in a month, all of them or those against `who`, whose day it is.

    Who is evicted leaves; another household without arrears moves in. Who is not, or is not cut off, has come
    to terms by then: a plan, which may break.
    """
    of = _Stepping(state, draws, month, who)
    spared = np.where(state.children, parameters.evicted_with_children, 1)
    ordered, evicted = of.of(RENT, parameters.court_order, parameters.evicted * spared)
    everybody = np.ones(len(state.debt))
    ending, disconnected = of.of(ENERGY, parameters.end_of_delivery, parameters.disconnected * everybody)
    state.clear_all(evicted)
    state.debt[evicted] = state.shock[evicted] = False
    state.clear(ENERGY, disconnected)
    return Steps(ordered, evicted, ending, disconnected)


@dataclass(frozen=True, slots=True, eq=False)
class _Stepping:
    """Who takes which step when."""

    state: State
    draws: Draws
    month: int
    who: Where | None

    def of(self, sector: int, first: float, last: NDArray[np.float64]) -> tuple[Where, Where]:
        """Return for whom a first step is taken, and for whom, two months after it, the last."""
        state = self.state
        who = np.arange(len(state.debt)) if self.who is None else self.who
        standing = who[(state.owed[sector, who] > 0) & ~state.plan[sector, who]]
        chances = self.draws.of(f"step {NAMES[sector]}", self.month)[standing]
        stepped, owed = state.stepped[sector, standing], state.owed[sector, standing]
        due = stepped == self.month - MONTHS_TO_END
        ends = due & (chances < last[standing])
        begins = (owed >= BILLS_BEFORE_STEP[sector]) & (stepped == NEVER) & (chances < first)
        state.stepped[sector, standing[begins]] = self.month
        # Three orders of four end so (Aedes 2021), and a plan keeps energy on (since April 2023). Where it
        # breaks, the step can be taken again.
        terms = standing[due & ~ends]
        state.agree(sector, terms)
        state.stepped[sector, terms] = NEVER
        return standing[begins], standing[ends]
