"""`eropaf trial`: a real trial of a list, planned, drawn and analysed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eropaf.trial.effect import Effect
from eropaf.trial.files import PLAN, assign, fix, read_plan, write_plan
from eropaf.trial.outcomes import analyse
from eropaf.trial.plan import LARGEST_SPREAD, Design, Plan, WrongPlan
from eropaf.trial.protocol import PROTOCOL, protocol
from eropaf.trial.simulated import power
from eropaf_client.files.writing import in_its_place

app = typer.Typer(help="A real trial of a list: planned, drawn, analysed.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="The trial's folder.")]
# Power that is usual.
FOUR_IN_FIVE = 0.8


@app.callback()
def trial() -> None:
    """Try a list for real."""


@app.command("plan")
def plan_(
    folder: Folder,
    design: Annotated[Design, typer.Option(help="Lots within ties, or areas that begin one after another.")],
    public_draw: Annotated[
        str, typer.Option(help="Whose numbers will decide: a public draw of a day after the list is fixed.")
    ],
    outcome: Annotated[str, typer.Option(help="What is counted, in words: 'spoken with within 28 days'.")],
    share: Annotated[float, typer.Option(help="Who has the outcome today, from 0 to 1.")],
    effect: Annotated[
        float, typer.Option(help="What the new way adds to the share, and must not be missed.")
    ],
    households: Annotated[
        int, typer.Option(min=1, help="By lots: of the whole trial. By areas: of an area in a period.")
    ],
    stratum: Annotated[int, typer.Option(help="By lots: households in a stratum, on average.")] = 5,
    areas: Annotated[int, typer.Option(min=0, help="By areas: how many.")] = 0,
    periods: Annotated[int, typer.Option(min=0, help="By areas: how many, the first one without.")] = 0,
    spread: Annotated[
        float, typer.Option(min=0, max=LARGEST_SPREAD, help="Of areas or strata: how much shares differ.")
    ] = 0.02,
    trials: Annotated[int, typer.Option(min=100, max=100_000, help="Simulated, for the power.")] = 1_000,
) -> None:
    """Fix a trial before anybody is listed: write plan.json, and protocol.md with its power by simulation."""
    try:
        plan = Plan(
            design=design,
            public_draw=public_draw,
            outcome=outcome,
            share=share,
            effect=effect,
            households=households,
            stratum=stratum,
            areas=areas,
            periods=periods,
            spread=spread,
        )
        write_plan(folder, plan)
    except WrongPlan as error:
        raise typer.BadParameter(str(error)) from None
    found = power(plan, trials)
    with in_its_place(folder / PROTOCOL, replace=True) as file:
        file.write(protocol(plan, found, trials).encode())
    typer.echo(
        f"In {trials} simulated trials {_points(effect)} are found in {found.found:.0%}; where there "
        f"is none, one is found in {found.without:.1%}; the intervals hold the truth in {found.covered:.1%}"
    )
    if found.found < FOUR_IN_FIVE:
        typer.echo("Four in five is usual: take more households, more areas or periods, or a larger effect")
    typer.echo(f"Written: {folder / PLAN}, {folder / PROTOCOL}. Publish them, and then make the list")


@app.command("assign")
def assign_(
    folder: Folder,
    file: Annotated[Path, typer.Argument(help="CSV: household,stratum; by areas: area.")],
    phrase: Annotated[
        str | None, typer.Option(help="What the public draw brought; first run it without, before that day.")
    ] = None,
) -> None:
    """Fix the list, before the public draw; then draw lots, once, with what that brought.

    The same plan, list and phrase give the same draw on any machine.
    """
    try:
        if phrase is None:
            fingerprint, told = fix(folder, file)
            for sentence in told:
                typer.echo(sentence)
            typer.echo(f"The list is fixed. Publish its sha256 before the public draw: {fingerprint}")
            after = read_plan(folder).public_draw
            typer.echo(f"After {after}: eropaf trial assign {folder} {file} --phrase 'what it brought'")
            return
        written = assign(folder, file, phrase)
    except WrongPlan as error:
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
        told, effect = analyse(folder, file)
        plan = read_plan(folder)
    except WrongPlan as error:
        raise typer.BadParameter(str(error)) from None
    for sentence in told:
        typer.echo(sentence)
    if effect is None:
        raise typer.Exit(1)
    typer.echo(_said(plan.outcome, effect))


def _said(outcome: str, effect: Effect) -> str:
    sure = "beyond chance" if effect.significant else "which chance alone may give"
    reach = f"{100 * effect.low:+.1f} to {100 * effect.high:+.1f}, p = {effect.p:.3f}"
    return f"{outcome}: {_points(effect.difference)} ({reach}), {sure}"


def _points(share: float) -> str:
    return f"{100 * share:+.1f} points"
