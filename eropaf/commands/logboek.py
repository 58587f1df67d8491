"""`eropaf logboek`: a processing log is told what is done with households' data."""

from __future__ import annotations

import signal
import threading

import typer

from eropaf import logs
from eropaf.gateway.logboek.metrics import LOGBOEK_MEASURES
from eropaf.gateway.logboek.serve import LogboekConfig, tell
from eropaf.serving.listening import serve_metrics
from eropaf.settings import Settings
from eropaf.settings_sources import SettingsError

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
    if settings.gateway_metrics_port is not None:
        serve_metrics(settings.metrics_host, settings.gateway_metrics_port, LOGBOEK_MEASURES)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    tell(known, stopped)


def config(settings: Settings) -> LogboekConfig:
    """Return what the log needs.

    Raises:
        SettingsError: a setting is missing; the message names it.
    """
    found = [getattr(settings, name) for name in NEEDED]
    if missing := [
        f"EROPAF_{name.upper()}" for name, value in zip(NEEDED, found, strict=True) if value is None
    ]:
        raise SettingsError(f"{', '.join(missing)}: not set ({PAGE})")
    address, register, secret, state_dir = found
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
