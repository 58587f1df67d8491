"""`eropaf publish`: a creditor's file becomes events; with --watch, each file put in a folder."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from eropaf import logs, tracing
from eropaf.settings import Settings
from eropaf_client.files.reading import read_by_creditor
from eropaf_client.files.watched_folder import Answered, WatchedFolder
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.schemas.topics import arrears


def publish(
    file: Annotated[
        Path | None, typer.Argument(help="A CSV or Excel file (docs/reference/csv.md), or DDAS 1.2 (.json).")
    ] = None,
    creditor: Annotated[
        str | None,
        typer.Option(help="Who signals. A DDAS file may leave it to each signal's partner type."),
    ] = None,
    watch: Annotated[
        Path | None,
        typer.Option(help="Publish each file put into this folder, until Ctrl-C.", file_okay=False),
    ] = None,
) -> None:
    """Check a file as a whole, then publish its signals, and wait until each is stored."""
    if (file is None) == (watch is None):
        raise typer.BadParameter("give a FILE, or --watch FOLDER")
    if watch is not None:
        _watch(watch, creditor)
    elif file is not None:
        _publish(file, creditor)


def _publish(file: Path, creditor: str | None) -> None:
    if not file.is_file():
        raise typer.BadParameter(f"there is no file {file}")
    by_creditor = read_by_creditor(file, creditor)
    settings = Settings()
    tracer = tracing.tracer(settings, "eropaf-publish", "publish")
    total = sum(map(len, by_creditor.values()))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("publishing", total=total)
        for name, signals in by_creditor.items():
            traceparent = None if tracer is None else tracer.publishing(arrears(name))
            with ArrearsPublisher(
                settings.bootstrap, name, settings.registry(), settings.kafka_client, traceparent
            ) as publisher:
                publisher.report_all(
                    (filed.signal for filed in signals), lambda signal, at: progress.advance(task)
                )
    counts = ", ".join(f"{len(signals)} of {name}" for name, signals in by_creditor.items())
    typer.echo(f"{total} signals stored: {counts}")


def _watch(folder: Path, creditor: str | None) -> None:
    settings = Settings()
    logs.configure(settings.log_format, level=settings.log_level)
    log = structlog.get_logger(__name__)

    def say(answered: Answered) -> None:
        log.info("file answered", verdict=answered.file.parent.name, signals=answered.stored)

    with WatchedFolder(
        folder, settings.bootstrap, creditor, settings.registry(), settings.kafka_client
    ) as watched:
        log.info("watching", folder=str(folder), bootstrap=settings.bootstrap)
        with suppress(KeyboardInterrupt):
            watched.watch(say, stopped=lambda: False)
