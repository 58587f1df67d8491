"""Civil time: the local day, where the law applies, of a moment in UTC."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from eropaf.risk.events import EpochDay, EpochMs
from eropaf.risk.value import value
from eropaf_client.schemas.epoch import DAY_MS

SECOND_MS = 1_000
# No signal is older than its first year (`intake.EARLIEST_DAY`); after its last year the last rule holds on.
FIRST_YEAR, LAST_YEAR = 1990, 2100
# Days that are looked ahead for the next time that clocks are set: no zone sets them twice in so few.
STEP = timedelta(10)


@value(frozen=True, slots=True)
class CivilZone:
    """A civil time zone as plain numbers: from each moment in `since`, clocks are `ahead` of UTC.

    All in milliseconds. The numbers come from the release of the time zone database pinned in the lock file,
    never from the machine's, so that a replay counts the same days everywhere.
    """

    name: str
    since: tuple[EpochMs, ...]
    ahead: tuple[int, ...]

    def day_of(self, at: EpochMs) -> EpochDay:
        """Return the civil day of a moment."""
        return (at + self.ahead[max(0, bisect_right(self.since, at) - 1)]) // DAY_MS

    def start_of(self, day: EpochDay) -> EpochMs:
        """Return the moment at which a civil day begins."""
        near = day * DAY_MS
        at = max(0, bisect_right(self.since, near - 2 * DAY_MS) - 1)
        # The clocks may be set in between: the earliest moment that is on the day.
        offsets = self.ahead[at : at + 3]
        return min([near - ahead for ahead in offsets if self.day_of(near - ahead) == day])


class UnknownZone(ValueError):
    """The time zone is unknown; the message names it."""


@cache
def civil_zone(name: str) -> CivilZone:
    """Return the zone `name` of the IANA database, such as Europe/Amsterdam.

    Raises:
        UnknownZone: the database has no such zone.

    """
    *folders, file = name.split("/")
    try:
        place = resources.files(".".join(["tzdata", "zoneinfo", *folders])).joinpath(file)
        with place.open("rb") as data:
            zone = ZoneInfo.from_file(data, name)
    except (ModuleNotFoundError, OSError, ValueError, TypeError):
        raise UnknownZone(f"unknown time zone {name!r}; use a name such as Europe/Amsterdam") from None
    return _as_numbers(name, zone)


def _as_numbers(name: str, zone: ZoneInfo) -> CivilZone:
    first = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    steps = (datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC) - first) // STEP
    since, ahead = [0], [_ahead_s(zone, first)]
    for number in range(steps):
        begins, ends = first + STEP * number, first + STEP * (number + 1)
        if _ahead_s(zone, ends) != ahead[-1]:
            since.append(_changes_s(zone, begins, ends))
            ahead.append(_ahead_s(zone, ends))
    return CivilZone(name, tuple([at * SECOND_MS for at in since]), tuple([by * SECOND_MS for by in ahead]))


def _changes_s(zone: ZoneInfo, begins: datetime, ends: datetime) -> int:
    """Return the second, since 1970, at which the clocks change between two moments."""
    low, high, after = int(begins.timestamp()), int(ends.timestamp()), _ahead_s(zone, ends)
    while high - low > 1:
        middle = (low + high) // 2
        if _ahead_s(zone, datetime.fromtimestamp(middle, UTC)) == after:
            high = middle
        else:
            low = middle
    return high


def _ahead_s(zone: ZoneInfo, at: datetime) -> int:
    return int((at.astimezone(zone).utcoffset() or timedelta()).total_seconds())
