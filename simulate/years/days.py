"""Days of the simulated months: four weeks each, and on which of them households pay."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eropaf.simulate.years.draws import Draws
from eropaf.simulate.years.parameters import Parameters

Days = NDArray[np.int8]

# A choice: 28 of a month's days are lived, the 1st to the 28th; 336 days make a year.
DAYS_OF_A_MONTH = 28
# Allowances come on the 20th, state pensions and wages in the days after it.
INCOME_FROM = 20


def days_of_payment(draws: Draws, month: int, parameters: Parameters) -> Days:
    """Return the day on which each household pays, if it does."""
    chances = draws.of("day of payment", month)
    late = parameters.paid_from_income
    of_income = np.floor(INCOME_FROM + chances / max(late, 1e-9) * (DAYS_OF_A_MONTH + 1 - INCOME_FROM))
    any_day = np.floor(1 + (chances - late) / max(1 - late, 1e-9) * DAYS_OF_A_MONTH)
    days: Days = np.where(chances < late, of_income, any_day).clip(1, DAYS_OF_A_MONTH).astype(np.int8)
    return days


def list_day(draws: Draws, parameters: Parameters) -> int:
    """Return the day of each month on which the city's monthly list is made: after every batch."""
    first, last = int(parameters.list_day_from), int(parameters.list_day_to)
    return int(draws.generator("list day").integers(first, max(first, last) + 1))
