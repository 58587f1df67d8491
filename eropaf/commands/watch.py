"""`eropaf watch`: the live list in a terminal, the stream of updates in a pipe."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.live import Live

from eropaf.rank.screen import table
from eropaf.settings import Settings
from eropaf_client.inbox import Received
from eropaf_client.live_list import LiveList
from eropaf_client.records import PriorityUpdate
from eropaf_client.source import Silence
from eropaf_client.subscriber import PrioritySubscriber


def watch(
    area: Annotated[str | None, typer.Option(help="The four digits of a postcode.")] = None,
    rows: Annotated[int, typer.Option(help="Number of rows shown in a terminal.")] = 25,
    until_caught_up: Annotated[
        bool, typer.Option(help="Stop once everything stored so far has been read.")
    ] = False,
) -> None:
    """Show the ranked list as it moves; in a pipe, write each update as a line of JSON."""
    cluster = Settings().cluster()
    ends = Silence(cluster) if until_caught_up else None
    with PrioritySubscriber(cluster) as subscriber:
        try:
            console = Console()
            if sys.stdout.isatty() and not console.is_dumb_terminal:
                _show(console, _read(subscriber, ends), area, rows)
            else:
                _write(_read(subscriber, ends), area)
        except KeyboardInterrupt:
            if until_caught_up:
                raise  # what was written is not all


def _read(subscriber: PrioritySubscriber, ends: Silence | None) -> Iterator[list[Received]]:
    """Yield what comes, poll by poll; where it `ends`, up to what is there."""
    while ends is None or not subscriber.caught_up:
        found = subscriber.poll(0.2)
        yield found
        if ends is not None:
            if found:
                ends.broken()
            ends.check("the updates were")


def _show(console: Console, polls: Iterable[list[Received]], area: str | None, rows: int) -> None:
    ranking = LiveList()
    with Live(console=console, auto_refresh=False) as live:
        for found in polls:
            for received in found:
                if received.update is None:
                    ranking.forget(received.household)
                else:
                    ranking.apply(received.update)
            live.update(table(ranking, area, rows, console.width), refresh=True)


def _write(polls: Iterable[list[Received]], area: str | None) -> None:
    for found in polls:
        for received in found:
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
