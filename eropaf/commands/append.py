"""What commands that append to households' histories share."""

from __future__ import annotations

import re
import time
import uuid
from collections import deque
from datetime import date
from typing import Any

import typer

from eropaf.agents.append import Appender
from eropaf.readable import records, say
from eropaf.risk.address import normalise
from eropaf.risk.identity import BSN, household_key, resident_key
from eropaf.risk.policy import EPOCH
from eropaf.risk.records import Address
from eropaf.secret_kept import proven_secret
from eropaf.settings import Settings
from eropaf_client.errors import ClientError
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.topics import RESIDENTS

ADDRESS = re.compile(r"\s*([0-9]{4}\s*[A-Za-z]{2})[\s,]+([0-9]+)\s*(.*)")


class UnknownResident(ClientError):
    """The register has no entry for the BSN given."""


def appender(settings: Settings, name: str | None = None) -> Appender:
    """Connect to where histories are kept; under a `name`, whoever had it before is ended."""
    return Appender(settings.bootstrap, settings.kafka_client, settings.registry(), name)


def now_ms() -> int:
    """Give the time that it is, in milliseconds since 1970 UTC."""
    return int(time.time() * 1000)


def new_id(what: str) -> str:
    """Name an event that a command makes."""
    return f"{what}-{uuid.uuid4()}"


def days(day: date) -> int:
    """Give a date as days since 1970."""
    return (day - EPOCH).days


def a_date(text: str) -> date:
    """Read a date as it is typed.

    Raises:
        typer.BadParameter: it is none.

    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write a date as YYYY-MM-DD") from None


def address_of(settings: Settings, who: str) -> Address:
    """Give the address that `who` is, or at which the BSN that it is lives.

    Raises:
        Refused: no such address or BSN can exist.
        UnknownResident: the register has no entry for the BSN.

    """
    if BSN.fullmatch(who.strip()) is None:
        found = ADDRESS.fullmatch(who)
        if found is None:
            raise typer.BadParameter('give nine digits of a BSN, or an address as "1011 AB 12 hs"')
        return normalise(found[1], found[2], found[3])
    key = resident_key(who.strip(), proven_secret(settings)).encode()
    asides = Asides()
    of_him = records(settings, RESIDENTS, "Residence", asides, address_in, lambda each: each.key() == key)
    newest = deque((address for _, address in of_him), maxlen=1)
    say(asides)
    if not newest or newest[0] is None:
        raise UnknownResident("the register has no entry for this BSN; give the address instead")
    return newest[0]


def address_in(residence: dict[str, Any]) -> Address:
    """Give the address of a Residence."""
    return Address.from_record(residence["address"])


def household_of(settings: Settings, who: str) -> tuple[str, Address]:
    """Give the household key and the address of `who`: an address, or a BSN."""
    address = address_of(settings, who)
    return household_key(address, proven_secret(settings)), address
