"""What the page says, as numbers: from the folders that `eropaf backtest` wrote."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eropaf.simulate.backtest.arms import Arm, Delivery
from eropaf.simulate.backtest.fairness import Fair, fairness
from eropaf.simulate.backtest.manifest import MANIFEST, WrongStudy
from eropaf.simulate.backtest.orders import BASELINES, OLDEST_FIRST
from eropaf.simulate.backtest.study import RESULTS, read
from eropaf.simulate.backtest.summary import Interval, Results, arms, difference, interval

IN_SHORT = re.compile(
    r"Of (\d+) targets that were fitted (\d+) are met, of (\d+) held-out ones \*\*(\d+)\*\*"
)
COMPARED = ("wasted", "precision", "recall", "spoken_in_need", "days_to_talk", "averted")


@dataclass(frozen=True, slots=True)
class Change:
    """A figure under the first course, under the other, and by how much the first is higher."""

    figure: str
    here: Interval
    there: Interval
    more: Interval


@dataclass(frozen=True, slots=True)
class Lever:
    """What a lever is worth, in full-time workers per 10,000 inhabitants, with its interval."""

    name: str
    workers: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the policy does better than oldest first where help works for some more than for others."""

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
        """Return the groups that are surely found less often than others."""
        return tuple(
            each for each in self.groups if each.note == "found less often" and each.dimension != "harm"
        )

    @property
    def too_small(self) -> tuple[Fair, ...]:
        """Return the groups of which too little harm came to say."""
        return tuple(each for each in self.groups if each.note == "too few to say")


def facts(
    orders: Path, levers: Path | None = None, effects: Path | None = None, calibration: Path | None = None
) -> Facts:
    """Return what the page says, of the folder of a comparison of orders, and of others where there are any.

    Raises:
        WrongStudy: a folder holds no such comparison, or too few cities.
    """
    results = _whole(orders)
    live = next((arm for arm in arms(results) if arm.order not in BASELINES), None)
    if live is None or live.delivery is not Delivery.LIVE:
        raise WrongStudy(f"{orders} holds no comparison of orders that begins with a policy, live")
    monthly = replace(live, delivery=Delivery.MONTHLY)
    if monthly not in arms(results):
        raise WrongStudy(f"{orders} holds no monthly file; run it with --delivery live --delivery monthly")
    manifest = json.loads((orders / MANIFEST).read_text("utf-8"))
    others = [arm for arm in arms(results) if arm.order in BASELINES and arm.delivery is Delivery.LIVE]
    return Facts(
        policy=live.order,
        cities=len(results),
        dwellings=manifest["dwellings"],
        workers=live.workers,
        version=manifest["eropaf"],
        delivery=changes(results, live, monthly),
        baselines={arm.order: changes(results, live, arm) for arm in others},
        groups=tuple(fairness(results, live)),
        costs=(
            interval(results, live, "cost_eur"),
            interval(results, live, "averted_evictions"),
            interval(results, live, "accepted"),
        ),
        levers=() if levers is None else _levers(levers),
        verdicts=() if effects is None else _verdicts(_whole(effects), live.order),
        calibration=None if calibration is None else _calibration(calibration),
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


def _levers(folder: Path) -> tuple[Lever, ...]:
    try:
        with (folder / "levers.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError:
        raise WrongStudy(
            f"{folder} holds no levers; run `eropaf backtest --compare levers` to its end"
        ) from None
    return tuple(
        Lever(row["lever"], float(row["workers_more"]), float(row["low"]), float(row["high"])) for row in rows
    )


def _verdicts(results: Results, policy: str) -> tuple[Verdict, ...]:
    of: Sequence[Arm] = [arm for arm in arms(results) if arm.order == policy]
    return tuple(
        Verdict(arm.effect, figure, difference(results, arm, replace(arm, order=OLDEST_FIRST), figure))
        for arm in of
        for figure in ("spoken_in_need", "averted")
    )


def _calibration(page: Path) -> Calibration:
    try:
        found = IN_SHORT.search(page.read_text("utf-8"))
    except OSError as error:
        raise WrongStudy(f"cannot read {page} ({error.strerror})") from None
    if found is None:
        raise WrongStudy(f"{page} is no page of `eropaf simulate calibrate`")
    fitted, fitted_met, held_out, held_out_met = (int(number) for number in found.groups())
    return Calibration(fitted, fitted_met, held_out, held_out_met)
