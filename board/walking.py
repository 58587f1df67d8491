"""The order in which a round is walked: street by street, each along one side and back along the other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import dist

from eropaf.board.row import Row

Point = tuple[float, float]


def in_walking_order(rows: Sequence[Row]) -> list[Row]:
    """Return `rows` as they are walked, begun at the lowest postcode.

    After a street comes the one that begins or ends nearest to where one stands then. Streets without any
    place is known, and all where no address register is loaded, follow by postcode.
    """
    by_street = groupby(sorted(rows, key=_along), key=_street)
    streets = [list(doors) for _, doors in by_street]
    placed = [street for street in streets if _ends(street)]
    walked: list[Row] = []
    while placed:
        here = walked[-1].point if walked else None
        street, backwards = _nearest(placed, here)
        placed.remove(street)
        walked += reversed(street) if backwards else street
    return walked + [row for street in streets if not _ends(street) for row in street]


def _along(row: Row) -> tuple[str, str, int, int, str]:
    """Sort a street's doors along one side, then back along the other."""
    update = row.update
    odd = update.house_number % 2
    return (*_street(row), odd, update.house_number if odd else -update.house_number, update.addition)


def _street(row: Row) -> tuple[str, str]:
    """Return what counts as a street: its name in its town, or else a postcode, which is a part of one."""
    premises = row.premises
    return ("", row.update.postcode) if premises is None else (premises.town, premises.street)


def _ends(street: list[Row]) -> list[Point]:
    return [point for row in (street[0], street[-1]) if (point := row.point) is not None]


def _nearest(streets: list[list[Row]], here: Point | None) -> tuple[list[Row], bool]:
    """Return the street whose end is nearest to `here`, and whether it is walked from its last door."""
    if here is None:
        return min(streets, key=lambda street: min(row.update.postcode for row in street)), False
    return min(
        ((street, backwards) for street in streets for backwards in (False, True)),
        key=lambda way: dist(here, way[0][-1 if way[1] else 0].point or here),
    )
