"""`eropaf door-safety`: the municipality's list of addresses that are unsafe to visit."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from eropaf.cluster.appending import now_ms
from eropaf.cluster.policy_held import in_force
from eropaf.cluster.secret_kept import proven_secret
from eropaf.cluster.storing import store
from eropaf.files.safety import read_unsafe
from eropaf.risk.calendar import EPOCH
from eropaf.settings import Settings
from eropaf_client.files.understood import counted
from eropaf_client.schemas.topics import DOOR_SAFETY

app = typer.Typer(help="Addresses that are unsafe to visit: not alone, or office only.", no_args_is_help=True)


@app.callback()
def door_safety() -> None:
    """Tell the board which addresses are unsafe to visit, until when, never why."""


@app.command()
def load(
    file: Annotated[
        Path, typer.Argument(help="CSV with columns postcode, house_number, addition, level, until.")
    ],
    encoding: Annotated[
        str | None,
        typer.Option(help="Encoding of a file that cannot be told from its bytes: cp850, mac-roman, …"),
    ] = None,
) -> None:
    """Mark the addresses of a file for who visits: `not-alone` or `office-only`, up to and including a day.

    A day that is over takes the mark off; an address that the file does not name keeps its own. No address is
    sent, only the household's key.
    """
    settings = Settings()
    today = EPOCH + timedelta(in_force(settings).zone.day_of(now_ms()))
    entries = read_unsafe(file, proven_secret(settings), today, encoding)
    records = [(key, None if mark is None else mark.to_record(key)) for key, mark in entries]
    store(settings, DOOR_SAFETY, "DoorSafety", records)
    ended = sum(mark is None for _, mark in entries)
    typer.echo(f"{counted(len(entries) - ended, 'address', 'addresses')} marked, {ended} taken off")
