"""What the register's answer on one resident means: an address here, or why there is none. Never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from eropaf.risk.address import normalise
from eropaf.risk.records import Address
from eropaf.risk.refusal import Refused

# What is asked for, and no more. Whether somebody died, left or is under investigation comes with each answer
# by itself; names, dates of birth and family are never asked for.
FIELDS = (
    "burgerservicenummer",
    "gemeenteVanInschrijving",
    "verblijfplaats.verblijfadres.postcode",
    "verblijfplaats.verblijfadres.huisnummer",
    "verblijfplaats.verblijfadres.huisletter",
    "verblijfplaats.verblijfadres.huisnummertoevoeging",
)
# Codes of `opschortingBijhouding.reden` (Logisch Ontwerp BRP, 67.20): the record is kept no longer.
DIED = "O"
# By emigration; by the minister's decision, as of diplomats; and of who never lived here (RNI).
ABROAD = frozenset({"E", "M", "R"})
# Made by mistake, or wiped.
VOID = frozenset({"F", "W"})


class Reason(Enum):
    """Why there is no address here that a signal could go to: a `MismatchReason`."""

    NOT_FOUND = "NOT_FOUND"
    OTHER_MUNICIPALITY = "OTHER_MUNICIPALITY"
    ABROAD = "ABROAD"
    DECEASED = "DECEASED"
    NO_ADDRESS = "NO_ADDRESS"
    IN_DOUBT = "IN_DOUBT"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where somebody lives; or why not here, with what a person may choose from.

    `municipality` is the code of the other one, where that is why.
    """

    address: Address | None = field(default=None, repr=False)
    reason: Reason | None = None
    candidates: tuple[Address, ...] = field(default=(), repr=False)
    municipality: str | None = None


def whereabouts(person: Mapping[str, Any] | None, municipality: str) -> Whereabouts:
    """Return what the register says of `person` (None: it has nobody of that number)."""
    if person is None:
        return Whereabouts(reason=Reason.NOT_FOUND)
    if suspended := _code(person, "opschortingBijhouding", "reden"):
        return Whereabouts(reason=_of_suspended(suspended))
    place = person.get("verblijfplaats") or {}
    if place.get("type") == "VerblijfplaatsBuitenland":
        return Whereabouts(reason=Reason.ABROAD)
    registered = _code(person, "gemeenteVanInschrijving")
    if registered and registered != municipality:
        return Whereabouts(reason=Reason.OTHER_MUNICIPALITY, municipality=registered)
    address = _address(place)
    if not registered or address is None:
        return Whereabouts(reason=Reason.NO_ADDRESS)
    if _doubted(place):
        return Whereabouts(reason=Reason.IN_DOUBT, candidates=(address,))
    return Whereabouts(address)


def _of_suspended(code: str) -> Reason:
    if code == DIED:
        return Reason.DECEASED
    if code in ABROAD:
        return Reason.ABROAD
    return Reason.NOT_FOUND if code in VOID else Reason.NO_ADDRESS


def _code(person: Mapping[str, Any], *path: str) -> str:
    """Return a code of one of the register's tables; empty where there is none."""
    found: Any = person
    for name in (*path, "code"):
        found = (found or {}).get(name)
    return str(found or "")


def _address(place: Mapping[str, Any]) -> Address | None:
    """Return an address in our one spelling; a houseboat's place or an unknown one has none."""
    at = place.get("verblijfadres") or {}
    if place.get("type") != "Adres" or at.get("huisnummer") is None:
        return None
    addition = " ".join(str(at[name]) for name in ("huisletter", "huisnummertoevoeging") if at.get(name))
    try:
        return normalise(at.get("postcode"), str(at["huisnummer"]), addition)
    except Refused:
        return None


def _doubted(place: Mapping[str, Any]) -> bool:
    """Return whether an address is under investigation: then a public body need not rely on it."""
    return bool(
        place.get("indicatieVastgesteldVerblijftNietOpAdres")
        or place.get("inOnderzoek")
        or (place.get("verblijfadres") or {}).get("inOnderzoek")
    )
