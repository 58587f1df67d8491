"""Who in need is left out: harm and attempts by group of households, as counts that add up over cities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eropaf.simulate.backtest.harms import KINDS
from eropaf.simulate.years.creditors import Habits
from eropaf.simulate.years.population import AREAS, Form, Income, Population, Tenancy
from eropaf.simulate.years.sectors import HEALTH

COUNTS = ("harms", "found", "passed_over", "passed_over_in_need")
TELLING = ("silent", "tells")
# Dimension by dimension, its groups by their codes. Age is known as living on a state pension alone; which
# creditor is owed follows from the kind of harm.
DIMENSIONS: dict[str, tuple[str, ...]] = {
    "area": AREAS,
    "form": tuple(form.name for form in Form),
    "income": tuple(income.name for income in Income),
    "tenancy": tuple(tenancy.name for tenancy in Tenancy),
    "insurer": TELLING,
    "harm": KINDS,
}
COLUMNS = tuple(
    f"{count}:{dimension}:{group}"
    for dimension, groups in DIMENSIONS.items()
    for group in groups
    for count in COUNTS
    if dimension != "harm" or count in COUNTS[:2]
)


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """What is counted: each harm's household, kind and whether it was found in time, and who was passed over.

    `passed_over` are households that were on the list and neither visited nor called; `in_need` says which of
    them unhelped come to harm within a year of the first day on which they were listed.
    """

    harmed: NDArray[np.int64]
    kind: NDArray[np.int64]
    found: NDArray[np.bool_]
    passed_over: NDArray[np.int64]
    in_need: NDArray[np.bool_]


def codes(population: Population, habits: Habits) -> dict[str, NDArray[np.integer]]:
    """Return the group of each household in every dimension but that of harm."""
    return {
        "area": population.area,
        "form": population.form,
        "income": population.income,
        "tenancy": population.tenancy,
        "insurer": habits.tells[HEALTH, habits.creditor[HEALTH]].astype(np.int8),
    }


def counted(tally: Tally, of: Mapping[str, NDArray[np.integer]]) -> dict[str, float]:
    """Return the counts of every group, by column."""
    return dict(_counted(tally, of))


def _counted(tally: Tally, of: Mapping[str, NDArray[np.integer]]) -> Iterator[tuple[str, float]]:
    needy = tally.passed_over[tally.in_need]
    for dimension, groups in DIMENSIONS.items():
        code = tally.kind if dimension == "harm" else of[dimension][tally.harmed]
        by_count = {"harms": code, "found": code[tally.found]}
        if dimension != "harm":
            by_count["passed_over"] = of[dimension][tally.passed_over]
            by_count["passed_over_in_need"] = of[dimension][needy]
        for count, codes_of in by_count.items():
            numbers = np.bincount(codes_of, minlength=len(groups))
            for group, number in zip(groups, numbers, strict=True):
                yield f"{count}:{dimension}:{group}", float(number)
