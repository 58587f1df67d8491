"""`eropaf trial`: a real trial of a list, planned, drawn and analysed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eropaf.trial.effect import Effect
from eropaf.trial.files import PLAN, WrongFile, analyse, assign, read_plan, write_plan
from eropaf.trial.plan import Design, Plan, WrongPlan, power
from eropaf.trial.protocol import protocol
from eropaf_client.files.writing import in_its_place

app = typer.Typer(help="A real trial of a list: planned, drawn, analysed.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="The trial's folder.")]


@app.callback()
def trial() -> None:
    """Try a list for real."""


@app.command("plan")
def plan_(
    folder: Folder,
    design: Annotated[Design, typer.Option(help="Lots within ties, or areas that begin one after another.")],
    phrase: Annotated[str, typer.Option(help="Decides the draw; publish it before the list is known.")],
    outcome: Annotated[str, typer.Option(help="What is counted, in words: 'spoken with within 28 days'.")],
    share: Annotated[float, typer.Option(help="Who has the outcome today, from 0 to 1.")],
    effect: Annotated[
        float, typer.Option(help="What the new way adds to the share, and must not be missed.")
    ],
    households: Annotated[
        int, typer.Option(min=1, help="By lots: of the whole trial. By areas: of an area in a period.")
    ],
    areas: Annotated[int, typer.Option(min=0, help="By areas: how many.")] = 0,
    periods: Annotated[int, typer.Option(min=0, help="By areas: how many, the first one without.")] = 0,
    spread: Annotated[
        float, typer.Option(min=0, max=0.5, help="Of areas or strata: how much shares differ.")
    ] = 0.02,
    trials: Annotated[int, typer.Option(min=100, max=100_000, help="Simulated, for the power.")] = 1_000,
) -> None:
    """Fix a trial before anybody is drawn: write plan.json, and protocol.md with its power by simulation."""
    try:
        plan = Plan(
            design=design,
            phrase=phrase,
            outcome=outcome,
            share=share,
            effect=effect,
            households=households,
            areas=areas,
            periods=periods,
            spread=spread,
        )
        write_plan(folder, plan)
    except WrongPlan as error:
        raise typer.BadParameter(str(error)) from None
    found, without = power(plan, trials)
    _write(folder / "protocol.md", protocol(plan, found, without, trials))
    typer.echo(
        f"In {trials} simulated trials an effect of {effect:+.3f} is found in {found:.0%}; where there is "
        f"none, one is found in {without:.0%}"
    )
    if found < 0.8:
        typer.echo("Four in five is usual: take more households, more areas or periods, or a larger effect")
    typer.echo(f"Written: {folder / PLAN}, {folder / 'protocol.md'}")


@app.command("assign")
def assign_(
    folder: Folder,
    file: Annotated[Path, typer.Argument(help="CSV: household,stratum; by areas: area.")],
) -> None:
    """Draw lots, once: the same plan and list give the same draw on any machine."""
    try:
        written = assign(folder, file)
    except (WrongPlan, WrongFile) as error:
        raise typer.BadParameter(str(error)) from None
    typer.echo(
        f"Written: {written}; its proof beside it. Keep {file}: with the phrase, anybody can draw again"
    )


@app.command("analyse")
def analyse_(
    folder: Folder,
    file: Annotated[
        Path,
        typer.Argument(help="CSV: household,outcome (0 or 1); by areas: area,period,households,outcomes."),
    ],
) -> None:
    """Say what the new way changed, with its 95 % interval, of everybody as drawn."""
    try:
        effect, told = analyse(folder, file)
        plan = read_plan(folder)
    except (WrongPlan, WrongFile) as error:
        raise typer.BadParameter(str(error)) from None
    for sentence in told:
        typer.echo(sentence)
    typer.echo(_said(plan.outcome, effect))


def _said(outcome: str, effect: Effect) -> str:
    sure = "beyond chance" if effect.significant else "which chance alone may give"
    reach = f"{effect.low:+.4f} to {effect.high:+.4f}, p = {effect.p:.3f}"
    return f"{outcome}: {effect.difference:+.4f} ({reach}), {sure}"


def _write(path: Path, text: str) -> None:
    with in_its_place(path, replace=True) as file:
        file.write(text.encode())
