"""Dates and times in files, read alike on every Python from 3.9 on."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone

# Python's own parsers accept more (week dates, compact forms), differently in each version.
DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
DAY_FIRST = re.compile(r"([0-9]{1,2})-([0-9]{1,2})-([0-9]{4})")
# RFC 3339, section 5.6: T and Z in either case, a fraction of any length.
MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:([Zz])|([+-])([0-9]{2}):([0-9]{2}))"
)
# Earlier arrears have lapsed; a later date is a mistake, or a program's "never".
EARLIEST, LATEST = date(1990, 1, 1), date(2099, 12, 31)


def read_day(text: str) -> date | None:
    """Parse a date written as YYYY-MM-DD; None if it is not one."""
    found = DAY.fullmatch(text)
    return None if found is None else _date(*found.groups())


def read_day_first(text: str) -> date | None:
    """Parse a date as Dutch offices write it, 2-3-2026; None if it is not one."""
    found = DAY_FIRST.fullmatch(text)
    return None if found is None else _date(*reversed(found.groups()))


def read_moment(text: str) -> datetime | None:
    """Parse an RFC 3339 timestamp, as UTC; None if it is not one.

    Digits beyond microseconds are dropped.
    """
    found = MOMENT.fullmatch(text)
    if found is None:
        return None
    day, hour, minute, second, fraction, _, sign, off_hours, off_minutes = found.groups()
    on = read_day(day)
    if on is None or int(off_hours or 0) > 23 or int(off_minutes or 0) > 59:
        return None
    try:
        at = time(int(hour), int(minute), int(second), int(((fraction or "") + "000000")[:6]))
        off = timedelta(hours=int(off_hours or 0), minutes=int(off_minutes or 0))
        return datetime.combine(on, at, timezone.utc) - (-off if sign == "-" else off)
    except (OverflowError, ValueError):
        return None


def is_likely(on: date) -> bool:
    """Return whether `on` is from 1990 to 2099."""
    return EARLIEST <= on <= LATEST


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
