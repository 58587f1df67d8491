"""`eropaf simulate`: a city's years of arrears, and how far it is to be believed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from eropaf.simulate.years.course import City, Fingerprint, Month
from eropaf.simulate.years.fit import DWELLINGS, KNOBS, ROUNDS, SEED, YEARS, fitted
from eropaf.simulate.years.measured import measured
from eropaf.simulate.years.page import head, missed, page
from eropaf.simulate.years.parameters import Parameters, ranges
from eropaf.simulate.years.practice import PRACTICES, of_year
from eropaf.simulate.years.sectors import NAMES
from eropaf_client.files.writing import csv_line, in_its_place

app = typer.Typer(help="A simulated city of years, and how far it is to be believed.", no_args_is_help=True)

Dwellings = Annotated[int, typer.Option(min=1, help="Households of the city.")]
Years = Annotated[int, typer.Option(min=1, max=50, help="How many, each from January.")]
Seed = Annotated[int, typer.Option(min=0, help="One seed, one city, to the byte.")]
COLUMNS = (
    "month",
    *NAMES,
    "reports",
    "picked_up",
    "reached",
    "accepted",
    "court_orders",
    "evictions",
    "in_debt",
)


@app.callback()
def simulate() -> None:
    """Live through a simulated city's years."""


@app.command()
def years(
    out: Annotated[Path, typer.Option(help="A folder: months.csv and manifest.json are written there.")],
    dwellings: Dwellings = 45_000,
    years: Years = 10,
    seed: Seed = 1,
) -> None:
    """Simulate a city's years; write what each month came to, and a manifest with its sha256."""
    city = City.of(dwellings, seed)
    lines, fingerprint = [csv_line(COLUMNS)], Fingerprint()
    progress = Console(stderr=True)
    for month in track(city.months(12 * years), "Months", 12 * years, console=progress, transient=True):
        fingerprint.add(month)
        lines.append(csv_line(_row(month)))
    manifest = {
        "eropaf": version("eropaf"),
        "dwellings": dwellings,
        "years": years,
        "seed": seed,
        "sha256": fingerprint.hexdigest(),
        "parameters": {name: getattr(city.parameters, name) for name in ranges()},
    }
    out.mkdir(parents=True, exist_ok=True)
    _write(out / "months.csv", "".join(lines))
    _write(out / "manifest.json", json.dumps(manifest, indent=2) + "\n")
    typer.echo(f"{12 * years} months of {dwellings} dwellings in {out}; sha256 {manifest['sha256']}")


@app.command()
def calibrate(
    out: Annotated[Path, typer.Option(help="The page to write, in Markdown.")],
    dwellings: Dwellings = DWELLINGS,
    years: Years = YEARS,
    seed: Seed = 1,
) -> None:
    """Hold the city to published figures, those that it was not fitted to marked; write the page."""
    cities = ((year, City.of(dwellings, seed, of_year(Parameters(), year))) for year in PRACTICES)
    progress = Console(stderr=True)
    figures = {
        year: measured(city, 12 * years)
        for year, city in track(cities, "Practices", len(PRACTICES), console=progress, transient=True)
    }
    made = head(dwellings, years, seed)
    _write(out, page(figures, Parameters(), made))
    for target in missed(figures):
        typer.echo(
            f"missed: {target.what}: {figures[target.year][target.figure]:.4g} instead of {target.value:.4g}"
        )
    typer.echo(f"Written: {out}")


@app.command()
def fit(
    dwellings: Dwellings = DWELLINGS,
    years: Years = YEARS,
    seed: Seed = SEED,
    rounds: Annotated[int, typer.Option(min=1, help="Steps towards the targets.")] = ROUNDS,
) -> None:
    """Turn the fitted parameters towards their targets, and print what they are then.

    Held-out figures stay unseen.
    """
    course = fitted(Parameters(), dwellings, 12 * years, seed, rounds)
    *_, (parameters, _) = track(course, "Rounds", rounds, console=Console(stderr=True), transient=True)
    for knob in KNOBS:
        typer.echo(f"{knob.parameter} = {getattr(parameters, knob.parameter):.4g}")


def _row(month: Month) -> Iterable[int]:
    worked = month.worked
    signals = [int((month.signals.sector == sector).sum()) for sector in range(len(NAMES))]
    yield from (month.number + 1, *signals, len(worked.channel), int((worked.channel > 0).sum()))
    yield from (int(worked.reached.sum()), int(worked.accepted.sum()))
    yield from (len(month.steps.court_orders), len(month.steps.evictions), month.standing.in_debt)


def _write(path: Path, text: str) -> None:
    with in_its_place(path, replace=True) as file:
        file.write(text.encode())
