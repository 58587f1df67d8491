"""What may turn the conclusion: another day of the list, a silence, areas ranked in place of households."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eropaf.simulate.backtest.arms import Arm, Delivery
from eropaf.simulate.backtest.levers import GAIN
from eropaf.simulate.backtest.manifest import WrongStudy
from eropaf.simulate.backtest.orders import AREA
from eropaf.simulate.backtest.summary import Interval, Results, arms, difference
from eropaf.worth.folders import belong, manifest, whole


@dataclass(frozen=True, slots=True)
class ListDay:
    """How much more is wasted, and how many more in need spoken with, live, than with a list of a `day`."""

    day: int
    wasted: Interval
    spoken: Interval


@dataclass(frozen=True, slots=True)
class Silence:
    """How many more in need are spoken with where a kind of creditors says nothing than where all do."""

    kind: str
    spoken: Interval


@dataclass(frozen=True, slots=True)
class Cell:
    """How many more in need are spoken with where households are ranked than where areas are.

    `inequality` is that between areas; `workers` are full-time ones per 10,000 inhabitants.
    """

    inequality: float
    workers: float
    more: Interval


def list_days(orders: Path, folders: Sequence[Path], live: Arm) -> tuple[ListDay, ...]:
    """Return live against the monthly list under each day, by day; the intervals hold together.

    Raises:
        WrongStudy: a folder is of another study, or its cities have each a day of their own.
    """
    monthly, found = replace(live, delivery=Delivery.MONTHLY), []
    for folder in folders:
        belong(orders, folder, live.order, but=("parameters",))
        of, results = manifest(folder)["parameters"], whole(folder)
        if of["list_day_from"] != of["list_day_to"] or not {live, monthly} <= set(arms(results)):
            raise WrongStudy(
                f"{folder} holds no comparison under one list day; run `eropaf backtest --list-day 3 "
                "--delivery live --delivery monthly`"
            )
        more = {
            figure: difference(results, live, monthly, figure, 2 * len(folders))
            for figure in ("wasted", GAIN)
        }
        found.append(ListDay(int(of["list_day_from"]), more["wasted"], more[GAIN]))
    return tuple(sorted(found, key=lambda each: each.day))


def silences(orders: Path, folder: Path, live: Arm) -> tuple[Silence, ...]:
    """Return what each silence does; the intervals hold together.

    Raises:
        WrongStudy: the folder is of another study, or of another comparison.
    """
    belong(orders, folder, live.order)
    results = whole(folder)
    silent = [arm for arm in arms(results) if arm.silent and replace(arm, silent="") == live]
    if not silent or live not in arms(results):
        raise WrongStudy(f"{folder} holds no silence; run `eropaf backtest --compare silent` to its end")
    return tuple(Silence(arm.silent, difference(results, arm, live, GAIN, len(silent))) for arm in silent)


def cells(orders: Path, folders: Sequence[Path], live: Arm) -> tuple[Cell, ...]:
    """Return the map, by inequality and team; the intervals hold together.

    Raises:
        WrongStudy: a folder is of another study, or no map.
    """
    of = [(folder, _map(orders, folder, live)) for folder in folders]
    several = sum(len(teams) for _, (_, teams) in of)
    found = []
    for folder, (results, teams) in of:
        inequality = float(manifest(folder)["parameters"]["area_inequality"])
        for team in teams:
            more = difference(results, team, replace(team, order=AREA), GAIN, several)
            found.append(Cell(inequality, team.workers, more))
    return tuple(sorted(found, key=lambda each: (each.inequality, each.workers)))


def _map(orders: Path, folder: Path, live: Arm) -> tuple[Results, list[Arm]]:
    belong(orders, folder, live.order, but=("parameters",))
    results = whole(folder)
    of = arms(results)
    teams = [
        arm for arm in of if arm == replace(live, workers=arm.workers) and replace(arm, order=AREA) in of
    ]
    if len(teams) < 2:
        raise WrongStudy(f"{folder} holds no map; run `eropaf backtest --compare map` to its end")
    return results, teams
