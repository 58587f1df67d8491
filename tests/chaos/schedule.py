"""Which fault comes when: all of it from the seed, nothing from the clock or the machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

PAUSE_S = (0.5, 3.0)
# How the targets of a fault are chosen: the n-th of those that there are, by this number.
TARGETS = 1_000


@dataclass(frozen=True, slots=True)
class Step:
    """One fault: of which kind, on whom, and how long the flow runs undisturbed before it."""

    kind: str
    target: int
    pause_s: float


def schedule(seed: int, kinds: Sequence[str]) -> Iterator[Step]:
    """Give faults without end, in rounds: each round holds every kind once, in an order of its own."""
    dice = Random(f"{seed}/schedule")
    while True:
        for kind in dice.sample(list(kinds), len(kinds)):
            yield Step(kind, dice.randrange(TARGETS), round(dice.uniform(*PAUSE_S), 2))
