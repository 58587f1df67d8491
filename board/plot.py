"""Bars in SVG units: a template draws them, so that no script or style is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH = 560
HEIGHT = 120


@dataclass(frozen=True, slots=True)
class Bar:
    """One day's bar: its place and height, and the height of the part of it that counts."""

    on: date
    value: int
    part: int
    x: float
    width: float
    height: float
    part_height: float


@dataclass(frozen=True, slots=True)
class Bars:
    """The bars of a plot; `most` is the value of one that fills the height."""

    bars: tuple[Bar, ...]
    most: int
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def empty(self) -> bool:
        """Whether there is nothing to see."""
        return self.most == 0


def bars(values: Sequence[tuple[date, int]], parts: Sequence[int] | None = None) -> Bars:
    """Lay out one bar a day."""
    most = max((value for _, value in values), default=0)
    step = WIDTH / max(1, len(values))
    return Bars(
        tuple(
            Bar(
                on,
                value,
                part,
                round(number * step, 1),
                round(step * 0.72, 1),
                round(HEIGHT * value / most, 1) if most else 0.0,
                round(HEIGHT * part / most, 1) if most else 0.0,
            )
            for number, ((on, value), part) in enumerate(zip(values, parts or [0] * len(values), strict=True))
        ),
        most,
    )
