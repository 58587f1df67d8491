"""What the page says, as numbers: from the folders that `eropaf backtest` wrote."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from eropaf.simulate.backtest.arms import Arm, Delivery, Effect, Ties
from eropaf.simulate.backtest.fairness import Fair, fairness
from eropaf.simulate.backtest.levers import GAIN, Lever, levers
from eropaf.simulate.backtest.manifest import WrongStudy
from eropaf.simulate.backtest.orders import BASELINES, OLDEST_FIRST
from eropaf.simulate.backtest.regret import JUDGED_BY, MARGIN
from eropaf.simulate.backtest.summary import Interval, Results, arms, difference, interval
from eropaf.simulate.years.page import parameters_table
from eropaf.simulate.years.parameters import Parameters
from eropaf.worth.folders import belong, manifest, whole
from eropaf.worth.turning import Cell, ListDay, Silence, cells, list_days, silences

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
class Verdict:
    """Whether the policy does better than oldest first where help works for some more than for others.

    A loss is said where the interval by itself (`more`) shows one: a warning waits for no other. A gain is
    said where those of all verdicts together show it. `oldest` is what oldest first gets.
    """

    effect: str
    figure: str
    more: Interval
    together: Interval
    oldest: float

    @property
    def state(self) -> Literal["better", "worse", "as good", "unknown"]:
        """Return what is shown; as good is no more than `MARGIN` less, surely."""
        if self.together.low > 0:
            return "better"
        if self.more.high < 0:
            return "worse"
        return "as good" if self.more.low >= -MARGIN * self.oldest else "unknown"


@dataclass(frozen=True, slots=True)
class Folders:
    """Where what was run lies: a comparison of orders, and what else there is."""

    orders: Path
    levers: Path | None = None
    effects: Path | None = None
    calibration: Path | None = None
    list_days: Sequence[Path] = ()
    silent: Path | None = None
    maps: Sequence[Path] = ()

    @property
    def all(self) -> list[Path]:
        """Return those that there are."""
        several = (self.orders, self.levers, self.effects, *self.list_days, self.silent, *self.maps)
        return [each for each in (*several, self.calibration) if each is not None]


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
    lever_cities: int = 0
    verdicts: tuple[Verdict, ...] = ()
    leasts: tuple[Verdict, ...] = ()
    calibration: Calibration | None = None
    least: Interval | None = None
    list_days: tuple[ListDay, ...] = ()
    silences: tuple[Silence, ...] = ()
    cells: tuple[Cell, ...] = ()

    @property
    def left_out(self) -> tuple[Fair, ...]:
        """Return the groups of households that are surely found less often than others, live."""
        return tuple(each for each in self.groups if each.left_out and each.dimension != "harm")


def facts(of: Folders) -> Facts:
    """Return what the page says, of the folder of a comparison of orders, and of others where there are any.

    Raises:
        WrongStudy: a folder holds no such comparison, or too few cities, or is of another city or policy.
    """
    orders, results, told = of.orders, whole(of.orders), manifest(of.orders)
    live = next((arm for arm in arms(results) if arm.order not in BASELINES), None)
    if live is None or live.delivery is not Delivery.LIVE:
        raise WrongStudy(f"{orders} holds no comparison of orders that begins with a policy, live")
    monthly, worst = replace(live, delivery=Delivery.MONTHLY), replace(live, ties=Ties.AGAINST)
    if monthly not in arms(results):
        raise WrongStudy(f"{orders} holds no monthly file; run it with --delivery live --delivery monthly")
    others = [arm for arm in arms(results) if arm.order in BASELINES and arm.delivery is Delivery.LIVE]
    return Facts(
        policy=live.order,
        cities=len(results),
        dwellings=told["dwellings"],
        workers=live.workers,
        version=told["eropaf"],
        delivery=changes(results, live, monthly),
        baselines={arm.order: changes(results, live, arm, len(others) * len(COMPARED)) for arm in others},
        groups=tuple(fairness(results, live, monthly)),
        costs=(
            interval(results, live, "cost_eur"),
            interval(results, live, "averted_evictions"),
            interval(results, live, "accepted"),
        ),
        levers=() if of.levers is None else _levers(orders, of.levers, live),
        lever_cities=0 if of.levers is None else len(whole(of.levers)),
        verdicts=() if of.effects is None else _verdicts(orders, of.effects, live, Ties.LOT),
        leasts=() if of.effects is None else _verdicts(orders, of.effects, live, Ties.AGAINST),
        calibration=None if of.calibration is None else _calibration(of.calibration, told["parameters"]),
        least=difference(results, worst, live, GAIN) if worst in arms(results) else None,
        list_days=list_days(orders, of.list_days, live),
        silences=() if of.silent is None else silences(orders, of.silent, live),
        cells=cells(orders, of.maps, live),
    )


def changes(results: Results, here: Arm, there: Arm, comparisons: int = 1) -> tuple[Change, ...]:
    """Return the figures of two courses beside each other; so many intervals hold together."""
    return tuple(
        Change(
            figure,
            interval(results, here, figure),
            interval(results, there, figure),
            difference(results, here, there, figure, comparisons),
        )
        for figure in COMPARED
    )


def _levers(orders: Path, folder: Path, live: Arm) -> tuple[Lever, ...]:
    belong(orders, folder, live.order)
    results = whole(folder)
    compared = arms(results)
    first = compared[0]
    if first.delivery is not Delivery.MONTHLY or replace(first, delivery=Delivery.LIVE) not in compared:
        raise WrongStudy(f"{folder} holds no levers; run `eropaf backtest --compare levers` to its end")
    return tuple(levers(results, compared))


def _verdicts(orders: Path, folder: Path, live: Arm, ties: Ties) -> tuple[Verdict, ...]:
    """Return them. Seeds may differ: a policy is to be judged on other cities than it was chosen on."""
    belong(orders, folder, live.order)
    results = whole(folder)
    of = [replace(live, effect=effect, ties=ties) for effect in Effect]
    against = [Arm(OLDEST_FIRST, live.delivery, live.workers, live.channel, arm.effect) for arm in of]
    if not {*of, *against} <= set(arms(results)):
        raise WrongStudy(
            f"{folder} holds no models of help; run `eropaf backtest --compare effects` to its end"
        )
    several = len(of) * len(JUDGED_BY)
    return tuple(
        Verdict(
            effect=arm.effect,
            figure=figure,
            more=difference(results, arm, oldest, figure),
            together=difference(results, arm, oldest, figure, several),
            oldest=interval(results, oldest, figure).mean,
        )
        for arm, oldest in zip(of, against, strict=True)
        for figure in JUDGED_BY
    )


def _calibration(page: Path, parameters: dict[str, Any]) -> Calibration:
    try:
        text = page.read_text("utf-8")
    except OSError as error:
        raise WrongStudy(f"cannot read {page} ({error.strerror})") from None
    found = IN_SHORT.search(text)
    if found is None:
        raise WrongStudy(f"{page} is not a page of `eropaf simulate calibrate`")
    if parameters_table(Parameters(**parameters)) not in text:
        raise WrongStudy(f"{page} is of a city with other parameters than the backtest's")
    fitted, fitted_met, held_out, held_out_met = (int(number) for number in found.groups())
    return Calibration(fitted, fitted_met, held_out, held_out_met)
