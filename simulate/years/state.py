"""Where every household stands at the beginning of a month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eropaf.simulate.years.draws import Draws
from eropaf.simulate.years.parameters import Parameters
from eropaf.simulate.years.population import Population, Tenancy
from eropaf.simulate.years.sectors import RENT, SECTORS

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int16]
Where = NDArray[np.intp]
# Sectors, and households beside them.
Arrears = tuple[Where, Where]
NEVER = -999


@dataclass(slots=True, eq=False)
class State:
    """Arrays by household, or by sector and household. Changed in place, month by month.

    `owed` counts unpaid bills, `age` months since the oldest of them was due: no more bills than have
    fallen due. A `plan` is being kept, of as many bills as were owed when it was `agreed`; a `kept` one will
    be to its end. `reported` and `stepped` (the month of a court order or of an end of delivery) are of the
    arrears that stand now.
    """

    debt: Flags
    shock: Flags
    owed: Numbers
    age: Numbers
    plan: Flags
    agreed: Numbers
    kept: Flags
    reported: Flags
    stepped: Numbers
    owner: Flags
    children: Flags

    def clear(self, sector: int | Where, where: Where) -> None:
        """End the arrears of households at a sector, or each at its own: paid, written off or taken over."""
        if not len(where):
            return
        for each in (self.owed, self.age):
            each[sector, where] = 0
        for flags in (self.plan, self.kept, self.reported):
            flags[sector, where] = False
        self.stepped[sector, where] = NEVER

    def agree(self, sector: int | Where, where: Where) -> None:
        """Let a plan begin, of all that households owe at a sector, or each at its own."""
        self.plan[sector, where] = True
        self.agreed[sector, where] = self.owed[sector, where]

    def clear_all(self, where: Where) -> None:
        """End all arrears of households."""
        for sector in range(len(SECTORS)):
            self.clear(sector, where)


def beginning(draws: Draws, population: Population, parameters: Parameters) -> State:
    """Return a city in which nobody owes yet and long debts are as frequent as they stay."""
    strained = parameters.debt_inflow * population.strain
    in_debt = draws.of("debt at first") < strained / (strained + 1 / parameters.debt_months)
    several = (len(SECTORS), len(population))
    return State(
        debt=in_debt,
        shock=np.zeros(len(population), np.bool_),
        owed=np.zeros(several, np.int16),
        age=np.zeros(several, np.int16),
        plan=np.zeros(several, np.bool_),
        agreed=np.zeros(several, np.int16),
        kept=np.zeros(several, np.bool_),
        reported=np.zeros(several, np.bool_),
        stepped=np.full(several, NEVER, np.int16),
        owner=population.tenancy == Tenancy.OWNER,
        children=population.children(),
    )


def owing(state: State, who: Flags | None = None) -> Arrears:
    """Return who owes whom, by sector and then household: all, or those of `who`, by sector."""
    owes = state.owed > 0
    sector, household = np.nonzero(owes if who is None else owes & who)
    return sector, household


def renting(state: State, sector: int) -> Flags | None:
    """Return who gets no bill of `sector`; None where everybody does. Owners pay no rent."""
    return state.owner if sector == RENT else None
