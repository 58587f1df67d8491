"""`eropaf logboek`: a processing log is told what is done with households' data."""

from __future__ import annotations

import typer

from eropaf.gateway.logboek.metrics import LOGBOEK_MEASURES
from eropaf.gateway.logboek.serve import LogboekConfig, tell
from eropaf.process import logs
from eropaf.process.beside import needed, watched
from eropaf.settings import Settings
from eropaf.streams.runtime.garbage import collect_seldom

PAGE = "docs/how-to/processing-log.md"
NEEDED = ("logboek_address", "logboek_register", "logboek_secret", "logboek_state_dir")

app = typer.Typer(help="Tell a processing log what is done with households' data.", no_args_is_help=True)


@app.callback()
def main() -> None:
    """Tell a processing log what is done with households' data."""


@app.command()
def run() -> None:
    """Tell the log of every opening, joining, forwarding and forgetting, until Ctrl-C or SIGTERM."""
    settings = Settings()
    logs.configure(settings.log_format, level=settings.log_level)
    known = config(settings)
    collect_seldom()  # of thousands of records at once, none of them in a cycle
    tell(known, watched(settings, LOGBOEK_MEASURES))


def config(settings: Settings) -> LogboekConfig:
    """Return what the log needs.

    Raises:
        SettingsError: a setting is missing; the message names it.
    """
    address, register, secret, state_dir = needed(settings, NEEDED, PAGE)
    token = settings.logboek_token
    return LogboekConfig(
        cluster=settings.cluster(),
        creditors=settings.creditors,
        address=address,
        register=register,
        secret=secret.get_secret_value().encode(),
        state_dir=state_dir,
        token=None if token is None else token.get_secret_value(),
        ca_file=settings.logboek_ca_file,
    )
