"""Counting days ahead, in calendar days or working days."""

from __future__ import annotations

from datetime import date
from functools import cache

from eropaf.risk.events import EpochDay, EpochMs
from eropaf_client.schemas.epoch import DAY_MS, EPOCH
from eropaf_client.schemas.limits import EARLIEST_DAY, LATEST_DAY

# 1 January 1970 was a Thursday; Monday is 0.
FIRST_WEEKDAY = 3
SATURDAY = 5


def is_possible_day(day: EpochDay) -> bool:
    """Return whether `day` is one on which something could have happened, or is planned: 1990 to 2099."""
    return EARLIEST_DAY <= day <= LATEST_DAY


def is_possible(at: EpochMs) -> bool:
    """Return whether the moment `at` lies in 1990 to 2099 (UTC)."""
    return is_possible_day(at // DAY_MS)


def working_days_after(day: EpochDay, days: int, legal_holidays: bool = True) -> EpochDay:
    """Return the day `days` working days after `day`: weekends and legal holidays do not count."""
    while days:
        day += 1
        if is_working_day(day, legal_holidays):
            days -= 1
    return day


def is_working_day(day: EpochDay, legal_holidays: bool = True) -> bool:
    """Return whether `day` is Monday to Friday and, if holidays count, not a legal holiday."""
    if (day + FIRST_WEEKDAY) % 7 >= SATURDAY:
        return False
    return not legal_holidays or day not in holidays_of(date.fromordinal(EPOCH.toordinal() + day).year)


@cache
def holidays_of(year: int) -> frozenset[EpochDay]:
    """Return a year's holidays under the Algemene termijnenwet (art. 3).

    They include Good Friday and 5 May, every year, which the library calls optional.
    """
    # Imported by the first deadline in working days: it takes longer than all the rules together.
    from holidays import country_holidays

    found = country_holidays("NL", years=year, categories=("public", "optional"))
    return frozenset((day - EPOCH).days for day in found)


def month_of(day: EpochDay) -> int:
    """Return the month of `day`, counted from January 1970 (Hinnant, days_from_civil)."""
    shifted = day + 719_468
    era = shifted // 146_097
    of_era = shifted - era * 146_097
    year_of_era = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    from_march = (5 * of_year + 2) // 153
    year = year_of_era + era * 400 + (1 if from_march >= 10 else 0)
    month = from_march + 3 if from_march < 10 else from_march - 9
    return (year - 1970) * 12 + month - 1
