"""`eropaf rank`: a file in, the same file back, ranked."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from eropaf.commands.target import check_target
from eropaf.rank.formats import FORMATS, Opened
from eropaf.rank.order import Placed, Ranking, ranked
from eropaf.risk.policy import Policy
from eropaf.risk.ranking import NONE
from eropaf.settings.policy import policy_text
from eropaf_client.files.ddas_terms import STATUSES
from eropaf_client.files.filed import Asked
from eropaf_client.files.reading import LARGEST_FILE_BYTES, refuse_larger
from eropaf_client.files.understood import counted
from eropaf_client.files.writing import in_its_place

MOST_SHOWN = 20
BANDS = ("URGENT", "HIGH", "MEDIUM", "LOW", NONE)
THEIRS = {ours: theirs for theirs, ours in STATUSES.items()}


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Pause garbage collection: everything lives to the end, and traversing it costs a third of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def rank(
    file: Annotated[Path, typer.Argument(help="CSV or Excel (docs/reference/csv.md), or DDAS 1.2 (.json).")],
    out: Annotated[
        Path | None, typer.Option(help="Output file; default: FILE-ranked, next to the input.")
    ] = None,
    policy: Annotated[str, typer.Option(help="A policy file, or a shipped one.")] = "amsterdam-example",
    creditor: Annotated[
        str | None, typer.Option(help="Who signals; default: each kind of creditor counts as one.")
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(help="Encoding of a CSV file that cannot be told from its bytes: cp850, mac-roman, …"),
    ] = None,
    test_numbers: Annotated[
        bool, typer.Option("--test-numbers", help="Accept a BSN that fails the eleven test: for examples.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Overwrite an existing file.")] = False,
) -> None:
    """Rank a file: its own columns plus rank, band, respond_by and area. Never why.

    Needs no Kafka. Unusable lines come last, and are listed below the summary.
    """
    opening = FORMATS.get(file.suffix.lower())
    if opening is None:
        raise typer.BadParameter(f"{file.name} must end in one of {', '.join(FORMATS)}")
    if not file.is_file():
        raise typer.BadParameter(f"file {file} does not exist")
    written = out or file.with_name(f"{file.stem}-ranked{file.suffix}")
    _check_target(file, written, overwrite)
    refuse_larger(file, LARGEST_FILE_BYTES)
    rules = Policy.parse(policy_text(policy))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with _nothing_collected(), Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("reading", total=None)
        opened = opening(file, Asked(encoding=encoding, test_numbers=test_numbers))
        count = sum(len(part.signals) for part in opened.parts)
        progress.update(task, description="ranking", total=count)
        rankings = [ranked(part, rules, creditor, lambda: progress.advance(task)) for part in opened.parts]
        progress.update(task, description="writing", total=None)
        with in_its_place(written, replace=overwrite) as target:
            opened.write(target, _places(opened, rankings))
    _tell(written, rules.version, opened, rankings)


def _check_target(file: Path, written: Path, overwrite: bool) -> None:
    """Refuse a target up front that would be refused after the work.

    Raises:
        typer.BadParameter: the target is the file itself or of another kind; see also `check_target`.
    """
    if written.exists() and written.samefile(file):
        raise typer.BadParameter("--out is the input file itself; name another file")
    if written.suffix.lower() != file.suffix.lower():
        raise typer.BadParameter(f"--out must end in {file.suffix}: the output has the format of the input")
    check_target(written, overwrite)


def _places(opened: Opened, rankings: Sequence[Ranking]) -> dict[str, Placed]:
    places = {place: placed for ranking in rankings for place, placed in ranking.places.items()}
    return {**places, **{place: Placed(None, NONE, None, "") for place in opened.set_aside}}


def _tell(written: Path, version: str, opened: Opened, rankings: Sequence[Ranking]) -> None:
    placed = [each for ranking in rankings for each in ranking.places.values()]
    bands = Counter(each.band for each in placed)
    said = ", ".join(f"{bands[band]} {band.lower()}" for band in BANDS)
    typer.echo(f"read as {opened.understood}")
    count = sum(len(part.signals) for part in opened.parts)
    used = "" if len(placed) == count else f"{len(placed):,} of "
    typer.echo(f"{written}: {used}{counted(count, 'signal')} under {version}: {said}")
    reasons = sum((ranking.reasons() for ranking in rankings), Counter[str]())
    for reason, count in reasons.most_common():
        typer.echo(f"  {count} not on the list: {reason}")
    for status, count in Counter(opened.set_aside.values()).most_common():
        typer.echo(f"  {count} not ranked, status: {THEIRS[status]}")
    unusable = [str(problem) for problem in opened.problems]
    unusable += [f"{place}: {why}" for ranking in rankings for place, why in ranking.refused.items()]
    if unusable:
        typer.echo(f"{counted(len(unusable), 'fault')}; what could not be used stands at the end:")
        for fault in unusable[:MOST_SHOWN]:
            typer.echo(f"  {fault}")
        if len(unusable) > MOST_SHOWN:
            typer.echo(f"  … and {len(unusable) - MOST_SHOWN} more")
