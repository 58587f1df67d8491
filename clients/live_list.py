"""The ranked list, as it is now."""

from __future__ import annotations

from datetime import date

from clients.records import Band, PriorityUpdate

HEIGHT = {band: height for height, band in enumerate(Band)}


class LiveList:
    """Households on the list by their newest update.

    Ranked by band, then urgency, then the earlier respond-by date. Ties are broken by the household
    key: stable, and unrelated to the person.
    """

    def __init__(self) -> None:
        self._by_household: dict[str, PriorityUpdate] = {}

    def __len__(self) -> int:
        return len(self._by_household)

    def apply(self, update: PriorityUpdate) -> None:
        """Take in one update; a household in band NONE leaves the list."""
        if update.band is Band.NONE:
            self._by_household.pop(update.household, None)
        else:
            self._by_household[update.household] = update

    def ranked(self, area: str | None = None, limit: int | None = None) -> list[PriorityUpdate]:
        """Give the list, most urgent first; of one area (four digits) where given."""
        rows = [row for row in self._by_household.values() if area in (None, row.area)]
        rows.sort(key=_rank)
        return rows[:limit]

    def bands(self) -> dict[Band, int]:
        """Give the number of households in each band, the most urgent band first."""
        counts: dict[Band, int] = {band: 0 for band in reversed(Band) if band is not Band.NONE}
        for row in self._by_household.values():
            counts[row.band] += 1
        return counts


def _rank(update: PriorityUpdate) -> tuple[int, int, date, str]:
    return (-HEIGHT[update.band], -update.urgency, update.respond_by or date.max, update.household)
