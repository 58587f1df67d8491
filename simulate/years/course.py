"""A city's course through the years: what was signalled, picked up and came of it, month by month."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from eropaf.simulate.years.bills import TO_CAK, missed, paid, spells
from eropaf.simulate.years.creditors import Habits, Signals, Steps, habits, signalled, steps
from eropaf.simulate.years.days import days_of_payment
from eropaf.simulate.years.draws import Draws
from eropaf.simulate.years.outreach import Urgency, Worked, kind_and_amount, reports_of, work
from eropaf.simulate.years.parameters import Parameters
from eropaf.simulate.years.population import Population, Tenancy, populate
from eropaf.simulate.years.sectors import HEALTH, RENT
from eropaf.simulate.years.state import State, beginning, owing

# Until arrears are as old and as frequent as they stay.
BURN_IN_MONTHS = 36


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Where households stand as a month ends, which is when it is published.

    `in_debt_owing` counts those in debt who owe anything; `late_on_health` says who owes six premiums and has
    no plan; `rent_bills` and `rent_eur` are what corporation tenants owe, of those who owe any.
    """

    in_debt: int
    in_debt_owing: int
    late_on_health: NDArray[np.bool_]
    rent_bills: NDArray[np.int16]
    rent_eur: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Month:
    """One month of a city. `owes` says who owes anything in it, `planned` who has a plan for any of it."""

    number: int
    signals: Signals
    worked: Worked
    steps: Steps
    debts_begun: int
    owes: NDArray[np.bool_]
    planned: NDArray[np.bool_]
    standing: Standing


@dataclass(frozen=True, slots=True, eq=False)
class City:
    """A city by its seed: the same parameters and seed have the same households and the same luck."""

    draws: Draws
    parameters: Parameters
    population: Population

    @classmethod
    def of(cls, households: int, seed: int, parameters: Parameters | None = None) -> City:
        """Return the city of `seed`."""
        parameters = parameters or Parameters()
        draws = Draws(seed, households)
        return cls(draws, parameters, populate(draws, parameters))

    def settled(self) -> State:
        """Return where households stand once arrears are as old and as frequent as they stay."""
        state = beginning(self.draws, self.population, self.parameters)
        for _ in self._lived(state, -BURN_IN_MONTHS, 0, kind_and_amount):
            pass
        return state

    def months(self, count: int, urgency: Urgency = kind_and_amount) -> Iterator[Month]:
        """Yield `count` months from a January on, in order, after as many as it takes to settle."""
        return self._lived(self.settled(), 0, count, urgency)

    def _lived(self, state: State, first: int, end: int, urgency: Urgency) -> Iterator[Month]:
        of = habits(self.draws, self.parameters)
        batch_days = of.batch_days()
        for number in range(first, end):
            begun = spells(state, self.population, self.parameters, self.draws, number)
            missed(state, self.population, self.parameters, self.draws, number)
            # Whoever pays before the creditor's batch is in none.
            before = days_of_payment(self.draws, number, self.parameters) < batch_days
            paid(state, self.parameters, self.draws, number, owing(state, before))
            signals = signalled(state, of, self.parameters, self.draws, number)
            taken = steps(state, self.parameters, self.draws, number)
            worked = work(reports_of(signals), state, self.parameters, self.draws, number, urgency)
            owes, planned = np.any(state.owed > 0, axis=0), np.any(state.plan, axis=0)
            paid(state, self.parameters, self.draws, number, owing(state, ~before))
            yield Month(
                number=number,
                signals=signals,
                worked=worked,
                steps=taken,
                debts_begun=begun,
                owes=owes,
                planned=planned,
                standing=self._standing(state, of),
            )

    def _standing(self, state: State, of: Habits) -> Standing:
        rent = state.owed[RENT]
        tenants = np.flatnonzero((rent > 0) & (self.population.tenancy == Tenancy.CORPORATION))
        return Standing(
            in_debt=int(state.debt.sum()),
            in_debt_owing=int((state.debt & np.any(state.owed > 0, axis=0)).sum()),
            late_on_health=(state.owed[HEALTH] >= TO_CAK) & ~state.plan[HEALTH],
            rent_bills=rent[tenants],
            rent_eur=rent[tenants].astype(np.int32) * of.bill_eur[RENT, tenants],
        )


class Fingerprint:
    """The sha256 of all that was signalled and done: the same seed gives the same."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, month: Month) -> None:
        """Take a month in, after those before it."""
        for each in fields(Signals):
            self._digest.update(np.ascontiguousarray(getattr(month.signals, each.name)).tobytes())
        for done in (month.worked.channel, month.worked.reached, month.worked.accepted):
            self._digest.update(done.tobytes())

    def hexdigest(self) -> str:
        """Return it, in hexadecimal digits."""
        return self._digest.hexdigest()
