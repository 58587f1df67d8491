from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from eropaf.risk.calendar import holidays_of, is_working_day, month_of, working_days_after
from tests.builders import amsterdam_example

EPOCH = date(1970, 1, 1)


def day(text: str) -> int:
    return (date.fromisoformat(text) - EPOCH).days


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-03-02", 3, "2026-03-05"),  # Monday to Thursday
        ("2026-03-05", 3, "2026-03-10"),  # over a weekend
        ("2026-03-07", 3, "2026-03-11"),  # from a Saturday
        ("2026-04-02", 3, "2026-04-09"),  # over Good Friday and Easter Monday
    ],
)
def test_working_days_pass_over_weekends_and_holidays(start: str, days: int, due: str) -> None:
    assert working_days_after(day(start), days) == day(due)


def test_a_policy_counts_three_days_in_what_it_says() -> None:
    working = amsterdam_example()
    calendar = replace(working, threatening_working_days=False)
    without_holidays = replace(working, legal_holidays=False)

    assert working.threatening_talk_by(day("2026-03-05")) == day("2026-03-10")
    assert calendar.threatening_talk_by(day("2026-03-05")) == day("2026-03-08")
    assert working.threatening_talk_by(day("2026-04-02")) == day("2026-04-09")
    assert without_holidays.threatening_talk_by(day("2026-04-02")) == day("2026-04-07")


# Every day that the Algemene termijnenwet, art. 3, names, of a year far ahead: from the date of Easter
# (Oudin's rule, 1 April) and by hand.
OF_2029 = (
    "2029-01-01", "2029-03-30", "2029-04-01", "2029-04-02", "2029-04-27", "2029-05-05", "2029-05-10",
    "2029-05-20", "2029-05-21", "2029-12-25", "2029-12-26",
)  # fmt: skip


def test_legal_holidays_are_known_for_years_ahead() -> None:
    assert sorted(holidays_of(2029)) == [day(each) for each in OF_2029]
    assert not is_working_day(day("2045-12-26"))
    assert is_working_day(day("2029-03-30"), legal_holidays=False)


def test_every_month_up_to_2100_has_the_days_of_the_calendar() -> None:
    """Leap years and the turn of the era, 29 February 2000, included."""
    for month in range(130 * 12):
        first = (date(1970 + month // 12, month % 12 + 1, 1) - EPOCH).days

        assert (month_of(first - 1), month_of(first)) == (month - 1, month)
