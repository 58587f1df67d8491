"""Dates and times in files, read alike on every Python from 3.9 on."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

# Python's own parsers accept more (week dates, compact forms), differently in each version.
DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
DAY_FIRST = re.compile(r"([0-9]{1,2})-([0-9]{1,2})-([0-9]{4})")
# RFC 3339, section 5.6: T and Z in either case, a fraction of any length.
MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:([Zz])|([+-])([0-9]{2}):([0-9]{2}))"
)
# As a Dutch spreadsheet writes a time: local, and without seconds where they are none.
WALL_CLOCK = re.compile(r"([0-9]{1,2}-[0-9]{1,2}-[0-9]{4}) ([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
# Offices' files name no time zone.
CLOCK = "Europe/Amsterdam"
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


def read_wall_clock(text: str) -> datetime | None:
    """Parse a Dutch local time as a spreadsheet writes it, 2-3-2026 09:30, as UTC; None if it is not one.

    Raises:
        ZoneInfoNotFoundError: this machine knows no time zones.
    """
    found = WALL_CLOCK.fullmatch(text)
    on = None if found is None else read_day_first(found[1])
    if found is None or on is None or not is_likely(on):
        return None
    try:
        return as_utc(datetime.combine(on, time(int(found[2]), int(found[3]), int(found[4] or 0))))
    except ValueError:
        return None


def as_utc(on_the_wall: datetime) -> datetime:
    """Return what a Dutch clock showed as UTC.

    Raises:
        ZoneInfoNotFoundError: this machine knows no time zones.
        OverflowError: it is too far from today for a date.
    """
    return on_the_wall.replace(tzinfo=ZoneInfo(CLOCK)).astimezone(timezone.utc)


def is_likely(on: date) -> bool:
    """Return whether `on` is from 1990 to 2099."""
    return EARLIEST <= on <= LATEST


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
