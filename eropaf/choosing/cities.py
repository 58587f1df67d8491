"""The same cities under one policy after another: what each gains, city by city."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from eropaf.risk.policy import Policy
from eropaf.simulate.backtest.arms import NOBODY, Arm
from eropaf.simulate.backtest.course import MONTHS_BEFORE, Beginning, Lived, Unhelped, lived
from eropaf.simulate.backtest.days import MONTHS_OF_A_YEAR
from eropaf.simulate.backtest.figures import Figures, figures
from eropaf.simulate.years.course import City

MONTHS = MONTHS_BEFORE + MONTHS_OF_A_YEAR
Courses = Sequence[tuple[Arm, Policy]]


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A city at its beginning, and the course in which nobody is helped."""

    beginning: Beginning
    nobody: Lived
    unhelped: Unhelped

    @classmethod
    def of(cls, seed: int, dwellings: int, policy: Policy) -> Place:
        """Return the city of `seed`; without help a policy decides nothing."""
        beginning = Beginning.of(City.of(dwellings, seed))
        nobody = lived(beginning, Arm(NOBODY), policy, MONTHS)
        return cls(beginning, nobody, Unhelped.of(nobody, dwellings))

    def figures(self, arm: Arm, policy: Policy) -> Figures:
        """Return what a course of it comes to."""
        course = lived(self.beginning, arm, policy, MONTHS, self.unhelped)
        return figures(course, self.nobody, len(self.beginning.city.population), MONTHS)


def judged(
    seeds: Sequence[int], dwellings: int, courses: Courses, done: Callable[[], object] = lambda: None
) -> Iterator[list[Figures]]:
    """Yield each city's figures under every course, one city in memory at a time."""
    for seed in seeds:
        place = Place.of(seed, dwellings, courses[0][1])
        yield [place.figures(arm, policy) for arm, policy in courses]
        done()
