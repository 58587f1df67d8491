"""`eropaf rank`: a file in, the same file back, ranked."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from eropaf.rank.formats import FORMATS
from eropaf.rank.order import ranked
from eropaf.risk.policy import Policy
from eropaf.settings import policy_text

MOST_SHOWN = 20


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Let the collector rest: all that is made is kept to the end, and looking through it costs a third."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def rank(
    file: Annotated[Path, typer.Argument(help="CSV or Excel (docs/reference/csv.md), or DDAS 1.2 (.json).")],
    out: Annotated[
        Path | None, typer.Option(help="Where to; without it FILE-ranked beside the file.")
    ] = None,
    policy: Annotated[str, typer.Option(help="A policy file, or a shipped one.")] = "amsterdam-example",
    creditor: Annotated[
        str | None, typer.Option(help="Who signals; without it each kind of creditor counts as one.")
    ] = None,
) -> None:
    """Give a file back ranked: same columns, and rank, band, respond_by, area. Never why.

    Needs no Kafka. Lines that cannot be used stand at the end, and are named below.
    """
    opening = FORMATS.get(file.suffix.lower())
    if opening is None:
        raise typer.BadParameter(f"{file.name} ends in none of {', '.join(FORMATS)}")
    if not file.is_file():
        raise typer.BadParameter(f"there is no file {file}")
    rules = Policy.parse(policy_text(policy))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with _nothing_collected(), Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("reading", total=None)
        opened = opening(file)
        progress.update(task, description="ranking", total=len(opened.signals))
        ranking = ranked(opened.signals, rules, creditor, lambda: progress.advance(task))
        written = out or file.with_name(f"{file.stem}-ranked{file.suffix}")
        progress.update(task, description="writing", total=None)
        opened.write(written, ranking.places)
    bands = Counter(placed.band for placed in ranking.places.values())
    said = ", ".join(f"{bands[band]} {band.lower()}" for band in ("URGENT", "HIGH", "MEDIUM", "LOW", "NONE"))
    typer.echo(f"{written}: {len(opened.signals)} signals under {rules.version}: {said}")
    for reason, count in ranking.not_picked_up.most_common():
        typer.echo(f"  not picked up, {reason.lower().replace('_', '-')}: {count}")
    unusable = [str(problem) for problem in opened.problems]
    unusable += [f"{place}: {why}" for place, why in ranking.refused.items()]
    if unusable:
        typer.echo(f"{len(unusable)} faults; what could not be used stands at the end:")
        for fault in unusable[:MOST_SHOWN]:
            typer.echo(f"  {fault}")
        if len(unusable) > MOST_SHOWN:
            typer.echo(f"  … and {len(unusable) - MOST_SHOWN} more")
