"""What the page says, as numbers: from the folders that `eropaf backtest` wrote."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eropaf.simulate.backtest.arms import Arm, Delivery, Effect
from eropaf.simulate.backtest.fairness import Fair, fairness
from eropaf.simulate.backtest.levers import Lever, levers
from eropaf.simulate.backtest.manifest import MANIFEST, WrongStudy
from eropaf.simulate.backtest.orders import BASELINES, OLDEST_FIRST
from eropaf.simulate.backtest.regret import JUDGED_BY
from eropaf.simulate.backtest.study import RESULTS, read
from eropaf.simulate.backtest.summary import Interval, Results, arms, difference, interval
from eropaf.simulate.years.page import parameters_table
from eropaf.simulate.years.parameters import Parameters

IN_SHORT = re.compile(
    r"Of (\d+) targets that were fitted (\d+) are met, of (\d+) held-out ones \*\*(\d+)\*\*"
)
# What of two folders must be the same: otherwise a page says of one city what was found in another.
SAME = ("eropaf", "code", "numpy", "dwellings", "months", "parameters", "seeds")
COMPARED = ("wasted", "precision", "recall", "spoken_in_need", "days_to_talk", "averted")


@dataclass(frozen=True, slots=True)
class Change:
    """A figure under the first course, under the other, and by how much the first is higher."""

    figure: str
    here: Interval
    there: Interval
    more: Interval


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the policy does better than oldest first where help works for some more than for others.

    The intervals of all verdicts together hold the truth in 95 % of studies.
    """

    effect: str
    figure: str
    more: Interval


@dataclass(frozen=True, slots=True)
class Calibration:
    """How many figures were met, of those that the city was fitted to and of those that were held out."""

    fitted: int
    fitted_met: int
    held_out: int
    held_out_met: int


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the page says. What was not run is empty, and is said to be."""

    policy: str
    cities: int
    dwellings: int
    workers: float
    version: str
    delivery: tuple[Change, ...]
    baselines: dict[str, tuple[Change, ...]]
    groups: tuple[Fair, ...]
    costs: tuple[Interval, Interval, Interval]
    levers: tuple[Lever, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    calibration: Calibration | None = None

    @property
    def left_out(self) -> tuple[Fair, ...]:
        """Return the groups of households that are surely found less often than others, live."""
        return tuple(each for each in self.groups if each.left_out and each.dimension != "harm")


def facts(
    orders: Path,
    levers_of: Path | None = None,
    effects: Path | None = None,
    calibration: Path | None = None,
) -> Facts:
    """Return what the page says, of the folder of a comparison of orders, and of others where there are any.

    Raises:
        WrongStudy: a folder holds no such comparison, or too few cities, or is of another city or policy.
    """
    results, manifest = _whole(orders), _manifest(orders)
    live = next((arm for arm in arms(results) if arm.order not in BASELINES), None)
    if live is None or live.delivery is not Delivery.LIVE:
        raise WrongStudy(f"{orders} holds no comparison of orders that begins with a policy, live")
    monthly = replace(live, delivery=Delivery.MONTHLY)
    if monthly not in arms(results):
        raise WrongStudy(f"{orders} holds no monthly file; run it with --delivery live --delivery monthly")
    for other in (levers_of, effects):
        if other is not None:
            _belong(orders, manifest, other, live.order)
    others = [arm for arm in arms(results) if arm.order in BASELINES and arm.delivery is Delivery.LIVE]
    return Facts(
        policy=live.order,
        cities=len(results),
        dwellings=manifest["dwellings"],
        workers=live.workers,
        version=manifest["eropaf"],
        delivery=changes(results, live, monthly),
        baselines={arm.order: changes(results, live, arm) for arm in others},
        groups=tuple(fairness(results, live, monthly)),
        costs=(
            interval(results, live, "cost_eur"),
            interval(results, live, "averted_evictions"),
            interval(results, live, "accepted"),
        ),
        levers=() if levers_of is None else _levers(levers_of),
        verdicts=() if effects is None else _verdicts(effects, live),
        calibration=None if calibration is None else _calibration(calibration, manifest["parameters"]),
    )


def changes(results: Results, here: Arm, there: Arm) -> tuple[Change, ...]:
    """Return the figures of two courses beside each other."""
    return tuple(
        Change(
            figure,
            interval(results, here, figure),
            interval(results, there, figure),
            difference(results, here, there, figure),
        )
        for figure in COMPARED
    )


def _whole(folder: Path) -> Results:
    """Return the cities that were lived through under every arm."""
    results = read(folder / RESULTS)
    most = max((len(rows) for rows in results.values()), default=0)
    whole = {seed: rows for seed, rows in results.items() if len(rows) == most}
    if len(whole) < 2:
        raise WrongStudy(
            f"{folder} holds {len(whole)} whole cities; an interval needs two, and a decision many more"
        )
    return whole


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except OSError as error:
        raise WrongStudy(f"cannot read {folder / MANIFEST} ({error.strerror})") from None
    except ValueError:
        raise WrongStudy(f"{folder / MANIFEST} is no manifest of a backtest") from None
    if not isinstance(manifest, dict) or not {*SAME, "policies"} <= manifest.keys():
        raise WrongStudy(f"{folder / MANIFEST} is no manifest of a backtest of this version; run it anew")
    return manifest


def _belong(orders: Path, manifest: dict[str, Any], other: Path, policy: str) -> None:
    """Refuse a folder of another city, other code, or another policy than that of the orders."""
    its = _manifest(other)
    differ = [name for name in SAME if its[name] != manifest[name]]
    if its["policies"].get(policy) != manifest["policies"][policy]:
        differ.append(f"policy {policy}")
    if differ:
        raise WrongStudy(
            f"{orders} and {other} do not belong together: {', '.join(differ)} differ. Run both with the "
            "same options"
        )


def _levers(folder: Path) -> tuple[Lever, ...]:
    results = _whole(folder)
    compared = arms(results)
    first = compared[0]
    if first.delivery is not Delivery.MONTHLY or replace(first, delivery=Delivery.LIVE) not in compared:
        raise WrongStudy(f"{folder} holds no levers; run `eropaf backtest --compare levers` to its end")
    return tuple(levers(results, compared))


def _verdicts(folder: Path, live: Arm) -> tuple[Verdict, ...]:
    results = _whole(folder)
    of = [replace(live, effect=effect) for effect in Effect]
    if not {*of, *(replace(arm, order=OLDEST_FIRST) for arm in of)} <= set(arms(results)):
        raise WrongStudy(
            f"{folder} holds no models of help; run `eropaf backtest --compare effects` to its end"
        )
    several = len(of) * len(JUDGED_BY)
    return tuple(
        Verdict(
            arm.effect, figure, difference(results, arm, replace(arm, order=OLDEST_FIRST), figure, several)
        )
        for arm in of
        for figure in JUDGED_BY
    )


def _calibration(page: Path, parameters: dict[str, Any]) -> Calibration:
    try:
        text = page.read_text("utf-8")
    except OSError as error:
        raise WrongStudy(f"cannot read {page} ({error.strerror})") from None
    found = IN_SHORT.search(text)
    if found is None:
        raise WrongStudy(f"{page} is no page of `eropaf simulate calibrate`")
    if parameters_table(Parameters(**parameters)) not in text:
        raise WrongStudy(f"{page} is of a city with other parameters than the backtest's")
    fitted, fitted_met, held_out, held_out_met = (int(number) for number in found.groups())
    return Calibration(fitted, fitted_met, held_out, held_out_met)
