"""`eropaf kafka`: a real broker on this machine that keeps running."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eropaf.deploy.embedded import daemon
from eropaf.process.exits import NOT_AS_IT_MUST_BE

app = typer.Typer(help="A real Kafka broker on this machine, with data that survives.", no_args_is_help=True)

DataDir = Annotated[
    Path, typer.Option(help="Where the broker keeps its data.", default_factory=daemon.default_dir)
]


@app.command()
def up(data_dir: DataDir) -> None:
    """Start the broker, unless it is running."""
    _tell(daemon.up(data_dir))


@app.command()
def down(data_dir: DataDir) -> None:
    """Stop the broker; its data stays."""
    typer.echo("stopped" if daemon.down(data_dir) else "was not running")


@app.command()
def status(data_dir: DataDir) -> None:
    """Say whether the broker runs, and where; exit 3 where it does not."""
    found = daemon.status(data_dir)
    _tell(found)
    raise typer.Exit(0 if found.running else NOT_AS_IT_MUST_BE)


@app.command()
def reset(data_dir: DataDir) -> None:
    """Delete the data of a stopped broker."""
    daemon.reset(data_dir)
    typer.echo(f"deleted {data_dir}")


def _tell(found: daemon.Status) -> None:
    if found.running:
        typer.echo(f"running at {found.bootstrap} (pid {found.pid}), data in {found.data_dir}")
        typer.echo(f"export EROPAF_BOOTSTRAP={found.bootstrap}")
    else:
        typer.echo(f"not running; data in {found.data_dir}")
