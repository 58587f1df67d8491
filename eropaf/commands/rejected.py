"""`eropaf rejected`: the records that were set aside, and why."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from eropaf.agents.topology import records_by_topic, stages
from eropaf.commands.letters import Id, Reason, Since, Topic, Until, meant, open_letters
from eropaf.readable import say
from eropaf.settings import Settings
from eropaf.streams.errors import LetterUnknown
from eropaf.streams.operate.letters import Letter
from eropaf_client.schemas.errors import Undecodable
from eropaf_client.schemas.wire import Codec

app = typer.Typer(help="The records that were set aside, and why.", no_args_is_help=True)

PERSONAL = "What follows is personal data of residents: show it to nobody who does not need it."


@app.command("list")
def list_letters(
    reason: Reason = None,
    topic: Topic = None,
    since: Since = None,
    until: Until = None,
    id: Id = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that were sent again.")] = False,
) -> None:
    """List rejected records that wait to be dealt with; nothing of their content is shown."""
    fits = meant(reason, topic, since, until, id)
    letters = open_letters(Settings())
    found = [letter for letter in letters.index() if fits(letter) and (every or letter.open)]
    say(letters.asides)
    if sys.stdout.isatty():
        Console().print(_table(found))
        return
    for letter in found:
        typer.echo(json.dumps(_as_json(letter)))


@app.command()
def show(id: Annotated[str, typer.Argument(help="As `eropaf rejected list` names it.")]) -> None:
    """Show one rejected record whole: its bytes in hexadecimal and, where they decode, its fields."""
    settings = Settings()
    letters = open_letters(settings)
    found = [letter for letter in letters.index() if letter.id == id]
    if not found:
        raise LetterUnknown(
            f"no record {id} was rejected. `eropaf rejected list --all` names those that were"
        )
    typer.secho(PERSONAL, fg=typer.colors.YELLOW, err=True)
    by_place = {letter.place: letter for letter in found}
    for place, held in letters.read(by_place):
        whole = _as_json(by_place[place]) | _content(held, settings)
        typer.echo(json.dumps(whole, indent=2, default=_readable))


def _as_json(letter: Letter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "reason": letter.reason,
        "detail": letter.detail,
        "stage": letter.stage,
        "topic": letter.topic,
        "stored_at": _moment(letter).isoformat(timespec="milliseconds"),
        "bytes": letter.size,
        "times": letter.times,
        "open": letter.open,
    }


def _content(held: dict[str, Any], settings: Settings) -> dict[str, Any]:
    records = records_by_topic(
        settings.group, stages(settings.group, settings.creditors, settings.registry())
    )
    fields = None
    if held["topic"] in records:
        try:
            fields = Codec(records[held["topic"]], held["topic"], settings.registry()).decode(held["value"])
        except Undecodable:
            fields = None
    return {
        "personal_data": PERSONAL,
        "key": held["key"],
        "headers": {header["name"]: header["value"] for header in held["headers"]},
        "value": held["value"],
        "fields": fields,
    }


def _table(letters: Iterable[Letter]) -> Table:
    drawn = Table(title="Rejected records", title_justify="left")
    for name in ("id", "reason", "stage", "stored at (UTC)", "bytes", "times", ""):
        drawn.add_column(name, overflow="fold", justify="right" if name in ("bytes", "times") else "left")
    for letter in letters:
        drawn.add_row(
            letter.id,
            letter.reason,
            letter.stage,
            f"{_moment(letter):%Y-%m-%d %H:%M:%S}",
            str(letter.size),
            str(letter.times),
            "" if letter.open else "sent again",
        )
    return drawn


def _moment(letter: Letter) -> datetime:
    return datetime.fromtimestamp(letter.timestamp_ms / 1000, UTC)


def _readable(value: object) -> str:
    """Give bytes, which JSON does not know, in hexadecimal."""
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no place in JSON")
