"""Who in need is left out, by group, with intervals; groups too small to say are said to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eropaf.simulate.backtest.arms import Arm
from eropaf.simulate.backtest.groups import DIMENSIONS
from eropaf.simulate.backtest.summary import CONFIDENCE, Results, choices

# With fewer harms than this in all cities a group's recall says little, however near it is.
FEWEST_HARMS = 100
FAIRNESS_HEAD = (
    "order", "delivery", "dimension", "group", "harms", "recall", "low", "high", "to_all", "to_all_low",
    "to_all_high", "false_omission", "note",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fair:
    """A group's recall, and how many times that of all it is, with 95 % intervals over resampled cities.

    `false_omission` is the share of those on the list whom nobody visited or called and who come to harm.
    """

    dimension: str
    group: str
    harms: int
    recall: tuple[float, float, float]
    to_all: tuple[float, float, float]
    false_omission: float

    @property
    def note(self) -> str:
        """Say what a reader must not overlook; empty where nothing is."""
        if self.harms < FEWEST_HARMS:
            return "too few to say"
        _, low, high = self.to_all
        return "found less often" if high < 1 else "found more often" if low > 1 else ""


def fairness(results: Results, arm: Arm) -> Iterator[Fair]:
    """Yield every group under an arm."""
    picks = choices(len(results))

    def counts(count: str, dimension: str, group: str) -> NDArray[np.float64]:
        return np.array([rows[arm][f"{count}:{dimension}:{group}"] for rows in results.values()])

    kinds = DIMENSIONS["harm"]
    all_harms = np.sum([counts("harms", "harm", kind) for kind in kinds], axis=0)
    all_found = np.sum([counts("found", "harm", kind) for kind in kinds], axis=0)
    for dimension, groups in DIMENSIONS.items():
        for group in groups:
            harms, found = counts("harms", dimension, group), counts("found", dimension, group)
            of = [(harms.sum(), found.sum(), all_harms.sum(), all_found.sum())]
            of += [tuple(each[pick].sum() for each in (harms, found, all_harms, all_found)) for pick in picks]
            table = np.array(of)
            with np.errstate(invalid="ignore", divide="ignore"):
                recall = table[:, 1] / table[:, 0]
                to_all = recall / (table[:, 3] / table[:, 2])
            omitted = float("nan")
            if dimension != "harm":
                passed = counts("passed_over", dimension, group).sum()
                omitted = (
                    counts("passed_over_in_need", dimension, group).sum() / passed if passed else omitted
                )
            yield Fair(
                dimension=dimension,
                group=group,
                harms=int(harms.sum()),
                recall=_interval(recall),
                to_all=_interval(to_all),
                false_omission=float(omitted),
            )


def table(results: Results, arm: Arm) -> list[tuple[object, ...]]:
    """Return the groups of an arm as the lines of a file."""
    return [
        (
            arm.order, arm.delivery, each.dimension, each.group, each.harms,
            *(_number(number) for number in (*each.recall, *each.to_all, each.false_omission)), each.note,
        )
        for each in fairness(results, arm)
    ]  # fmt: skip


def _interval(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the first value, with the interval of the others."""
    tail = 100 * (1 - CONFIDENCE) / 2
    known = values[1:][~np.isnan(values[1:])]
    if not len(known):
        return (float("nan"),) * 3
    low, high = np.percentile(known, (tail, 100 - tail))
    return float(values[0]), float(low), float(high)


def _number(number: float) -> str:
    return "" if number != number else f"{number:.4g}"
