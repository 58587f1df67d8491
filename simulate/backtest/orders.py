"""In which order a list is worked through: the policy's, and the simple ones that it must beat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eropaf.simulate.backtest.listing import Entry

FILE_OF_2015, OLDEST_FIRST, AREA = "file-2015", "oldest-first", "area"


@dataclass(frozen=True, slots=True, eq=False)
class Around:
    """What an order may look at beside the list: neighbourhoods, lots, and who stands behind its equals.

    Ties are broken by `lot`. Those who need help stand `behind` where a policy's ties go against it, so that
    what is shown of it is its least (Triage: "worst"); nobody does where lots alone decide.
    """

    neighbourhood: NDArray[np.int8]
    lot: NDArray[np.float32]
    behind: NDArray[np.bool_]
    newest_from: int
    """The day from which signals are of the newest monthly file."""


Height = tuple[float, ...]
Order = Callable[[list[Entry], Around], list[tuple[Height, int]]]


def by_policy(entries: list[Entry], around: Around) -> list[tuple[Height, int]]:
    """Put the higher band first, then the earlier date, then the points, as `eropaf rank` does."""
    behind = around.behind
    return [
        (
            (-each.height, each.due_on, -each.score, float(behind[each.household]), _lot(each, around)),
            each.household,
        )
        for each in entries
    ]


def oldest_first(entries: list[Entry], around: Around) -> list[tuple[Height, int]]:
    """Put the arrears that stand longest first."""
    return [((each.since, _lot(each, around)), each.household) for each in entries]


def largest_debt(entries: list[Entry], around: Around) -> list[tuple[Height, int]]:
    """Put the highest amount first."""
    return [((-each.amount_cents, _lot(each, around)), each.household) for each in entries]


def most_creditors(entries: list[Entry], around: Around) -> list[tuple[Height, int]]:
    """Put who owes most creditors first."""
    return [((-each.creditors, _lot(each, around)), each.household) for each in entries]


def by_lot(entries: list[Entry], around: Around) -> list[tuple[Height, int]]:
    """Draw lots, afresh each month."""
    return [((_lot(each, around),), each.household) for each in entries]


def file_of_2015(entries: list[Entry], around: Around) -> list[tuple[Height, int]]:
    """Take the newest file alone: several creditors first, then the amount.

    Source: "Kunnen we je helpen?" (Divosa, October 2024) for the criteria; the file itself: BKR, May 2015.
    """
    return [
        ((-each.creditors, -each.amount_cents, _lot(each, around)), each.household)
        for each in entries
        if each.reported_on >= around.newest_from
    ]


def by_area(entries: list[Entry], around: Around) -> list[tuple[Height, int]]:
    """Put neighbourhoods with most households on the list first, by dwelling; inside of one draw lots."""
    listed = Counter(int(around.neighbourhood[each.household]) for each in entries)
    dwellings = np.bincount(around.neighbourhood, minlength=128)
    return [
        ((-listed[where] / dwellings[where], where, _lot(each, around)), each.household)
        for each in entries
        for where in (int(around.neighbourhood[each.household]),)
    ]


def _lot(each: Entry, around: Around) -> float:
    return float(around.lot[each.household])


# What a policy must beat, by name.
BASELINES: dict[str, Order] = {
    OLDEST_FIRST: oldest_first,
    "largest-debt": largest_debt,
    "most-creditors": most_creditors,
    "lot": by_lot,
    FILE_OF_2015: file_of_2015,
    AREA: by_area,
}


def households(order: Order, entries: Iterable[Entry], around: Around) -> list[int]:
    """Return the households of a list, first who is to be helped first."""
    return [household for _, household in sorted(order(list(entries), around))]
