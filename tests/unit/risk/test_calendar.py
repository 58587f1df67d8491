from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eropaf.risk.calendar import month_of, working_days_after
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
    holidays = frozenset({day("2026-04-03"), day("2026-04-06")})

    assert working_days_after(day(start), days, holidays) == day(due)


def test_a_policy_counts_three_days_in_what_it_says() -> None:
    calendar = amsterdam_example()
    working = replace(calendar, threatening_working_days=True)

    assert calendar.threatening_talk_by(day("2026-03-05")) == day("2026-03-08")
    assert working.threatening_talk_by(day("2026-03-05")) == day("2026-03-10")


@given(st.integers(0, 80_000))
def test_months_are_those_of_the_calendar(number: int) -> None:
    on = EPOCH + timedelta(number)

    assert month_of(number) == (on.year - 1970) * 12 + on.month - 1
