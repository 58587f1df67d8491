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

from eropaf.agents.codecs import letters as codec_of
from eropaf.agents.topology import records_by_topic, stages
from eropaf.cluster.appending import now_ms
from eropaf.cluster.dead_letters import open_letters
from eropaf.cluster.readable import say
from eropaf.commands.letters import Id, Reason, Since, Topic, Until, chosen, unknown
from eropaf.settings import Settings
from eropaf.streams.operate.closing import close as close_letter
from eropaf.streams.operate.letters import Letter
from eropaf_client.schemas.errors import Undecodable
from eropaf_client.schemas.wire import Codec

app = typer.Typer(help="Records that were set aside, and why.", no_args_is_help=True)

LONGEST_WHY = 200
PERSONAL = "What follows is personal data of residents: show it to nobody who does not need it."


@app.command("list")
def list_letters(
    reason: Reason = None,
    topic: Topic = None,
    since: Since = None,
    until: Until = None,
    id: Id = None,
    every: Annotated[bool, typer.Option("--all", help="Include those that were replayed or closed.")] = False,
) -> None:
    """List rejected records that wait to be dealt with, without their content."""
    settings = Settings()
    letters = open_letters(settings)
    index = letters.index()
    say(letters.asides)
    found = [
        letter for letter in chosen(settings, index, reason, topic, since, until, id) if every or letter.open
    ]
    if sys.stdout.isatty():
        Console().print(table(found))
        return
    for letter in found:
        typer.echo(json.dumps(_as_json(letter)))


@app.command()
def show(id: Annotated[str, typer.Argument(help="Its id, from `eropaf rejected list`.")]) -> None:
    """Show one rejected record in full: its bytes in hexadecimal and, if they decode, its fields."""
    settings = Settings()
    letters = open_letters(settings)
    found = [letter for letter in letters.index() if letter.id == id]
    say(letters.asides)
    if not found:
        raise unknown(id)
    typer.secho(PERSONAL, fg=typer.colors.YELLOW, err=True)
    by_place = {letter.place: letter for letter in found}
    for place, held in letters.read(by_place):
        whole = _as_json(by_place[place]) | _content(held, settings)
        typer.echo(json.dumps(whole, indent=2, default=_readable))


@app.command()
def close(
    id: Annotated[str, typer.Argument(help="Its id, from `eropaf rejected list`.")],
    why: Annotated[
        str, typer.Option(help="What was done, such as `corrected by its sender`. No name and no address.")
    ],
) -> None:
    """Close a rejected record that is not to be replayed, say because its sender sent a corrected one.

    The record stays as long as `rejected` keeps it. A note says why it was closed; `list --all` shows it. If
    set aside again, the record is open again.
    """
    why = why.strip()
    if not 0 < len(why) <= LONGEST_WHY:
        raise typer.BadParameter(f"say why in 1 to {LONGEST_WHY} characters")
    settings = Settings()
    letters = open_letters(settings)
    found = [letter for letter in letters.index() if letter.id == id]
    say(letters.asides)
    if not found:
        raise unknown(id)
    waiting = [letter for letter in found if letter.open]
    codec = codec_of(settings.registry())
    for letter in waiting:
        close_letter(settings.bootstrap, settings.kafka_client, codec, letter, why, now_ms())
    typer.echo(f"{id} is closed" if waiting else f"{id} was dealt with already: nothing changes")


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
        "closed": letter.closed,
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


def table(letters: Iterable[Letter]) -> Table:
    """Lay out the letters so that an id stays on one line and can be copied, even at 80 columns."""
    drawn = Table(title="Rejected records", title_justify="left", box=None, pad_edge=False)
    drawn.add_column("id", no_wrap=True, overflow="ignore")
    drawn.add_column("reason", overflow="fold")
    drawn.add_column("stored at (UTC)", overflow="fold")
    drawn.add_column("times", justify="right")
    drawn.add_column("")
    for letter in letters:
        became = "" if letter.open else "sent again" if letter.closed is None else "closed"
        stored = f"{_moment(letter):%Y-%m-%d %H:%M}"
        drawn.add_row(letter.id, letter.reason, stored, str(letter.times), became)
    return drawn


def _moment(letter: Letter) -> datetime:
    return datetime.fromtimestamp(letter.timestamp_ms / 1000, UTC)


def _readable(value: object) -> str:
    """Return bytes, which JSON lacks, in hexadecimal."""
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no place in JSON")
