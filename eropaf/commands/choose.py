"""`eropaf choose`: points for a policy, chosen on some simulated cities and judged on others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from eropaf.choosing.cities import Place, judged
from eropaf.choosing.judging import JUDGED_HEAD, Chosen, Finalists, finalists, told
from eropaf.choosing.points import KNOBS, NotChosen, numbers_of, policy_of, with_numbers
from eropaf.choosing.search import Search, front
from eropaf.risk.policy import Policy
from eropaf.settings.policy import policy_text
from eropaf.simulate.backtest.summary import Interval
from eropaf.worth.plots import dots, intervals
from eropaf_client.files.writing import csv_line, in_its_place

By = Literal["recall", "spoken_in_need", "averted"]
LESS = "wasted"


def choose(
    out: Annotated[Path, typer.Option(help="A folder for the policy, the tables and the plots.")],
    policy: Annotated[
        str, typer.Option(help="A policy file, or a shipped one, to begin with.")
    ] = "amsterdam-example",
    by: Annotated[By, typer.Option(help="What is to be as high as can be.")] = "recall",
    seeds: Annotated[int, typer.Option(min=2, help="Cities on which points are chosen.")] = 8,
    others: Annotated[int, typer.Option(min=2, help="Other cities, on which they are judged.")] = 24,
    first_seed: Annotated[int, typer.Option(min=0, help="Seed of the first city.")] = 2001,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of the search, of fourteen policies each.")] = 5,
    dwellings: Annotated[int, typer.Option(min=1000, max=1_000_000, help="Households of each city.")] = 5_000,
) -> None:
    """Choose a policy's points by what they gain, within lawful bounds.

    What the law decides is not turned, nor how much work the bands ask for. What was chosen on some cities is
    judged on others: part of its gain was their luck.
    """
    text = policy_text(policy)
    version = Policy.parse(text).version
    try:
        start = numbers_of(text)
    except NotChosen as error:
        raise typer.BadParameter(str(error)) from None
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("Rounds", total=rounds)
        chosen_on = range(first_seed, first_seed + seeds)
        places = [Place.of(seed, dwellings, policy_of(text, start)) for seed in chosen_on]
        search = Search(text, start, places, by)
        search.run(rounds, first_seed, lambda: progress.advance(task))
        of = finalists(list(search.tried.values()), start, by)
        task = progress.add_task("Other cities", total=others)
        judged_on = range(first_seed + seeds, first_seed + seeds + others)
        courses = of.courses(text)
        rows = list(judged(judged_on, dwellings, courses, lambda: progress.advance(task)))
    found = told(of, rows, by, version)
    out.mkdir(parents=True, exist_ok=True)
    _write(out / "chosen.toml", with_numbers(text, of.best.numbers, f"{version}-chosen"))
    _write(out / "tried.csv", _tried(search, by))
    _write(
        out / "judged.csv", "".join(csv_line(row) for row in (JUDGED_HEAD, *(each.cells() for each in found)))
    )
    _write(out / "front.svg", _front(search, of, by))
    _write(out / "others.svg", _others(found, by))
    for each in found:
        typer.echo(each.said(by))
    typer.echo(f"Written: {out}")


def _tried(search: Search, by: str) -> str:
    on_front = {each.numbers for each in front(list(search.tried.values()), by, LESS)}
    head = (*(knob.title for knob in KNOBS), by, LESS, "front")
    rows = (
        (*each.numbers, f"{each.mean(by):.6g}", f"{each.mean(LESS):.6g}", int(each.numbers in on_front))
        for each in search.tried.values()
    )
    return "".join(csv_line(row) for row in (head, *rows))


def _front(search: Search, of: Finalists, by: str) -> str:
    tried = list(search.tried.values())
    at = {
        "tried": tried,
        "no other one has more of one and less of the other": front(tried, by, LESS),
        "the policy that was begun with": [of.start],
    }
    points = {name: [(each.mean(by), each.mean(LESS)) for each in some] for name, some in at.items()}
    return dots(
        f"{by} (across) and {LESS} (up) of every policy that was tried, on the cities it was chosen on",
        points,
    )


def _others(found: list[Chosen], by: str) -> str:
    rows = []
    for each in found:
        if each.trained is not None:
            rows.append((f"{each.name}: where it was chosen", *_drawn(each.trained)))
        rows.append((f"{each.name}: other cities", *_drawn(each.judged)))
    return intervals(f"{by}: how much more than the policy that was begun with", rows)


def _drawn(of: Interval) -> tuple[float, float, float]:
    return of.low, of.mean, of.high


def _write(path: Path, text: str) -> None:
    with in_its_place(path, replace=True) as file:
        file.write(text.encode())
