"""What was sampled of each process, judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.soak.growth import FEWEST, Growth, growth, growth_of_count

# How much more there may be each hour: MiB of memory, and of what is counted none.
MEMORY = "memory MiB"
ROWS = "rows"
BOUND_MIB = 1.0

Seen = Mapping[tuple[str, str], Sequence[tuple[float, float]]]
"""By process and what is measured: seconds, and how much there was."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How something grew in a process, and how much it may."""

    process: str
    what: str
    growth: Growth

    @property
    def bound(self) -> float:
        """How much more there may be each hour."""
        return BOUND_MIB if self.what == MEMORY else 0.0

    @property
    def good(self) -> bool:
        """Whether it surely grows no faster than it may."""
        return self.growth.at_most <= self.bound


def judged(seen: Seen, at_least_s: float) -> list[Judged]:
    """Return the growth in every process that was seen for `at_least_s`, and often enough for a slope."""
    return [
        Judged(process, what, (growth if what in (MEMORY, ROWS) else growth_of_count)(samples))
        for (process, what), samples in sorted(seen.items())
        if len(samples) >= FEWEST and samples[-1][0] - samples[0][0] >= at_least_s
    ]


def as_markdown(found: Sequence[Judged]) -> str:
    """Return the slopes as a table."""
    rows = [
        f"| {each.process} | {each.what} | {each.growth.per_hour:+.2f} | {each.growth.at_most:+.2f} "
        f"| {each.bound:g} | {'' if each.good else 'GROWS'} |"
        for each in found
    ]
    head = ["| of | what | an hour | at most (95 %) | bound | |", "|---|---|---:|---:|---:|---|"]
    return "\n".join([*head, *rows])
