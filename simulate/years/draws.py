"""Chance, by seed, month and what it decides: two courses of a city draw the same for the same question."""

from __future__ import annotations

from dataclasses import dataclass, field
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Chances = NDArray[np.float32]

# 32 megabytes: four years of a city of 5,000 dwellings, in which a month asks some thirty questions.
THROWS_KEPT, QUESTIONS = 2**23, 30


@dataclass(frozen=True, slots=True)
class Draws:
    """The dice of one city. Each household has its own throw for each question of each month.

    So a policy that visits one household more changes no other one's luck: what differs between two
    courses is what the policy did (common random numbers).
    """

    seed: int
    households: int

    def of(self, what: str, month: int = 0) -> Chances:
        """Return a number from 0 to 1 for each household, always the same for `what` in `month`."""
        return self.generator(what, month).random(self.households, dtype=np.float32)

    def generator(self, what: str, month: int = 0) -> np.random.Generator:
        """Return the dice for `what` in `month`. Months before the first are negative."""
        return np.random.Generator(np.random.SFC64([self.seed, month + 2**16, crc32(what.encode())]))


@dataclass(frozen=True, slots=True)
class Remembered(Draws):
    """Dice that keep the throws of the last months: each day and each course of a city asks for them again.

    As many months as `THROWS_KEPT` hold, one at least. What is returned must not be changed.
    """

    kept: dict[int, dict[str, Chances]] = field(default_factory=dict, repr=False, compare=False)

    def of(self, what: str, month: int = 0) -> Chances:
        """Return a number from 0 to 1 for each household, as `Draws` does."""
        of_month = self.kept.get(month)
        if of_month is None:
            if len(self.kept) >= max(1, THROWS_KEPT // (QUESTIONS * self.households)):
                self.kept.clear()
            of_month = self.kept[month] = {}
        if what not in of_month:
            of_month[what] = Draws.of(self, what, month)
        return of_month[what]
