"""What a lead must see coming: who becomes overdue, who has room, how this week is going."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from eropaf.board.asked import WEEK_DAYS
from eropaf.board.figures import DayFigures
from eropaf.board.row import Row


@dataclass(frozen=True, slots=True)
class Due:
    """How many become overdue on `on` unless somebody talks to them first, and how many are unclaimed."""

    on: date
    count: int
    free: int


def becoming_overdue(rows: Iterable[Row], today: date) -> list[Due]:
    """Return the next seven days, tomorrow first. Households overdue today are in none of them."""
    days = [today + timedelta(days=ahead) for ahead in range(1, WEEK_DAYS + 1)]
    count: Counter[date] = Counter()
    free: Counter[date] = Counter()
    for row in rows:
        if row.update.respond_by is not None:
            on = row.update.respond_by + timedelta(days=1)
            count[on] += 1
            free[on] += row.holder is None
    return [Due(day, count[day], free[day]) for day in days]


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure for the last seven days and the seven before; None: not known for every day."""

    what: str
    now: int | None
    before: int | None

    @property
    def more(self) -> int | None:
        """The increase; None: unknown."""
        return None if self.now is None or self.before is None else self.now - self.before


def two_weeks(inflow: Sequence[tuple[date, int | None]], attempts: Sequence[DayFigures]) -> list[Compared]:
    """Return the figures for the last seven days, today included, and for the seven before."""
    days: dict[str, Sequence[int | None]] = {
        "new": [count for _, count in inflow],
        "tried": [day.attempts for day in attempts],
        "reached": [day.reached for day in attempts],
        "accepted": [day.accepted for day in attempts],
    }
    return [
        Compared(what, _sum(counts[-WEEK_DAYS:]), _sum(counts[-2 * WEEK_DAYS : -WEEK_DAYS]))
        for what, counts in days.items()
    ]


def _sum(counts: Sequence[int | None]) -> int | None:
    """Return the sum; None if one is unknown."""
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None
