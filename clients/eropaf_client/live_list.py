"""The current ranked list."""

from __future__ import annotations

from bisect import bisect_left, insort
from datetime import date
from typing import NamedTuple

from eropaf_client.records import Band, PriorityUpdate

HEIGHT = {band: height for height, band in enumerate(Band)}


class Snapshot(NamedTuple):
    """The whole list, most urgent first."""

    rows: list[PriorityUpdate]


class Moved(NamedTuple):
    """One household's change of place, counted from 0; None: not on the list.

    `update` is None where the household was forgotten.
    """

    household: str
    update: PriorityUpdate | None
    was: int | None
    now: int | None


class LiveList:
    """Households on the list by their newest update.

    Ranked by band, then the earlier respond-by date, then urgency. Ties are broken by the household
    key: stable, and unrelated to the person.
    """

    def __init__(self) -> None:
        self._by_household: dict[str, PriorityUpdate] = {}
        self._ranks: list[Rank] = []

    def __len__(self) -> int:
        return len(self._by_household)

    def __contains__(self, household: str) -> bool:
        return household in self._by_household

    def get(self, household: str) -> PriorityUpdate | None:
        """Return the newest update of `household`; None where it is not on the list."""
        return self._by_household.get(household)

    def apply(self, update: PriorityUpdate) -> Moved:
        """Apply one update; a household in band NONE leaves the list."""
        was = self._take_out(update.household)
        now = None
        if update.band is not Band.NONE:
            self._by_household[update.household] = update
            insort(self._ranks, rank(update))
            now = bisect_left(self._ranks, rank(update))
        return Moved(update.household, update, was, now)

    def forget(self, household: str) -> Moved:
        """Remove a forgotten household from the list."""
        return Moved(household, None, self._take_out(household), None)

    def ranked(self, area: str | None = None, limit: int | None = None) -> list[PriorityUpdate]:
        """Return the list, most urgent first; of one area (four digits) where given."""
        rows = (self._by_household[place[-1]] for place in self._ranks)
        return [row for row in rows if area in (None, row.area)][:limit]

    def bands(self) -> dict[Band, int]:
        """Return the number of households in each band, the most urgent band first."""
        counts: dict[Band, int] = {band: 0 for band in reversed(Band) if band is not Band.NONE}
        for row in self._by_household.values():
            counts[row.band] += 1
        return counts

    def _take_out(self, household: str) -> int | None:
        before = self._by_household.pop(household, None)
        if before is None:
            return None
        place = bisect_left(self._ranks, rank(before))
        del self._ranks[place]
        return place


Rank = tuple[int, date, int, str]


def rank(update: PriorityUpdate) -> Rank:
    """Return the list's sort key; the household comes last."""
    return (-HEIGHT[update.band], update.respond_by or date.max, -update.urgency, update.household)
