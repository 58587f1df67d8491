"""Harm that comes to households: what, to whom, and on which lived day."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from eropaf.simulate.backtest.days import MONTHS_OF_A_YEAR
from eropaf.simulate.years.creditors import Steps
from eropaf.simulate.years.days import DAYS_OF_A_MONTH

KINDS = ("court_orders", "evictions", "ends_of_delivery", "disconnections", "insurance_losses")
YEAR_DAYS = DAYS_OF_A_MONTH * MONTHS_OF_A_YEAR
# More than any number of lived days, so that household and day are one number in order.
MOST_DAYS = 2**20


@dataclass(slots=True, eq=False)
class Harms:
    """Households and lived days by kind of harm, month by month."""

    households: dict[str, list[int]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    days: dict[str, list[int]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    def add(self, kind: str, where: NDArray[np.intp], days: NDArray[np.int64]) -> None:
        """Note that harm of a kind came to households, each on its day."""
        self.households[kind] += where.tolist()
        self.days[kind] += days.tolist()

    def stepped(self, steps: Steps, days: NDArray[np.int64]) -> None:
        """Note what creditors' steps did; `days` are those of every household, with a step or not."""
        self.add("court_orders", steps.court_orders, days[steps.court_orders])
        self.add("evictions", steps.evictions, days[steps.evictions])
        self.add("ends_of_delivery", steps.ends_of_delivery, days[steps.ends_of_delivery])
        self.add("disconnections", steps.disconnections, days[steps.disconnections])

    def count(self, kind: str, from_day: int, to_day: int) -> int:
        """Return how often harm of a kind came from a day on, before another."""
        return sum([from_day <= day < to_day for day in self.days[kind]])

    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return every harm's household, kind (by its place in `KINDS`) and day."""
        sizes = [len(self.days[kind]) for kind in KINDS]
        return (
            np.array([each for kind in KINDS for each in self.households[kind]], np.int64),
            np.repeat(np.arange(len(KINDS)), sizes).astype(np.int64),
            np.array([each for kind in KINDS for each in self.days[kind]], np.int64),
        )

    def moments(self) -> NDArray[np.int64]:
        """Return every harm as household times `MOST_DAYS` and day, rising."""
        households, _, days = self.arrays()
        return np.unique(households * MOST_DAYS + days)


def follows(
    moments: NDArray[np.int64], households: NDArray[np.int64], days: NDArray[np.int64], within: int
) -> NDArray[np.bool_]:
    """Say of each household and day whether one of `moments` comes `within` so many days."""
    if not len(moments):
        return np.zeros(len(households), np.bool_)
    begins = households * MOST_DAYS + days
    at = np.minimum(np.searchsorted(moments, begins), len(moments) - 1)
    return (moments[at] >= begins) & (moments[at] < begins + within)


def needs(
    moments: NDArray[np.int64], households: NDArray[np.int64], days: NDArray[np.int64], within: int
) -> NDArray[np.int64]:
    """Return the number of the need that each household is in on its day; -1 where `follows` says no.

    Harm that comes within so many days of other harm to the same household is of the same need.
    """
    if not len(moments):
        return np.full(len(households), -1, np.int64)
    of_moment = np.cumsum(np.diff(moments, prepend=moments[0]) >= within)
    at = np.minimum(np.searchsorted(moments, households * MOST_DAYS + days), len(moments) - 1)
    return np.where(follows(moments, households, days, within), of_moment[at], -1)
