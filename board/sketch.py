"""A round on paper: where its doors stand to each other, and the way between them. No map, so no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import dist, floor, log10

from eropaf.board.rounds import Door

WIDTH, HEIGHT, MARGIN = 400.0, 260.0, 24.0
# Below the doors: how long a bar is, and where north is. Among them they would lie under a mark.
FOOT = 30.0
# Doors whose marks would lie on each other share one.
MARK_SIZE = 28.0
# What the drawing is at least of: two neighbours are no journey.
LEAST_M = 80.0
LONGEST_BAR = 120.0


@dataclass(slots=True)
class Mark:
    """A point of the drawing, the numbers of the doors that stand there, and whether all were tried."""

    x: float
    y: float
    doors: list[int]
    tried: bool

    @property
    def text(self) -> str:
        """What stands in the mark: its number, from which to which, or the first of several."""
        first, last = self.doors[0], self.doors[-1]
        if first == last:
            return str(first)
        return f"{first}-{last}" if last - first == len(self.doors) - 1 else f"{first}…"


@dataclass(frozen=True, slots=True)
class Sketch:
    """Marks in walking order, and how long a bar of `bar_m` metres is in the drawing; north is above."""

    marks: tuple[Mark, ...]
    bar_m: int
    bar: float
    width: float = WIDTH
    height: float = HEIGHT + FOOT
    foot: float = HEIGHT + FOOT / 2
    radius: float = MARK_SIZE / 2


def sketch_of(doors: Sequence[Door]) -> Sketch | None:
    """Return the drawing of a round, its doors numbered from 1; None where fewer than two are placed."""
    placed = [(number, door, point) for number, door in enumerate(doors, 1) if (point := door.row.point)]
    if len(placed) < 2:
        return None
    east = [point[0] for _, _, point in placed]
    north = [point[1] for _, _, point in placed]
    wide, high = max(max(east) - min(east), LEAST_M), max(max(north) - min(north), LEAST_M)
    scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
    middle_east, middle_north = (max(east) + min(east)) / 2, (max(north) + min(north)) / 2
    marks: list[Mark] = []
    for number, door, point in placed:
        x = WIDTH / 2 + (point[0] - middle_east) * scale
        y = HEIGHT / 2 - (point[1] - middle_north) * scale
        near = next((mark for mark in marks if dist((mark.x, mark.y), (x, y)) < MARK_SIZE), None)
        if near is None:
            marks.append(Mark(round(x, 1), round(y, 1), [number], door.tried is not None))
        else:
            near.doors.append(number)
            near.tried = near.tried and door.tried is not None
    bar_m = _round_below(LONGEST_BAR / scale)
    return Sketch(tuple(marks), bar_m, round(bar_m * scale, 1))


def _round_below(metres: float) -> int:
    """Return the largest of 1, 2, 5, 10, 20, 50 … that is not above `metres`."""
    ten = 10 ** floor(log10(metres))
    return int(max(step * ten for step in (1, 2, 5) if step * ten <= metres))
