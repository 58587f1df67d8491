"""`eropaf publish`: a creditor's file becomes events; with --watch, each file put in a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from eropaf.files.asked import asked
from eropaf.process import logs, tracing
from eropaf.settings import Settings
from eropaf.settings.environment import SettingsError
from eropaf_client.errors import TopicMissing
from eropaf_client.files.dialect import ENCODINGS, encoding_named
from eropaf_client.files.reading import Signals, read_by_creditor
from eropaf_client.files.understood import counted
from eropaf_client.files.watched_folder import Answered, WatchedFolder
from eropaf_client.outbox_publisher import OutboxPublisher
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.schemas.topics import arrears


def publish(
    file: Annotated[
        Path | None, typer.Argument(help="A CSV or Excel file (docs/reference/csv.md), or DDAS 1.2 (.json).")
    ] = None,
    creditor: Annotated[
        str | None,
        typer.Option(help="Who signals. In a DDAS file each signal's partner type may say so instead."),
    ] = None,
    watch: Annotated[
        Path | None,
        typer.Option(help="Publish each file that arrives in this folder, until Ctrl-C.", file_okay=False),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(help="Encoding of a CSV file that cannot be told from its bytes: cp850, mac-roman, …"),
    ] = None,
) -> None:
    """Check a file as a whole, then publish its signals, and wait until each is stored."""
    if (file is None) == (watch is None):
        raise typer.BadParameter("give a FILE, or --watch FOLDER")
    if encoding is not None and encoding_named(encoding) is None:
        raise typer.BadParameter(f"--encoding must be one of {', '.join(ENCODINGS)}")
    if watch is not None:
        _watch(watch, creditor, encoding)
    elif file is not None:
        _publish(file, creditor, encoding)


def _publish(file: Path, creditor: str | None, encoding: str | None) -> None:
    if not file.is_file():
        raise typer.BadParameter(f"file {file} does not exist")
    settings = Settings()
    found = read_by_creditor(file, creditor, asked(settings, encoding))
    for sentence in found.told:
        typer.echo(sentence, err=True)
    _check_read(settings, found.by_creditor)
    stored: Counter[str] = Counter()
    try:
        _send(settings, found.by_creditor, stored)
    except BaseException:
        typer.echo(so_far(found.by_creditor, stored), err=True)
        raise
    counts = ", ".join(f"{count} of {name}" for name, count in stored.items())
    typer.echo(f"{counted(stored.total(), 'signal')} stored: {counts}")


def _check_read(settings: Settings, names: Iterable[str]) -> None:
    """Refuse creditors whose topics no worker reads: a retired one's topic may still exist.

    Raises:
        SettingsError: no worker reads one of them.
    """
    unread = sorted(set(names) - set(settings.creditors))
    if unread:
        raise SettingsError(
            f"no worker reads the signals of {', '.join(unread)}: EROPAF_CREDITORS names "
            f"{', '.join(settings.creditors)}. Nothing was sent. Add it there, as for the workers "
            "(docs/how-to/take-in-a-creditor.md), or name another one with --creditor"
        )


def _send(settings: Settings, by_creditor: Mapping[str, Signals], stored: Counter[str]) -> None:
    """Publish each creditor's signals once all their topics are found; count what is stored."""
    tracer = tracing.tracer(settings, "eropaf-publish", "publish")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with ExitStack() as opened:
        publishers, cluster = {}, settings.cluster()
        for name in by_creditor:
            traceparent = None if tracer is None else tracer.publishing(arrears(name))
            publisher = ArrearsPublisher(cluster, name, traceparent)
            publishers[name] = opened.enter_context(publisher)
        progress = opened.enter_context(Progress(*columns, console=Console(stderr=True)))
        task = progress.add_task("publishing", total=sum(map(len, by_creditor.values())))
        for name, signals in by_creditor.items():

            def on_stored(*_: object, name: str = name) -> None:
                stored[name] += 1
                progress.advance(task)

            publishers[name].report_all((filed.signal for filed in signals), on_stored)


def so_far(by_creditor: Mapping[str, Signals], stored: Counter[str]) -> str:
    """Return a sentence on how much of a file is stored when the rest is not."""
    counts = ", ".join(f"{stored[name]} of {len(signals)} of {name}" for name, signals in by_creditor.items())
    return f"stored so far: {counts}. Publish the whole file again: what is stored counts once"


def _watch(folder: Path, creditor: str | None, encoding: str | None = None) -> None:
    settings = Settings()
    _check_read(settings, [] if creditor is None else [creditor])
    logs.configure(settings.log_format, level=settings.log_level)
    log = structlog.get_logger(__name__)

    def say(answered: Answered) -> None:
        said = {"file": answered.file.name, "verdict": answered.file.parent.name}
        log.info("file answered", **said, signals=answered.stored, told="; ".join(answered.told))

    def publisher(name: str, outbox: Path) -> OutboxPublisher:
        if name not in settings.creditors:  # as where it has no topic: that file alone is refused
            raise TopicMissing(f"EROPAF_CREDITORS does not name {name}")
        return OutboxPublisher(settings.cluster(), name, outbox)

    how = asked(settings, encoding)
    with WatchedFolder(folder, settings.cluster(), creditor, how, publisher) as watched:
        log.info("watching", folder=str(folder), bootstrap=settings.bootstrap)
        with suppress(KeyboardInterrupt):
            watched.watch(say, stopped=lambda: False)
