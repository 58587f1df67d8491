"""Days as the rules and a team count them: of the calendar, and five working days a week."""

from __future__ import annotations

from datetime import date

import numpy as np

from eropaf.risk.policy import EPOCH
from eropaf.risk.records import DAY_MS
from eropaf.simulate.years.days import DAYS_OF_A_MONTH, Days
from eropaf.simulate.years.draws import Draws

MONTHS_OF_A_YEAR = 12
WORKING_DAYS = 20
# A choice: the year in which the first month falls. No working day of outreach depends on it.
FIRST_YEAR = 2024
NOON_MS = DAY_MS // 2


def number_of(month: int, day: int) -> int:
    """Return the number of a lived day, `day` from 1; what is counted in lived days is counted with it."""
    return month * DAYS_OF_A_MONTH + day - 1


def civil(month: int, day: int = 1) -> int:
    """Return a lived day as days since 1 January 1970, in which the rules count. Months may be negative."""
    year, of_year = divmod(month, MONTHS_OF_A_YEAR)
    return (date(FIRST_YEAR + year, of_year + 1, day) - EPOCH).days


def worked_by(month: int, day: int, a_month: float) -> int:
    """Return how many attempts are done by the end of a day, of `a_month`, on five working days a week.

    What is left of a month's hours goes on into the next, so that a small team loses no part of an attempt.
    """
    weeks, weekday = divmod(day, 7)
    return int(a_month * (month + (5 * weeks + min(weekday, 5)) / WORKING_DAYS) + 1e-9)


def days_of_steps(draws: Draws, month: int) -> Days:
    """Return the day on which creditors take a step against each household, if they do: a choice, any."""
    return np.floor(1 + draws.of("day of step", month) * DAYS_OF_A_MONTH).astype(np.int8)
