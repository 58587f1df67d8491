"""`eropaf state`: savepoints of everything the workers know: to back up, undo and move."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eropaf.cluster.flow_topics import create_topics
from eropaf.cluster.savepoints import bring_up_to_date, move_here, opened, undo_to
from eropaf.settings import Settings
from eropaf.streams.operate.savepoint_file import check_free

app = typer.Typer(help="Tables and offsets together, in a file.", no_args_is_help=True)


@app.command("export")
def export_state(
    file: Annotated[Path, typer.Argument(help="File to write; it will hold personal data.")],
    while_running: Annotated[
        bool, typer.Option("--while-running", help="Allow workers to run: for a backup, not for a move.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Overwrite an existing file.")] = False,
) -> None:
    """Write a savepoint. Unless --while-running is given, no worker may be running."""
    check_free(file, overwrite)
    cluster = opened(Settings())
    export = cluster.export_running if while_running else cluster.export
    manifest = export(file, typer.echo, overwrite)
    typer.echo(f"savepoint of {manifest.taken_at} in {file}, readable by you alone: it holds personal data")


@app.command("ledger")
def keep_ledger(
    file: Annotated[Path, typer.Argument(help="File to bring up to date; it holds personal data.")],
) -> None:
    """Save erasures and objections where no restore can undo them: often, and next to the savepoints."""
    came = bring_up_to_date(Settings(), file)
    typer.echo(f"{came} erasures and objections were added to {file}")


@app.command("import")
def import_state(
    file: Annotated[Path, typer.Argument(help="A file that `eropaf state export` wrote.")],
    kept: Annotated[
        Path | None,
        typer.Option("--ledger", help="The ledger; required on every cluster but the savepoint's own."),
    ] = None,
    mirrored: Annotated[
        str | None,
        typer.Option(help="MirrorMaker's alias of the lost cluster: adds what its mirror here knows since."),
    ] = None,
) -> None:
    """Import a savepoint: into its own cluster to undo, into a new one to move. No worker may be running."""
    settings = Settings()
    create_topics(settings)
    cluster = opened(settings)
    if cluster.is_of_here(file):
        if mirrored is not None:
            raise typer.BadParameter(
                "this is the savepoint's own cluster, and needs no mirror of itself. Leave --mirrored out"
            )
        manifest = undo_to(settings, cluster, file, typer.echo)
    elif kept is None:
        raise typer.BadParameter(
            "this is not the savepoint's cluster, and it does not know who was erased or objected since. "
            "Name the ledger (--ledger; `eropaf state ledger` writes it)"
        )
    else:
        manifest = move_here(
            settings, cluster, file, kept=kept, mirrored=mirrored, tell=typer.echo, warn=_warn
        )
    typer.echo(f"everything stands as it did at {manifest.taken_at}; start the workers (`eropaf run`)")


def _warn(line: str) -> None:
    typer.echo(line, err=True)
