"""`eropaf webhooks`: outreach tools are told what changes."""

from __future__ import annotations

import signal
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Annotated
from urllib.parse import urlsplit

import structlog
import typer

from eropaf.gateway.callers import read_callers
from eropaf.gateway.problems import Problem
from eropaf.gateway.webhooks import metrics
from eropaf.gateway.webhooks.serve import WebhooksConfig, dead, go_back, replay_dead, told
from eropaf.gateway.webhooks.tool import Tool, tools_of
from eropaf.process import logs
from eropaf.process.beside import needed
from eropaf.serving.listening import serve_metrics
from eropaf.settings import Settings
from eropaf.settings.environment import SettingsError
from eropaf_client.schemas.errors import ClientError

PAGE = "docs/how-to/webhooks.md"
NEEDED = ("gateway_callers", "webhook_source", "webhook_secrets", "webhook_state_dir", "gateway_address")

app = typer.Typer(help="Tell outreach tools over HTTP what changes.", no_args_is_help=True)

NamedTool = Annotated[str, typer.Argument(metavar="TOOL", help="Its name in the file of callers.")]


@app.command()
def run() -> None:
    """Tell every tool with a webhook, until Ctrl-C or SIGTERM."""
    settings = Settings()
    logs.configure(settings.log_format, level=settings.log_level)
    known = config(settings)
    if settings.gateway_metrics_port is not None:
        serve_metrics(settings.metrics_host, settings.gateway_metrics_port, metrics.WEBHOOK_MEASURES)
    stopped: Future[None] = Future()

    def stop(*_: object) -> None:
        if not stopped.done():
            stopped.set_result(None)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    with told(known) as telling:
        structlog.get_logger(__name__).info("webhooks run", tools=len(known.tools))
        while_told(stopped, telling)


def while_told(stopped: Future[None], telling: list[Future[None]]) -> None:
    """Wait until it is time to stop. Where one tool's own state ended it, the others are told on.

    Raises:
        ClientError: a new start may help, as a broker is away; or no tool is told any more.
    """
    while telling and not stopped.done():
        ended, _ = wait([stopped, *telling], return_when=FIRST_COMPLETED)
        for each in ended - {stopped}:
            telling.remove(each)
            error = each.exception()
            if not telling or (isinstance(error, ClientError) and error.retriable):
                each.result()


@app.command("dead")
def list_dead(tool: NamedTool) -> None:
    """List what a tool did not take within a day, and what waits behind it. End `run` first."""
    settings = Settings()
    known = config(settings)
    for each in dead(known, _named(known, tool)):
        typer.echo(f"{each.household} {each.sequence} {each.error}")


@app.command()
def replay(
    tool: NamedTool,
    after: Annotated[
        str | None, typer.Option(help="A cursor of the feed (`next`): tell again all that stands behind it.")
    ] = None,
) -> None:
    """Tell a tool again what it did not take, or with the next `run` all behind a cursor. End `run` first."""
    settings = Settings()
    known = config(settings)
    if after is None:
        typer.echo(f"{replay_dead(known, _named(known, tool))} taken")
        return
    try:
        go_back(known, _named(known, tool), after)
    except Problem as problem:
        raise typer.BadParameter(problem.detail, param_hint="--after") from None
    typer.echo("told again from there with the next run")


def config(settings: Settings) -> WebhooksConfig:
    """Return what the webhooks need.

    Raises:
        SettingsError: a setting is missing; the message names it.
        CallersRefused: the file of callers, or a secret, is not right.
    """
    callers, source, secrets, state_dir, address = needed(settings, NEEDED, PAGE)
    tools = tools_of(read_callers(callers, settings.creditors), secrets)
    if not tools:
        raise SettingsError(f"{settings.gateway_callers}: no caller has a `webhook`")
    return WebhooksConfig(
        cluster=settings.cluster(),
        tools=tuple(tools),
        source=source,
        origin=urlsplit(address).hostname or "",
        state_dir=state_dir,
        ca_file=settings.webhook_ca_file,
    )


def _named(known: WebhooksConfig, name: str) -> Tool:
    for each in known.tools:
        if each.name == name:
            return each
    raise typer.BadParameter(f"no caller {name!r} has a webhook")
