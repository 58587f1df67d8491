"""What came of everybody as drawn: outcomes from a file, laid beside the draw, and analysed."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

import numpy as np

from eropaf.trial.draw import ARMS
from eropaf.trial.effect import Effect, TooFew
from eropaf.trial.files import drawn, read_plan
from eropaf.trial.lots import Tables, of_lots
from eropaf.trial.plan import Design, Plan
from eropaf.trial.table import Rows, read, whole
from eropaf.trial.wedge import of_wedge
from eropaf_client.errors import FileRefused, Problem
from eropaf_client.files.understood import counted

OUTCOMES = {Design.LOTS: ("household", "outcome"), Design.WEDGE: ("area", "period", "households", "outcomes")}
KEY = {Design.LOTS: ("household",), Design.WEDGE: ("area", "period")}


def analyse(folder: Path, source: Path) -> tuple[list[str], Effect | None]:
    """Return who is counted and who is missing, and what the trial found.

    Where outcomes are too few for an interval there is no effect, and the last sentence says so.

    Raises:
        WrongPlan: there is no plan or no draw, or one of them is not as it was.
        FileRefused: the outcomes cannot be used.
    """
    plan = read_plan(folder)
    as_drawn = drawn(folder)
    found = read(source, OUTCOMES[plan.design], KEY[plan.design])
    if plan.design is Design.WEDGE:
        return _wedge(plan, found, as_drawn)
    told, tables = _lots(found, as_drawn)
    try:
        return told, of_lots(tables)
    except TooFew as error:
        return [*told, str(error)], None


def _lots(found: Rows, as_drawn: Rows) -> tuple[list[str], Tables]:
    of = {household: (stratum, arm) for household, stratum, arm in (row.said for row in as_drawn.rows)}
    found.refuse(lambda row: _outcome(row.said, of.keys()))
    place = {
        stratum: number for number, stratum in enumerate(sorted({stratum for stratum, _ in of.values()}))
    }
    mine = [of[row.said[0]] for row in found.rows]
    had = np.array([row.said[1] == "1" for row in found.rows])
    first = np.array([arm == ARMS[0] for _, arm in mine])
    tables = Tables.of(had, first, np.array([place[stratum] for stratum, _ in mine], np.intp))
    told = []
    for arm, known, with_it in (
        (ARMS[0], tables.first, tables.had_first),
        (ARMS[1], tables.later, tables.had_later),
    ):
        of_arm = sum(each == arm for _, each in of.values())
        told.append(
            f"{arm}: {known.sum():.0f} of {of_arm} drawn have an outcome, {with_it.sum():.0f} have it"
        )
    unpaired = int(tables.households.sum() - tables.compared().households.sum())
    if unpaired:
        told.append(
            f"{counted(unpaired, 'household')} not counted: nobody of the stratum's other arm has an outcome"
        )
    return told, tables


def _outcome(said: tuple[str, ...], known: Container[str]) -> str | None:
    """Return what is wrong with a household's line."""
    household, outcome = said
    if household not in known:
        return "the household was not drawn in this trial"
    return None if outcome in ("0", "1") else "the outcome must be 1 or 0"


def _wedge(plan: Plan, found: Rows, as_drawn: Rows) -> tuple[list[str], Effect]:
    place = {row.said[0]: number for number, row in enumerate(as_drawn.rows)}
    found.refuse(lambda row: _cell(plan, row.said, place))
    share = np.full((len(place), plan.periods), np.nan)
    for row in found.rows:
        area, period, households, outcomes = row.said
        share[place[area], int(period) - 1] = int(outcomes) / int(households)
    missing = [
        Problem("file", f"has no line for area {area} in period {period}; every area needs every period")
        for area, at in place.items()
        for period in range(1, plan.periods + 1)
        if np.isnan(share[at, period - 1])
    ]
    if missing:
        raise FileRefused(str(found.path), missing)
    begins = np.array([int(row.said[1]) for row in as_drawn.rows], np.intp)
    return [f"{len(place)} areas in {plan.periods} periods, none missing"], of_wedge(share, begins)


def _cell(plan: Plan, said: tuple[str, ...], place: dict[str, int]) -> str | None:
    """Return what is wrong with the line of an area in a period."""
    area, *numbers = said
    if area not in place:
        return "the area was not drawn in this trial"
    period, households, outcomes = map(whole, numbers)
    if period is None or households is None or outcomes is None:
        return "period, households and outcomes must be whole numbers, in digits alone"
    if not 1 <= period <= plan.periods:
        return f"the period must be 1 to {plan.periods}"
    if not 0 <= outcomes <= households or not households:
        return "outcomes must be no more than households, of whom there is one at least"
    return None
