"""`eropaf state`: savepoints of everything the workers know: to back up, undo and move."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from eropaf.agents import ledger, undo
from eropaf.agents.mirrored import bring_on
from eropaf.agents.topology import savepoint_scope, stages
from eropaf.cluster.appending import now_ms
from eropaf.cluster.flow_topics import create_topics
from eropaf.settings import Settings
from eropaf.streams.operate import ledger as ledger_file
from eropaf.streams.operate.mirror import Mirror
from eropaf.streams.operate.savepoint import Cluster
from eropaf.streams.operate.savepoint_file import Manifest, check_free
from eropaf_client.files.understood import counted
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, PRIORITIES

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
    cluster = _cluster(Settings())
    export = cluster.export_running if while_running else cluster.export
    manifest = export(file, typer.echo, overwrite)
    typer.echo(f"savepoint of {manifest.taken_at} in {file}, readable by you alone: it holds personal data")


@app.command("ledger")
def keep_ledger(
    file: Annotated[Path, typer.Argument(help="File to bring up to date; it holds personal data.")],
) -> None:
    """Save erasures and objections where no restore can undo them: often, and next to the savepoints."""
    settings = Settings()
    must_outlive = ledger.belongs(settings.registry())
    client = settings.kafka_client
    still = ledger.still(settings.registry(), now_ms())
    came = ledger_file.keep(
        settings.bootstrap, client, settings.group, HOUSEHOLD_EVENTS, file, must_outlive, still
    )
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
    cluster = _cluster(settings)
    if cluster.is_of_here(file):
        if mirrored is not None:
            raise typer.BadParameter(
                "this is the savepoint's own cluster, and needs no mirror of itself. Leave --mirrored out"
            )
        manifest = _undo(settings, cluster, file)
    elif kept is None:
        raise typer.BadParameter(
            "this is not the savepoint's cluster, and it does not know who was erased or objected since. "
            "Name the ledger (--ledger; `eropaf state ledger` writes it)"
        )
    else:
        manifest = _import_amended(settings, cluster, file, kept, mirrored)
    typer.echo(f"everything stands as it did at {manifest.taken_at}; start the workers (`eropaf run`)")


def _undo(settings: Settings, cluster: Cluster, file: Path) -> Manifest:
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:  # 0700
        amended = Path(folder) / file.name
        anew = undo.amend(file, amended, cluster.records(PRIORITIES), settings.registry())
        typer.echo(f"{counted(anew, 'household')} told of since: told of once more, as they stood then")
        # An erasure is read again, but signals by BSN from before it are sent on anew, behind it.
        erased = undo.erased_since(file, cluster.records(HOUSEHOLD_EVENTS), settings.registry())
        manifest = cluster.import_from(amended, typer.echo)
    if erased:
        typer.echo(
            f"{counted(len(erased), 'household')} erased since. Once workers have caught up, and again once "
            f"the register was loaded, erase what came back: {', '.join(erased)}"
        )
    return manifest


def _import_amended(
    settings: Settings, cluster: Cluster, file: Path, kept: Path, mirrored: str | None
) -> Manifest:
    with tempfile.TemporaryDirectory(dir=file.parent) as name:  # 0700
        folder = Path(name)
        told: list[Mapping[str, Any]] = []
        if mirrored is not None:
            file, kept, told = _brought_on(settings, file, kept, mirrored, folder)
        amended = folder / "amended"
        done = ledger.amend(file, kept, amended, settings.registry(), settings.secret())
        typer.echo(
            f"erased since the savepoint: {done.erased}; objections that came or went: {done.objections}. "
            f"The ledger knows what was promised until {done.known_until}: seek what came later in the "
            "clerks' own files"
        )
        _tell_left_out(done.left_out)
        if told:
            anew = undo.amend(amended, folder / "told", told, settings.registry())
            typer.echo(f"{counted(anew, 'household')} told of since: told of once more, as they stood then")
            amended = folder / "told"
        return cluster.import_from(amended, typer.echo)


def _brought_on(
    settings: Settings, file: Path, kept: Path, mirrored: str, folder: Path
) -> tuple[Path, Path, list[Mapping[str, Any]]]:
    brought = bring_on(
        file,
        kept,
        Mirror(settings.bootstrap, settings.kafka_client, mirrored),
        folder,
        creditors=settings.creditors,
        registry=settings.registry(),
        secret=settings.secret(),
    )
    typer.echo(f"{counted(brought.said, 'record')} since the savepoint, from the mirror of {mirrored}")
    _tell_left_out(brought.left_out)
    return brought.savepoint, brought.ledger, brought.told


def _tell_left_out(left_out: Asides) -> None:
    if left_out:
        counts = counted(left_out.total, "record")
        typer.echo(f"{counts} left out that nobody can read: who was erased may stand there", err=True)
        for aside in left_out.first:
            typer.echo(f"  {aside}", err=True)


def _cluster(settings: Settings) -> Cluster:
    flow = stages(settings.group, settings.creditors, settings.registry())
    return Cluster(settings.bootstrap, settings.kafka_client, savepoint_scope(settings.group, flow))
