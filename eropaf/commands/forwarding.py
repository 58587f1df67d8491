"""`eropaf forwarding`: signals on residents of other municipalities go on to them."""

from __future__ import annotations

from contextlib import closing

import typer

from eropaf.cluster.secret_kept import proven_secret
from eropaf.lookup.forwarding.book import FILE, Book
from eropaf.lookup.forwarding.metrics import FORWARDING_MEASURES
from eropaf.lookup.forwarding.municipalities import read_municipalities
from eropaf.lookup.forwarding.serve import ForwardingConfig, forward
from eropaf.process import logs
from eropaf.process.beside import needed, watched
from eropaf.settings import Settings

PAGE = "docs/how-to/who-is-where.md#forwarded-to-another-municipality"
NEEDED = ("forward_to", "forward_ground", "forward_state_dir", "brp_municipality")

app = typer.Typer(help="Forward signals on residents of other municipalities.", no_args_is_help=True)


@app.command()
def run() -> None:
    """Forward signals that wait for somebody registered elsewhere, until Ctrl-C or SIGTERM."""
    settings = Settings()
    logs.configure(settings.log_format, level=settings.log_level)
    forward(forwarding_config(settings), watched(settings, FORWARDING_MEASURES))


@app.command("list")
def list_forwarded() -> None:
    """List what became of each signal: its record, day, municipality, state and why. End `run` first."""
    with closing(_book(Settings())) as book:
        for each in book.rows():
            typer.echo(f"{each.event_id} {each.day} {each.municipality} {each.state} {each.why}")


@app.command()
def retry() -> None:
    """Let the next `run` try again what was refused and still waits. End `run` first."""
    with closing(_book(Settings())) as book:
        typer.echo(f"{book.try_again()} tried again with the next run")


def forwarding_config(settings: Settings) -> ForwardingConfig:
    """Return what forwarding needs.

    Raises:
        SettingsError: a setting is missing, or the cluster's keys were made with another secret.
        MunicipalitiesRefused: the file of municipalities cannot be used.
    """
    file, ground, state_dir, own = needed(settings, NEEDED, PAGE)
    return ForwardingConfig(
        cluster=settings.cluster(),
        group=settings.group,
        creditors=settings.creditors,
        secret=proven_secret(settings),
        to=read_municipalities(file, own),
        ground=ground,
        fresh_s=settings.brp_fresh_hours * 3600,
        state_dir=state_dir,
    )


def _book(settings: Settings) -> Book:
    (state_dir,) = needed(settings, ("forward_state_dir",), PAGE)
    return Book(state_dir / FILE)
