"""Who in need is left out, and who loses, by group; groups too small to say are said to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eropaf.simulate.backtest.arms import ARM, Arm
from eropaf.simulate.backtest.groups import DIMENSIONS
from eropaf.simulate.backtest.summary import Interval, Results

# With fewer harms than this in all cities a group's recall says little, however near it is.
FEWEST_HARMS = 100
# Intervals of each group that are to hold together: beside the rest, beside another course, and both.
INTERVALS = 3
FAIRNESS_HEAD = (
    *ARM, "dimension", "group", "harms", "recall", "low", "high", "than_rest", "than_rest_low",
    "than_rest_high", "than_first", "than_first_low", "than_first_high", "than_first_and_rest",
    "than_first_and_rest_low", "than_first_and_rest_high", "false_omission", "note",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fair:
    """A group under a course: which share of its harm was found in time, beside the rest and another course.

    `than_rest` is how much more than of the rest of its dimension; `change` how much more than under the
    other course, in the same cities; `than_rest_change` how much more it gains by that than the rest. The
    three hold together, and for all groups (`Interval`). `false_omission` is the share of those on the list
    whom nobody visited or called and who come to harm.
    """

    dimension: str
    group: str
    harms: int
    recall: Interval
    than_rest: Interval
    change: Interval
    than_rest_change: Interval
    false_omission: float

    @property
    def too_few(self) -> bool:
        """Say whether too little harm came to the group to say anything of it."""
        return self.harms < FEWEST_HARMS

    @property
    def left_out(self) -> bool:
        """Say whether it is surely found less often than the rest."""
        return not self.too_few and self.than_rest.high < 0

    @property
    def loses(self) -> bool:
        """Say whether it is surely found less often than under the other course."""
        return not self.too_few and self.change.high < 0

    @property
    def gains_less(self) -> bool:
        """Say whether it surely gains less than the rest by this course, against the other."""
        return not self.too_few and self.than_rest_change.high < 0

    @property
    def note(self) -> str:
        """Say what a reader must not overlook; empty where nothing is."""
        if self.too_few:
            return "too few to say"
        if self.left_out:
            return "found less often"
        return "found more often" if self.than_rest.low > 0 else ""


def fairness(results: Results, arm: Arm, other: Arm) -> list[Fair]:
    """Return every group under an arm, beside another one.

    Harm is that of the course in which nobody is helped, so that both arms are judged by the same.
    """
    counts = _Counts(results, arm, other)
    of = [(dimension, group) for dimension, groups in DIMENSIONS.items() for group in groups]
    known = len([1 for each in of if counts.harms(*each) >= FEWEST_HARMS])
    return [_fair(counts, dimension, group, INTERVALS * max(1, known)) for dimension, group in of]


class _Counts:
    """Counts of groups, city by city."""

    def __init__(self, results: Results, arm: Arm, other: Arm) -> None:
        self.results, self.arm, self.other = results, arm, other

    def of(self, count: str, dimension: str, group: str, arm: Arm | None = None) -> NDArray[np.float64]:
        name = f"{count}:{dimension}:{group}"
        return np.array([rows[arm or self.arm][name] for rows in self.results.values()])

    def harms(self, dimension: str, group: str) -> int:
        return int(self.of("harms", dimension, group).sum())

    def found(self, dimension: str, group: str) -> NDArray[np.float64]:
        """Return harms, those found under the arm and under the other: of the group, then of the rest."""
        of = {each: self._three(dimension, each) for each in DIMENSIONS[dimension]}
        return np.concatenate([of[group], np.sum([of[each] for each in of if each != group], axis=0)])

    def _three(self, dimension: str, group: str) -> NDArray[np.float64]:
        found = (self.of("found", dimension, group, arm) for arm in (self.arm, self.other))
        return np.array([self.of("harms", dimension, group), *found])


def _fair(counts: _Counts, dimension: str, group: str, comparisons: int) -> Fair:
    found = counts.found(dimension, group)
    omitted = float("nan")
    if dimension != "harm":
        passed = counts.of("passed_over", dimension, group).sum()
        needy = counts.of("passed_over_in_need", dimension, group).sum()
        omitted = float(needy / passed) if passed else omitted
    return Fair(
        dimension=dimension,
        group=group,
        harms=counts.harms(dimension, group),
        recall=Interval.of_sums(found, lambda of: of[1] / of[0]),
        than_rest=Interval.of_sums(found, lambda of: of[1] / of[0] - of[4] / of[3], comparisons),
        change=Interval.of_sums(found, lambda of: (of[1] - of[2]) / of[0], comparisons),
        than_rest_change=Interval.of_sums(
            found, lambda of: (of[1] - of[2]) / of[0] - (of[4] - of[5]) / of[3], comparisons
        ),
        false_omission=omitted,
    )


def table(results: Results, arm: Arm, first: Arm) -> list[tuple[object, ...]]:
    """Return the groups of an arm as the lines of a file, beside the first arm."""
    return [
        (
            *arm.cells, each.dimension, each.group, each.harms,
            *(
                _number(number)
                for of in (each.recall, each.than_rest, each.change, each.than_rest_change)
                for number in (of.mean, of.low, of.high)
            ),
            _number(each.false_omission), each.note,
        )
        for each in fairness(results, arm, first)
    ]  # fmt: skip


def _number(number: float) -> str:
    return "" if number != number else f"{number:.4g}"
