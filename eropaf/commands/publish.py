"""`eropaf publish`: a creditor's file becomes events."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from clients.errors import FileRefused, Problem
from clients.files.csv_file import read_csv
from clients.files.ddas import read_ddas
from clients.files.excel import read_excel
from clients.files.filed import Filed
from clients.publisher import ArrearsPublisher
from eropaf.settings import Settings

READERS = {".csv": read_csv, ".xlsx": read_excel, ".json": read_ddas}


def publish(
    file: Annotated[
        Path, typer.Argument(help="A CSV or Excel file (docs/reference/csv.md), or DDAS 1.2 (.json).")
    ],
    creditor: Annotated[
        str | None,
        typer.Option(help="Who signals. A DDAS file may leave it to each signal's partner type."),
    ] = None,
) -> None:
    """Check a file as a whole, then publish its signals, and wait until each is stored."""
    by_creditor = _by_creditor(file, creditor)
    settings = Settings()
    total = sum(map(len, by_creditor.values()))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("publishing", total=total)
        for name, signals in by_creditor.items():
            with ArrearsPublisher(
                settings.bootstrap, name, settings.registry(), settings.kafka_client
            ) as publisher:
                publisher.report_all(
                    (filed.signal for filed in signals), lambda signal, at: progress.advance(task)
                )
    counts = ", ".join(f"{len(signals)} of {name}" for name, signals in by_creditor.items())
    typer.echo(f"{total} signals stored: {counts}")


def _by_creditor(file: Path, creditor: str | None) -> dict[str, list[Filed]]:
    read = READERS.get(file.suffix.lower())
    if read is None:
        raise typer.BadParameter(f"{file.name} ends in none of {', '.join(READERS)}")
    if not file.is_file():
        raise typer.BadParameter(f"there is no file {file}")
    if creditor is None and read is not read_ddas:
        raise typer.BadParameter("a CSV or Excel file needs --creditor NAME")
    signals = read(file)
    if not signals:
        raise FileRefused(str(file), [Problem("file", "holds no signals")])
    by_creditor: dict[str, list[Filed]] = {}
    for filed in signals:
        name = creditor or filed.signal.partner_type.value.lower().replace("_", "-")
        by_creditor.setdefault(name, []).append(filed)
    return by_creditor
