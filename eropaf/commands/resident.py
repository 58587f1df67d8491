"""`eropaf resident`: what a resident may ask: to object, to see, to be forgotten."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from eropaf.access_letter import letter as written
from eropaf.agents.topology import ROWS
from eropaf.commands.append import address_in, appender, household_of, new_id, now_ms
from eropaf.dated import dated
from eropaf.held import Whose, everything, latest
from eropaf.opening import (
    ERASURE,
    EVERYTHING,
    OBJECTION,
    OBJECTION_BACK,
    leave_trace,
    opened_facts,
    person_here,
    trace,
)
from eropaf.readable import records, say
from eropaf.risk.identity import BSN, resident_key
from eropaf.risk.purpose import Purpose
from eropaf.risk.records import Address, HouseholdEvent
from eropaf.settings import Settings
from eropaf.streams.runtime.record import Output
from eropaf.streams.runtime.stage import changelog
from eropaf_client.files.understood import counted
from eropaf_client.files.writing import in_its_place
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, RESIDENTS

NOTHING_KEPT = "Nothing is kept of this address: is it written as the register has it?"

app = typer.Typer(help="A resident's rights: object, access, erase.", no_args_is_help=True)

Who = Annotated[str, typer.Argument(help='An address, "1011 AB 12 hs", or the nine digits of a BSN.')]


@app.command("object")
def object_(
    who: Who,
    take_back: Annotated[bool, typer.Option("--take-back", help="An earlier objection ends.")] = False,
) -> None:
    """Object to early signalling: from here on no signal of the household becomes an update.

    What was known of its arrears goes at once. Creditors hear that a signal was not picked up, and
    never why. Leaves a trace on `audit`.
    """
    settings = Settings()
    household, address = household_of(settings, who)
    at = now_ms()
    objector = resident_key(who.strip(), settings.secret()) if BSN.fullmatch(who.strip()) else None
    event = HouseholdEvent(
        household, new_id("objection"), at, address, objection_stands=not take_back, objector=objector
    )
    kept = _is_kept(settings, household, _residents(settings, who, address))
    opened = appender(settings)
    what = OBJECTION_BACK if take_back else OBJECTION
    left = trace(settings, person_here(settings), household, what, Purpose.OBJECTION)
    opened.write([opened.event(event, at), left])
    typer.echo("the objection is taken back" if take_back else "the objection stands")
    if not kept:
        typer.echo(f"{NOTHING_KEPT} What is signalled of it later, the objection is held against.")


@app.command()
def access(
    who: Who,
    purpose: Annotated[Purpose, typer.Option(help="What for; stored with who asked, before anything opens.")],
    letter: Annotated[
        Path | None,
        typer.Option(help="Also write a letter in plain Dutch to this file, for your eyes alone."),
    ] = None,
) -> None:
    """Write everything that is held on a household, as one JSON document with dates."""
    settings = Settings()
    household, address = household_of(settings, who)
    clerk = person_here(settings)
    leave_trace(settings, clerk, household, EVERYTHING, purpose)
    keyless = settings.auditors_private_key is None
    facts = None if keyless else opened_facts(settings, clerk, household, purpose)
    residents = _residents(settings, who, address)
    held = everything(settings, Whose(household, frozenset(residents), settings.secret()))
    if held["unreadable"]["records"]:
        typer.secho(
            f"{counted(held['unreadable']['records'], 'record')} cannot be read: see `unreadable` below",
            fg=typer.colors.YELLOW,
            err=True,
        )
    held["explanation"] = facts if facts is not None else "sealed: opened with EROPAF_AUDITORS_PRIVATE_KEY"
    document = dated(held)
    if letter is not None:
        with in_its_place(letter, replace=False) as target:
            target.write(written(document, datetime.now(UTC).date()).encode())
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


@app.command()
def erase(who: Who) -> None:
    """Forget a household: out of every table and list now, out of every log when its time is up.

    docs/explanation/data-flow-and-retention.md says when that is, topic by topic. The register's
    entries for the address go too; the next `eropaf residents load` brings back who still lives there.
    Leaves a trace on `audit`, by the household's key alone.
    """
    settings = Settings()
    household, address = household_of(settings, who)
    at = now_ms()
    event = HouseholdEvent(
        household, new_id("erasure"), at, erasure_requested_on=settings.read_policy().zone.day_of(at)
    )
    opened = appender(settings)
    residents = _residents(settings, who, address)
    kept = _is_kept(settings, household, residents)
    left = trace(settings, person_here(settings), household, ERASURE, Purpose.RESIDENT_ASKED)
    departures = [Output(RESIDENTS, key, None, at) for key in sorted(residents)]
    # One transaction: the household is gone before its residents' departure reaches it.
    opened.write([opened.event(event, at), *departures, left])
    typer.echo("the household is forgotten" if kept else f"{NOTHING_KEPT} There was nothing to forget.")


def _is_kept(settings: Settings, household: str, residents: set[bytes]) -> bool:
    """Say whether anything is kept of a household: a row, an event that is still read, a resident's entry."""
    key = household.encode()
    places = [
        ([key], changelog(settings.group, "household"), ROWS["household"]),
        ([key], HOUSEHOLD_EVENTS, "HouseholdEvent"),
        (residents, RESIDENTS, "Residence"),
        (residents, changelog(settings.group, "resident"), ROWS["resident"]),
    ]
    return any(latest(settings, keys, topic, record) for keys, topic, record in places if keys)


def _residents(settings: Settings, who: str, address: Address) -> set[bytes]:
    """Give the keys of who lives there, by the register, and of `who` it is."""
    residents = _residents_at(settings, address)
    if BSN.fullmatch(who.strip()):
        residents.add(resident_key(who.strip(), settings.secret()).encode())
    return residents


def _residents_at(settings: Settings, address: Address) -> set[bytes]:
    asides, found = Asides(), set[bytes]()
    for message, lives_at in records(settings, RESIDENTS, "Residence", asides, address_in):
        (found.add if lives_at == address else found.discard)(message.key())
    say(asides)
    return found
