"""`eropaf state`: a savepoint of everything that the workers know, to move it or to undo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eropaf.agents.topology import savepoint_scope, stages
from eropaf.commands.topics import create_topics
from eropaf.settings import Settings
from eropaf.streams.operate.savepoint import Cluster

app = typer.Typer(help="Tables and offsets together, in a file.", no_args_is_help=True)


@app.command("export")
def export_state(
    file: Annotated[Path, typer.Argument(help="File to write; it holds personal data.")],
) -> None:
    """Write a savepoint. No worker may run meanwhile."""
    settings = Settings()
    manifest = _cluster(settings).export(file, typer.echo)
    typer.echo(f"savepoint of {manifest.taken_at} in {file}, readable by you alone: it holds personal data")


@app.command("import")
def import_state(
    file: Annotated[Path, typer.Argument(help="A file that `eropaf state export` wrote.")],
) -> None:
    """Put a savepoint back: into its own cluster to undo, into a new one to move. No worker may run."""
    settings = Settings()
    create_topics(settings)
    manifest = _cluster(settings).put_back(file, typer.echo)
    typer.echo(f"everything stands as it did at {manifest.taken_at}; start the workers (`eropaf run`)")


def _cluster(settings: Settings) -> Cluster:
    flow = stages(settings.group, settings.creditors, settings.registry())
    return Cluster(settings.bootstrap, settings.kafka_client, savepoint_scope(settings.group, flow))
