"""Dates and times in files: which texts are one, and which moment in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eropaf_client.files.moments import (
    is_likely,
    read_day,
    read_day_first,
    read_moment,
    read_wall_clock,
)

MARCH_2 = datetime(2026, 3, 2, tzinfo=UTC)


@given(st.dates())
def test_a_day_is_read_as_it_is_written_in_either_way(day: date) -> None:
    assert read_day(day.isoformat()) == day
    assert read_day_first(f"{day.day}-{day.month}-{day.year:04}") == day


@pytest.mark.parametrize("text", ["2026-3-2", "20260302", "2026-W10-1", "2026-02-30", "2026-03-02 ", ""])
def test_what_is_no_day_is_none(text: str) -> None:
    assert read_day(text) is None
    assert read_day_first(text) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-03-02T09:30:15Z", MARCH_2.replace(hour=9, minute=30, second=15)),
        ("2026-03-02t09:30:15z", MARCH_2.replace(hour=9, minute=30, second=15)),
        ("2026-03-02 09:30:15Z", MARCH_2.replace(hour=9, minute=30, second=15)),
        ("2026-03-02T09:30:15.5Z", MARCH_2.replace(hour=9, minute=30, second=15, microsecond=500_000)),
        ("2026-03-02T09:30:15.1234567Z", MARCH_2.replace(hour=9, minute=30, second=15, microsecond=123_456)),
        ("2026-03-02T09:30:15+01:30", MARCH_2.replace(hour=8, second=15)),
        ("2026-03-02T09:30:15-01:30", MARCH_2.replace(hour=11, second=15)),
        ("2026-03-02T23:59:00+23:59", MARCH_2),
        ("2026-03-02T09:30:15", None),
        ("2026-03-02T09:30Z", None),
        ("2026-03-02T24:00:00Z", None),
        ("2026-03-02T09:60:00Z", None),
        ("2026-03-02T09:30:60Z", None),
        ("2026-02-30T09:30:15Z", None),
        ("2026-03-02T09:30:15+24:00", None),
        ("2026-03-02T09:30:15+01:60", None),
        ("0001-01-01T00:00:00+12:00", None),
        ("9999-12-31T23:59:59-12:00", None),
    ],
)
def test_a_moment_is_read_by_rfc_3339(text: str, meant: datetime | None) -> None:
    assert read_moment(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2-3-2026 09:30", MARCH_2.replace(hour=8, minute=30)),
        ("02-03-2026 9:30:15", MARCH_2.replace(hour=8, minute=30, second=15)),
        ("2-7-2026 09:30", datetime(2026, 7, 2, 7, 30, tzinfo=UTC)),
        ("25-10-2026 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("1-1-1990 00:30", datetime(1989, 12, 31, 23, 30, tzinfo=UTC)),
        ("31-12-1989 23:30", None),
        ("1-1-2100 00:00", None),
        ("30-2-2026 09:30", None),
        ("2-3-2026 24:00", None),
        ("2-3-2026 09:60", None),
        ("2-3-2026 09:30:60", None),
        ("2026-03-02 09:30", None),
    ],
)
def test_a_dutch_clock_is_read_as_utc(text: str, meant: datetime | None) -> None:
    assert read_wall_clock(text) == meant


def test_days_from_1990_to_2099_are_likely() -> None:
    edges = [date(1989, 12, 31), date(1990, 1, 1), date(2099, 12, 31), date(2100, 1, 1)]

    assert [*map(is_likely, edges)] == [False, True, True, False]
