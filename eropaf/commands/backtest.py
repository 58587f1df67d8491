"""`eropaf backtest`: what a policy, a delivery and a team gain, on a simulated city."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from eropaf.commands.compared import texts_by_version
from eropaf.simulate.backtest.arms import WORKERS, Arm, Channel, Delivery, WrongArm
from eropaf.simulate.backtest.fairness import FAIRNESS_HEAD, table
from eropaf.simulate.backtest.levers import LEVERS_HEAD, levers
from eropaf.simulate.backtest.manifest import WrongStudy
from eropaf.simulate.backtest.orders import BASELINES
from eropaf.simulate.backtest.plans import Compare, arms
from eropaf.simulate.backtest.regret import REGRET_HEAD, regrets, worse_than_oldest_first
from eropaf.simulate.backtest.study import RESULTS, Study, read, run
from eropaf.simulate.backtest.summary import SUMMARY_HEAD, Results, difference, interval, summary
from eropaf.simulate.years.fit import ROUNDS_ANEW, anew
from eropaf.simulate.years.parameters import OutOfRange, Parameters
from eropaf_client.files.writing import csv_line, in_its_place

# Options that each comparison reads, beside those that all do.
READ = {
    Compare.ORDERS: {"--delivery", "--workers", "--channel", "--baseline", "a second --policy"},
    Compare.LEVERS: {"a second --policy"},
    Compare.EFFECTS: {"--baseline", "a second --policy"},
    Compare.MAP: set[str](),
    Compare.SILENT: set[str](),
}
SHOWN_FIGURES = ("spoken_in_need", "precision", "recall", "wasted", "days_to_talk", "averted")


def backtest(
    out: Annotated[
        Path, typer.Option(help="A folder for the results; one that holds this backtest goes on.")
    ],
    policy: Annotated[
        list[str] | None, typer.Option(help="A policy file, or a shipped one; may be said several times.")
    ] = None,
    compare: Annotated[
        Compare,
        typer.Option(
            help="Orders and deliveries; levers, in visits and calls; models of what help does; a map: "
            "households or areas, by size of the team; or a kind of creditors that is silent."
        ),
    ] = Compare.ORDERS,
    dwellings: Annotated[int, typer.Option(min=1000, max=1_000_000, help="Households of each city.")] = 5_000,
    years: Annotated[int, typer.Option(min=1, max=10, help="Years that count.")] = 1,
    seeds: Annotated[
        int, typer.Option(min=2, max=100_000, help="Cities: as many as the interval needs.")
    ] = 200,
    first_seed: Annotated[int, typer.Option(min=0, help="Seed of the first city.")] = 1,
    baseline: Annotated[
        list[str] | None,
        typer.Option(help=f"Held beside the policy: {', '.join(BASELINES)}; without it, all."),
    ] = None,
    delivery: Annotated[list[Delivery] | None, typer.Option(help="Of orders; without it, all three.")] = None,
    workers: Annotated[
        list[float] | None, typer.Option(help="Of orders: full-time workers per 10,000 inhabitants.")
    ] = None,
    channel: Annotated[
        list[Channel] | None, typer.Option(help="Of orders: how a team spends its hours.")
    ] = None,
    inequality: Annotated[
        float | None,
        typer.Option(help="How unequal households of a neighbourhood are, from 0.2 to 1.6 (1)."),
    ] = None,
    area_inequality: Annotated[
        float | None, typer.Option(help="How unequal neighbourhoods are, from 0 to 1.2 (0.45).")
    ] = None,
    list_day: Annotated[
        int | None,
        typer.Option(help="Day of the monthly list, from 3 to 28; without it, each city has one of its own."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Cities that are lived through at once.")] = 1,
) -> None:
    """Live through the same cities under every order and delivery.

    Says what differs, with 95 % intervals. A city that differs from the calibrated one (inequality, list day)
    is fitted to the published figures again, so that it differs in nothing else. Writes results.csv (one row
    per city and course), summary.csv, fairness.csv and manifest.json.
    """
    policies = texts_by_version(policy or ["amsterdam-example"])
    given = {
        "--delivery": delivery,
        "--workers": workers,
        "--channel": channel,
        "--baseline": baseline,
        "a second --policy": policy and policy[1:],
    }
    _refuse_unread(compare, {option for option, value in given.items() if value})
    try:
        compared = arms(
            compare,
            tuple(policies),
            tuple(delivery or Delivery),
            tuple(workers or (WORKERS,)),
            tuple(channel or (Channel.MIXED,)),
            tuple(baseline or BASELINES),
        )
        changed = {
            "inequality": inequality,
            "area_inequality": area_inequality,
            "list_day_from": list_day,
            "list_day_to": list_day,
        }
        city = Parameters(**{name: value for name, value in changed.items() if value is not None})
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as progress:
            if city != Parameters():
                fit = progress.add_task("Fitting the city again", total=ROUNDS_ANEW)
                city = anew(city, lambda: progress.advance(fit))
            study = Study(dwellings, 12 * years, compared, policies, city)
            task = progress.add_task("Cities", total=seeds)
            wanted = range(first_seed, first_seed + seeds)
            run(study, wanted, out, jobs, lambda: progress.advance(task))
        results = read(out / RESULTS)
    except (WrongArm, WrongStudy, OutOfRange) as error:
        raise typer.BadParameter(str(error)) from None
    _write_down(results, compare, compared, tuple(policies), out)
    typer.echo(f"Written: {out}")


def _write_down(
    results: Results, compare: Compare, compared: tuple[Arm, ...], policies: tuple[str, ...], out: Path
) -> None:
    """Write what the results come to beside them, and say the most of it."""
    _write(out / "summary.csv", SUMMARY_HEAD, summary(results))
    fair = [line for arm in compared if arm.order in policies for line in table(results, arm, compared[0])]
    _write(out / "fairness.csv", FAIRNESS_HEAD, fair)
    _tell(results, compared)
    if compare is Compare.LEVERS:
        found = levers(results, compared)
        _write(out / "levers.csv", LEVERS_HEAD, [each.cells() for each in found])
        for each in found:
            typer.echo(f"{each.name}: {each.said}")
    if compare is Compare.EFFECTS:
        _write(out / "regret.csv", REGRET_HEAD, regrets(results))
        for sentence in worse_than_oldest_first(results, policies[0]):
            typer.echo(sentence)


def _refuse_unread(compare: Compare, given: set[str]) -> None:
    """Refuse options that a comparison does not read: who gave one believes that it counts."""
    if unread := sorted(given - READ[compare]):
        raise typer.BadParameter(
            f"--compare {compare} takes no {' and no '.join(unread)}; leave it out, or compare orders"
        )


def _tell(results: Results, compared: tuple[Arm, ...]) -> None:
    first = compared[0]
    typer.echo(
        f"{first.name}: " + "; ".join(f"{name} {interval(results, first, name)}" for name in SHOWN_FIGURES)
    )
    for arm in compared[1:]:
        told = (f"{name} {difference(results, arm, first, name)}" for name in SHOWN_FIGURES)
        typer.echo(f"{arm.name}, against the first: " + "; ".join(told))


def _write(path: Path, head: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    with in_its_place(path, replace=True) as file:
        for row in (head, *rows):
            file.write(csv_line([str(cell) for cell in row]).encode())
