"""What is counted of a course: households, not talks; needs, not harms; all that was averted, not a part."""

from __future__ import annotations

import numpy as np
import pytest

from eropaf.simulate.backtest.course import MONTHS_BEFORE, Lived
from eropaf.simulate.backtest.days import MONTHS_OF_A_YEAR
from eropaf.simulate.backtest.figures import PER_DWELLINGS, TRAJECTORY_EUR, Figures, figures
from eropaf.simulate.backtest.harms import MOST_DAYS, YEAR_DAYS, needs
from eropaf.simulate.years.days import DAYS_OF_A_MONTH
from eropaf.simulate.years.outreach import LETTER, PHONE

BEGINS = MONTHS_BEFORE * DAYS_OF_A_MONTH
MONTHS = MONTHS_BEFORE + MONTHS_OF_A_YEAR
ENDS = MONTHS * DAYS_OF_A_MONTH
SINGLE, OTHER = 7, 8


def harmed(*moments: tuple[int, int], kind: str = "court_orders") -> Lived:
    lived = Lived()
    for household, day in moments:
        lived.harms.add(kind, np.array([household]), np.array([day]))
    return lived


def attempt(lived: Lived, day: int, wasted: bool = False, accepted: bool = False) -> Lived:
    """Add a call that reaches the household."""
    to = lived.attempts
    to.household.append(SINGLE)
    to.day.append(day)
    to.channel.append(PHONE)
    to.wasted.append(wasted)
    to.reached.append(True)
    to.accepted.append(accepted)
    to.since.append(40)
    return lived


def counted(course: Lived, nobody: Lived, months: int = MONTHS) -> Figures:
    """Count in a city of as many dwellings as counts are of."""
    return figures(course, nobody, PER_DWELLINGS, months)


def test_who_is_spoken_with_twice_before_one_need_is_one_household_in_need() -> None:
    course = attempt(attempt(Lived(), BEGINS), BEGINS + DAYS_OF_A_MONTH)

    found = counted(course, harmed((SINGLE, BEGINS + 200)))

    assert found["spoken_in_need"] == found["spoken"] == 1
    assert found["attempts"] == 2


def test_a_court_order_and_the_eviction_after_it_are_one_need() -> None:
    course = attempt(attempt(Lived(), BEGINS), BEGINS + 30)
    nobody = harmed((SINGLE, BEGINS + 10), (SINGLE, BEGINS + 66))

    assert counted(course, nobody)["spoken_in_need"] == 1


def test_needs_a_year_apart_are_two() -> None:
    days = np.array([0, 1, YEAR_DAYS + 5])
    moments = np.array([10, YEAR_DAYS + 10, 5 * MOST_DAYS + 10])

    first, again, second = needs(moments, np.zeros(3, np.int64), days, YEAR_DAYS).tolist()

    assert first == again != second
    assert needs(moments, np.array([5, 5]), np.array([0, 11]), YEAR_DAYS)[1] == -1


def test_a_talk_with_who_has_a_plan_finds_nobody_in_need() -> None:
    course = attempt(Lived(), BEGINS + 100, wasted=True)

    found = counted(course, harmed((SINGLE, BEGINS + 200)))

    assert (found["spoken"], found["spoken_in_need"]) == (1, 0)
    assert (found["wasted"], found["precision"], found["recall"]) == (1, 0, 0)


def test_a_trajectory_is_paid_once_a_year() -> None:
    course = Lived()
    for day in (BEGINS, BEGINS + 30, BEGINS + YEAR_DAYS + 30):
        attempt(course, day, accepted=True)

    found = counted(course, Lived(), MONTHS + MONTHS_OF_A_YEAR)

    assert found["accepted"] == 2 / 2  # of two years, each
    assert found["cost_eur"] == TRAJECTORY_EUR


def test_days_to_the_talk_are_those_to_the_first_one() -> None:
    course = attempt(attempt(Lived(), BEGINS), BEGINS + 30)
    course.attempts.since = [40, 70]

    assert counted(course, Lived())["days_to_talk"] == pytest.approx(40 * 365.25 / YEAR_DAYS)


@pytest.mark.parametrize(
    ("day", "averted"),
    [(BEGINS - 1, 0), (BEGINS, 1), (ENDS, 1), (ENDS + YEAR_DAYS - 1, 1), (ENDS + YEAR_DAYS, 0)],
)  # fmt: skip
def test_what_is_averted_is_counted_until_a_year_after_the_last_visit(day: int, averted: int) -> None:
    found = counted(Lived(), harmed((OTHER, day), kind="evictions"))

    assert found["averted_evictions"] == found["averted"] == averted
    assert found["benefit_low_eur"] == 5_000 * averted


def test_a_letter_is_no_visit_and_a_talk_by_letter_is_a_talk() -> None:
    course = attempt(Lived(), BEGINS)
    course.attempts.channel = [LETTER]

    found = counted(course, harmed((SINGLE, BEGINS + 200)))

    assert (found["attempts"], found["recall"], found["spoken_in_need"]) == (0, 0, 1)
