"""`eropaf hindsight`: what a policy would have put first in a municipality's own months."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from eropaf.commands.compared import texts_by_version
from eropaf.commands.target import check_target
from eropaf.hindsight.judged import Judged, judge
from eropaf.hindsight.months import WrongHistory, read, silent
from eropaf.hindsight.sure import over_months
from eropaf.risk.policy import Policy
from eropaf_client.files.understood import counted
from eropaf_client.files.writing import csv_line, in_its_place

HEAD = ("month", "order", "listed", "in_need", "capacity", "found", "precision", "recall")


def hindsight(
    files: Annotated[list[Path], typer.Argument(help="A file a month, in order: DDAS 1.2, CSV or Excel.")],
    out: Annotated[Path, typer.Option(help="Where to: a CSV file with a line a month and order.")],
    capacity: Annotated[int, typer.Option(min=1, help="How many households a month are visited or called.")],
    policy: Annotated[
        list[str] | None, typer.Option(help="A policy file, or a shipped one; may be said several times.")
    ] = None,
    ahead: Annotated[
        int, typer.Option(min=1, max=24, help="Months after it by which a month is judged.")
    ] = 6,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Overwrite an existing file.")] = False,
) -> None:
    """Rank each month by what was known then, and judge it by those after.

    Nothing leaves the machine.
    """
    check_target(out, overwrite)
    if any(out.exists() and out.samefile(file) for file in files if file.exists()):
        raise typer.BadParameter(f"--out is {out}, one of the months; name another")
    texts = texts_by_version(policy or ["amsterdam-example"])
    policies = {version: Policy.parse(text) for version, text in texts.items()}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("Files", total=len(files))
            months = read(files, next(iter(policies.values())), lambda: progress.advance(task))
        if len(months) <= ahead:
            raise WrongHistory(
                f"{counted(len(months), 'month')} cannot be judged by {ahead} after: hand in at least "
                f"{ahead + 1}, or say a smaller --ahead"
            )
    except WrongHistory as error:
        raise typer.BadParameter(str(error)) from None
    judged, left = judge(months, policies, capacity, ahead)
    with in_its_place(out, replace=overwrite) as file:
        file.write(csv_line(HEAD).encode())
        for each in judged:
            file.write(csv_line(_row(each)).encode())
    for month in months:
        if month.refused:
            said = counted(month.refused, "signal")
            typer.echo(f"{month.file}: {said} could not be used (`eropaf rank` names them)")
    for sentence in silent(months):
        typer.echo(sentence)
    helped = sum(each.helped for each in left)
    typer.echo(
        f"{counted(len(left), 'month')} judged; left out of them, as what would have come is not known: "
        f"{counted(helped, 'household')} that accepted help"
    )
    first, *others = over_months(judged)
    typer.echo(f"{first.order}: precision {first.precision}, recall {first.recall}")
    for other in others:
        typer.echo(
            f"{other.order}: precision {other.precision}, recall {other.recall}; more than {first.order}: "
            f"precision {other.precision_more}, recall {other.recall_more}"
        )
    typer.echo(f"Written: {out}")


def _row(each: Judged) -> list[str]:
    shares = ("" if share != share else f"{share:.4f}" for share in (each.precision, each.recall))
    numbers = (str(number) for number in (each.listed, len(each.worse), each.capacity, each.found))
    return [each.month, each.order, *numbers, *shares]
