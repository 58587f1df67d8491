"""Lots that anybody can draw again: from a phrase that was published before, and the names in the draw."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Literal

Arm = Literal["first", "later"]
ARMS: tuple[Arm, Arm] = ("first", "later")
# A household alone has nobody to be laid against.
SMALLEST_STRATUM = 2


def number(phrase: str, name: str) -> bytes:
    """Return the lot of a name: sha256 of the phrase, a line's end, and the name, as UTF-8."""
    return hashlib.sha256(f"{phrase}\n{name}".encode()).digest()


def in_order(phrase: str, names: Iterable[str]) -> list[str]:
    """Return names in the order of their lots."""
    return sorted(names, key=lambda name: number(phrase, name))


def halves(phrase: str, stratum_of: Mapping[str, str]) -> dict[str, tuple[str, Arm]]:
    """Return the stratum and the arm of whoever takes part: half of each stratum first, half later.

    Strata are what the policy cannot tell apart (one band, one score), or bands by area. Whoever is alone in
    one takes no part: put together with others, who differ, a lot would no longer be between equals. In an
    odd stratum a lot decides which arm has one more.
    """
    members: dict[str, list[str]] = {}
    for household, stratum in stratum_of.items():
        members.setdefault(stratum, []).append(household)
    drawn: dict[str, tuple[str, Arm]] = {}
    for stratum, households in members.items():
        if len(households) < SMALLEST_STRATUM:
            continue
        begins = number(phrase, f"stratum {stratum}")[0] % 2
        for place, household in enumerate(in_order(phrase, households)):
            drawn[household] = (stratum, ARMS[(place + begins) % 2])
    return drawn


def steps(phrase: str, areas: Iterable[str], periods: int) -> dict[str, int]:
    """Return the period from which each area has the new way, in the order of their lots."""
    order = in_order(phrase, areas)
    return dict(zip(order, spread_evenly(len(order), periods), strict=True))


def spread_evenly(areas: int, periods: int) -> list[int]:
    """Return the periods in which areas begin, one after another.

    Periods are counted from 1; nobody has the new way in the first, everybody in the last.
    """
    return [2 + place * (periods - 1) // areas for place in range(areas)]
