"""Days on which code that asks for the date goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOME = "Europe/Amsterdam"
# The first and the last to see a new day.
FIRST, LAST = "Pacific/Kiritimati", "Pacific/Pago_Pago"


@dataclass(frozen=True, slots=True)
class Moment:
    """When a run of the suite begins, as its processes see it, and where they are."""

    name: str
    at: datetime
    zone: str = HOME


def moments(now: datetime) -> list[Moment]:
    """Return what is tried: the next of each after `now`; a minute to midnight, so that a run passes it."""
    today = now.date()
    year = today.year

    def here(day: date, hour: int, minute: int) -> datetime:
        return datetime.combine(day, time(hour, minute), ZoneInfo(HOME))

    def next_of(*days: date) -> date:
        return next(day for day in days if day > today)

    def next_numbered(number: int) -> date:
        return next(day for day in _days_from(today) if day.day == number)

    leap = next(day for day in _days_from(today) if (day.month, day.day) == (2, 29))
    spring = next_of(_last_sunday(year, 3), _last_sunday(year + 1, 3))
    autumn = next_of(_last_sunday(year, 10), _last_sunday(year + 1, 10))
    tomorrow = datetime.combine(today + timedelta(days=1), time(), UTC)
    return [
        Moment("new-years-eve", here(next_of(date(year, 12, 31), date(year + 1, 12, 31)), 23, 59)),
        Moment("new-year", here(date(year + 1, 1, 1), 0, 1)),
        Moment("leap-day", here(leap, 12, 0)),
        Moment("day-after-leap-day", here(leap, 23, 59)),
        Moment("clocks-go-forward", here(spring, 1, 59)),
        Moment("clocks-go-back", here(autumn, 2, 59)),
        Moment("before-midnight-utc", tomorrow + timedelta(hours=23, minutes=59)),
        Moment("after-midnight-utc", tomorrow + timedelta(days=1, minutes=1)),
        Moment("the-10th", here(next_numbered(10), 9, 0)),
        Moment("the-20th", here(next_numbered(20), 9, 0)),
        Moment("the-30th", here(next_numbered(30), 9, 0)),
        Moment("the-31st", here(next_numbered(31), 9, 0)),
        Moment("tomorrow-already", tomorrow + timedelta(hours=11), FIRST),
        Moment("yesterday-still", tomorrow + timedelta(days=1, hours=10), LAST),
        Moment("in-ten-years", here(date(year + 10, today.month, min(today.day, 28)), 12, 0)),
    ]


def _days_from(day: date) -> Iterator[date]:
    while True:
        day += timedelta(days=1)
        yield day


def _last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def chosen(commit: str) -> Moment:
    """Return the day on which a commit is tried: another for each."""
    days = list(moments(datetime.now(UTC)))
    return days[int(commit, 16) % len(days)]


def told(moment: Moment) -> str:
    """Return a day as a line says it."""
    return f"{moment.name}: {moment.at:%A %Y-%m-%d %H:%M %Z}, in {moment.zone}"
