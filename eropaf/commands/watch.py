"""`eropaf watch`: the live list in a terminal, the stream of updates in a pipe."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.live import Live

from eropaf.screen import table
from eropaf.settings import Settings
from eropaf_client.live_list import LiveList
from eropaf_client.records import PriorityUpdate
from eropaf_client.subscriber import PrioritySubscriber


def watch(
    area: Annotated[str | None, typer.Option(help="Four digits of a postcode.")] = None,
    rows: Annotated[int, typer.Option(help="Rows shown in a terminal.")] = 25,
    until_caught_up: Annotated[
        bool, typer.Option(help="End when everything there is has been read.")
    ] = False,
) -> None:
    """Show the ranked list as it moves; in a pipe, write each update as a line of JSON."""
    settings = Settings()
    with PrioritySubscriber(settings.cluster()) as subscriber:
        try:
            console = Console()
            if sys.stdout.isatty() and not console.is_dumb_terminal:
                _show(console, subscriber, area, rows, until_caught_up)
            else:
                _write(subscriber, area, until_caught_up)
        except KeyboardInterrupt:
            return


def _show(
    console: Console, subscriber: PrioritySubscriber, area: str | None, rows: int, until_caught_up: bool
) -> None:
    ranking = LiveList()
    with Live(console=console, auto_refresh=False) as live:
        while not (until_caught_up and subscriber.caught_up):
            for received in subscriber.poll(0.2):
                if received.update is None:
                    ranking.forget(received.household)
                else:
                    ranking.apply(received.update)
            live.update(table(ranking, area, rows, console.width), refresh=True)


def _write(subscriber: PrioritySubscriber, area: str | None, until_caught_up: bool) -> None:
    while not (until_caught_up and subscriber.caught_up):
        for received in subscriber.poll(0.2):
            if received.update is not None and area in (None, received.update.area):
                typer.echo(json.dumps(_as_json(received.update)))


def _as_json(update: PriorityUpdate) -> dict[str, Any]:
    return {
        "update_id": update.update_id,
        "household": update.household,
        "sequence": update.sequence,
        "address": f"{update.postcode} {update.house_number} {update.addition}".strip(),
        "area": update.area,
        "urgency": update.urgency,
        "band": update.band.value,
        "respond_by": update.respond_by and update.respond_by.isoformat(),
        "change": update.change,
        "overruled": update.overruled,
        "policy_version": update.policy_version,
        "event_at": update.event_at.isoformat(),
    }
