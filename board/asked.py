"""Filters of the list: by area, by band, and by what has to be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from eropaf.board.row import Row
from eropaf_client.records import Band

BANDS = tuple(band.value for band in reversed(Band) if band is not Band.NONE)
# Today counts as a day of it.
WEEK_DAYS = 7


class Shown(StrEnum):
    """What has to be done. `list.js` applies the same filter to a browser's rows."""

    ALL = ""
    OVERDUE = "overdue"  # the day of a first talk has passed
    TOMORROW = "tomorrow"  # overdue tomorrow, unless somebody talks today
    WEEK = "week"  # overdue within seven days
    FREE = "free"  # in nobody's round
    HELD = "held"  # in somebody's round

    def of(self, row: Row, today: date) -> bool:
        """Return whether `row` is one of them."""
        left = row.days_left(today)
        match self:
            case Shown.OVERDUE:
                return left is not None and left < 0
            case Shown.TOMORROW:
                return left == 0
            case Shown.WEEK:
                return left is not None and 0 <= left < WEEK_DAYS
            case Shown.FREE:
                return row.holder is None
            case Shown.HELD:
                return row.holder is not None
            case _:
                return True


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter in a list's address; without one, everything."""

    area: str = ""
    bands: tuple[str, ...] = BANDS
    shown: Shown = Shown.ALL

    @classmethod
    def of(cls, query: Mapping[str, str], bands: Sequence[str]) -> Asked:
        """Parse the filter from an address's `query` and `bands`; unknown values are ignored."""
        known = tuple(band for band in BANDS if band in bands) or BANDS
        shown = query.get("show", "")
        return cls(query.get("area", ""), known, Shown(shown) if shown in list(Shown) else Shown.ALL)

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return self != Asked()

    def matches(self, row: Row, today: date) -> bool:
        """Return whether `row` matches the filter."""
        update = row.update
        return (
            self.area in ("", update.area) and update.band.value in self.bands and self.shown.of(row, today)
        )
