"""`eropaf resident`: what a resident may ask: to object, to see, to be forgotten."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from agents.topology import ROWS
from clients.reading import read_all
from eropaf.commands.append import appender, household_of, new_id, now_ms
from eropaf.opening import EVERYTHING, leave_trace, opened_facts
from eropaf.settings import Settings
from risk.identity import BSN, resident_key
from risk.purpose import Purpose
from risk.records import DAY_MS, Address, HouseholdEvent
from schemas.topics import HOUSEHOLD_EVENTS, OUTCOMES, PRIORITIES, RESIDENTS
from schemas.wire import Codec
from streams.record import Output
from streams.stage import changelog

app = typer.Typer(help="A resident's rights: object, access, erase.", no_args_is_help=True)

Who = Annotated[str, typer.Argument(help='An address, "1011 AB 12 hs", or the nine digits of a BSN.')]


@app.command("object")
def object_(
    who: Who,
    take_back: Annotated[bool, typer.Option("--take-back", help="An earlier objection ends.")] = False,
) -> None:
    """Object to early signalling: from here on no signal of the household becomes an update.

    What was known of its arrears goes at once. Creditors hear that a signal was not picked up, and
    never why.
    """
    settings = Settings()
    household, address = household_of(settings, who)
    at = now_ms()
    event = HouseholdEvent(household, new_id("objection"), at, address, objects=not take_back)
    opened = appender(settings)
    opened.write([opened.event(event, at)])
    typer.echo("the objection is taken back" if take_back else "the objection stands")


@app.command()
def access(
    who: Who,
    purpose: Annotated[Purpose, typer.Option(help="What for; stored with who asked, before anything opens.")],
) -> None:
    """Write everything that is held on a household, as one JSON document."""
    settings = Settings()
    household, _ = household_of(settings, who)
    clerk = getpass.getuser()
    leave_trace(settings, clerk, household, EVERYTHING, purpose)
    keyless = settings.auditors_private_key is None
    facts = None if keyless else opened_facts(settings, clerk, household, purpose)
    held = {
        "household": household,
        "state": next(
            _held(settings, household, _table(settings, "household"), ROWS["household"], last=True), None
        ),
        "told": next(
            _held(settings, household, _table(settings, "ranking"), ROWS["ranking"], last=True), None
        ),
        "events": list(_held(settings, household, HOUSEHOLD_EVENTS, "HouseholdEvent")),
        "outcomes": list(_held(settings, household, OUTCOMES, "OutreachOutcome")),
        "updates": list(_held(settings, household, PRIORITIES, "PriorityUpdate")),
        "explanation": facts if facts is not None else "sealed: opened with EROPAF_AUDITORS_PRIVATE_KEY",
    }
    typer.echo(json.dumps(held, indent=2, ensure_ascii=False))


@app.command()
def erase(who: Who) -> None:
    """Forget a household: out of every table and list now, out of every log when its time is up.

    docs/explanation/data-flow-and-retention.md says when that is, topic by topic. The register's
    entries for the address go too; the next `eropaf residents load` brings back who still lives there.
    """
    settings = Settings()
    household, address = household_of(settings, who)
    at = now_ms()
    event = HouseholdEvent(household, new_id("erasure"), at, erased_on=at // DAY_MS)
    opened = appender(settings)
    residents = _residents_at(settings, address)
    if BSN.fullmatch(who.strip()):
        residents.add(resident_key(who.strip(), settings.secret()).encode())
    # One transaction: the household is gone before its residents' departure reaches it.
    opened.write([opened.event(event, at), *(Output(RESIDENTS, key, None, at) for key in sorted(residents))])
    typer.echo("the household is forgotten")


def _table(settings: Settings, name: str) -> str:
    return changelog(settings.group, name)


def _residents_at(settings: Settings, address: Address) -> set[bytes]:
    codec = Codec("Residence", RESIDENTS, settings.registry())
    found: set[bytes] = set()
    for record in read_all(settings.bootstrap, RESIDENTS, settings.kafka_client):
        value = record.value()
        lives_there = value is not None and Address.from_record(codec.decode(value)["address"]) == address
        (found.add if lives_there else found.discard)(record.key())
    return found


def _held(
    settings: Settings, household: str, topic: str, record: str, *, last: bool = False
) -> Iterator[dict[str, Any]]:
    """Give what `topic` holds of a household, or (`last`) the newest of it."""
    codec = Codec(record, topic, settings.registry())
    key = household.encode()
    found: list[dict[str, Any]] = []
    for each in read_all(settings.bootstrap, topic, settings.kafka_client):
        if each.key() == key:
            found = [] if each.value() is None else [*found, codec.decode(each.value())]
    yield from found[-1:] if last else found
