"""Which faults come when: all of it from the seed, nothing from the clock or the machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from tests.chaos.faults import KINDS

PAUSE_S = (0.5, 3.0)
# How the targets of a fault are chosen: the n-th of those that there are, by this number.
TARGETS = 1_000


@dataclass(frozen=True, slots=True)
class Step:
    """Faults at once: of which kinds, on whom, and how long the flow runs undisturbed before them."""

    kinds: tuple[str, ...]
    """In the order in which they come."""
    target: int
    pause_s: float


def schedule(seed: int, kinds: Sequence[str], at_once: int = 1) -> Iterator[Step]:
    """Yield faults without end, in rounds: each round holds every kind once, in an order of its own.

    As many as `at_once` come together, of which each strikes something else.
    """
    dice = Random(f"{seed}/schedule")
    while True:
        left = dice.sample(list(kinds), len(kinds))
        while left:
            together = _together(left, at_once)
            left = [kind for kind in left if kind not in together]
            yield Step(together, dice.randrange(TARGETS), round(dice.uniform(*PAUSE_S), 2))


def _together(kinds: Sequence[str], at_once: int) -> tuple[str, ...]:
    """Return the first of `kinds`, and of the others the first that do not get in its or each other's way."""
    chosen: list[str] = []
    for kind in kinds:
        if len(chosen) < at_once and all(
            KINDS[kind].strikes.isdisjoint(KINDS[other].strikes) for other in chosen
        ):
            chosen.append(kind)
    return tuple(sorted(chosen, key=lambda kind: min(KINDS[kind].strikes)))
