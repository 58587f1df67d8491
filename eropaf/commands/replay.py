"""`eropaf replay`: rejected records go back to where they came from, after a fix."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from eropaf.agents.codecs import letters as letters_codec
from eropaf.agents.topology import REJECTED_DAYS, savepoint_scope, stages
from eropaf.cluster.dead_letters import open_letters
from eropaf.cluster.readable import say
from eropaf.commands.letters import Id, Reason, Since, Topic, Until, chosen
from eropaf.settings import Settings
from eropaf.streams.operate.letters import Letter
from eropaf.streams.operate.replay import Replayed, Replayer
from eropaf_client.files.understood import counted


def replay(
    reason: Reason = None,
    topic: Topic = None,
    since: Since = None,
    until: Until = None,
    id: Id = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be sent; send nothing.")
    ] = False,
) -> None:
    """Send rejected records again, as they were. A record that was sent again already is left alone."""
    settings = Settings()
    waiting = open_letters(settings)
    every = waiting.index()
    say(waiting.asides)
    letters = [letter for letter in chosen(settings, every, reason, topic, since, until, id) if letter.open]
    if dry_run or not letters:
        typer.echo(_counts("would be sent again" if dry_run else "to send again", letters))
        return
    registry = settings.registry()
    scope = savepoint_scope(settings.group, stages(settings.group, settings.creditors, registry))
    replayer = Replayer(settings.bootstrap, settings.kafka_client, letters_codec(registry), scope)
    tell(_with_progress(replayer, letters), letters)


def _with_progress(replayer: Replayer, letters: list[Letter]) -> Replayed:
    columns = (TextColumn("sending again"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("", total=len(letters))
        return replayer.replay(letters, lambda done: progress.update(task, completed=done))


def tell(done: Replayed, letters: list[Letter]) -> None:
    """Tell what became of each of `letters`.

    Raises:
        typer.Exit: with status 1 where the letter of one was gone, so that it was not sent and never will be.

    """
    unsent = {letter.place for letter in (*done.overtaken, *done.too_large, *done.gone)}
    typer.echo(_counts("sent again", [letter for letter in letters if letter.place not in unsent]))
    for letter in done.overtaken:
        typer.echo(f"{letter.id}: not sent, a later record of its key stands on {letter.topic}")
    for letter in done.too_large:
        typer.echo(f"{letter.id}: not sent, with its new header it is larger than {letter.topic} takes")
    for letter in done.gone:
        typer.echo(
            f"{letter.id}: not sent, its letter was deleted meanwhile: it is kept for {REJECTED_DAYS} days"
        )
    if done.gone:
        raise typer.Exit(1)


def _counts(what: str, letters: list[Letter]) -> str:
    by_reason = Counter(letter.reason for letter in letters)
    parts = ", ".join(f"{count} {reason}" for reason, count in sorted(by_reason.items()))
    return f"{counted(len(letters), 'record')} {what}" + (f": {parts}" if parts else "")
