"""The rules of DDAS Vroegsignalering 1.2 for a file, and the version of a file that breaks them.

Written by hand, and a test compares it with the model's JSON schema: a schema's messages name rules, not
remedies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence, Set
from typing import Any, Callable

from eropaf_client.errors import Problem, Problems
from eropaf_client.files.ddas_terms import CHANNELS, DAY_PARTS, PARTNER_TYPES, RESULTS, SEXES, STATUSES
from eropaf_client.files.moments import is_likely, read_day, read_moment
from eropaf_client.schemas.bsn import is_nine_digits, is_taken

Check = Callable[[Any], bool]
DDAS_VERSION = "1.2"
# Before 1.0 names had underscores, and a client's fields began with a capital.
BEFORE_1_0 = frozenset(
    {"aanleverende_organisatie", "Burgerservicenummer", "Postcode", "Huisnummer", "Achternaam"}
)
# 1.0 still named people and streets; 1.2 does not.
VERSION = re.compile(r"[0-9]{1,2}(?:[.][0-9]{1,2}){1,2}")
ONLY_IN_1_0 = frozenset({"voorletters", "voorvoegsel", "achternaam", "straatnaam", "plaatsnaam"})


def version_of(content: dict[str, Any]) -> str | None:
    """Return the file's version if it is recognisably another version of the model; otherwise None."""
    said = str(content.get("modelversie", DDAS_VERSION))
    if said != DDAS_VERSION and VERSION.fullmatch(said):
        return said
    for delivery in _objects(content, "leveringen"):
        if delivery.keys() & BEFORE_1_0:
            return "0.9 or earlier"
        for signal in _objects(delivery, "vroegsignalen"):
            client = signal.get("client")
            names = client.keys() if isinstance(client, dict) else frozenset()
            if names & BEFORE_1_0:
                return "0.9 or earlier"
            if names & ONLY_IN_1_0:
                return "1.0, or a draft of 1.1"
    return None


def lone_surrogates(content: Any, place: str = "") -> Iterator[Problem]:
    """Yield the places of texts with a lone surrogate, which no file can hold."""
    if isinstance(content, dict):
        for name, value in content.items():
            at = f"{place}.{_printable(name)}" if place else _printable(name)
            yield from lone_surrogates(name, at)
            yield from lone_surrogates(value, at)
    elif isinstance(content, list):
        for index, value in enumerate(content):
            yield from lone_surrogates(value, f"{place}[{index}]")
    elif isinstance(content, str) and content != _printable(content):
        yield Problem(place or "file", "holds half a character (a lone surrogate); write the whole of it")


class Model:
    """Checks the parts of one file, and collects the faults."""

    def __init__(self, test_numbers: bool) -> None:
        self._found = Problems()
        self.test_numbers = test_numbers

    def fault(self, place: str, message: str) -> None:
        """Keep what is wrong at a JSON path."""
        self._found.add(Problem(place, message))

    @property
    def problems(self) -> Sequence[Problem]:
        """What is wrong with the file, as far as it is named."""
        return self._found.named

    def file(self, content: Any) -> bool:
        """Check the file itself, without its deliveries."""
        return self._fields("", content, _FILE, _FILE.keys() - {"leveringen"}) and self._deliveries(content)

    def delivery(self, place: str, delivery: Any) -> bool:
        """Check a delivery, without its signals and cases."""
        required = {"teller", "gemeentecode", "aanleverendeOrganisatie"}
        if not self._fields(place, delivery, _DELIVERY, required):
            return False
        organisation = delivery["aanleverendeOrganisatie"]
        at = f"{place}.aanleverendeOrganisatie"
        return self._fields(at, organisation, _ORGANISATION) and self._contacts(at, organisation)

    def signal(self, place: str, signal: Any) -> bool:
        """Check a signal. The amount is optional in the model, but ranking needs it."""
        if not self._fields(place, signal, _SIGNAL, {"ID", "signaalpartner", "client", "bedrag"}):
            return False
        partner = self._fields(f"{place}.signaalpartner", signal["signaalpartner"], _PARTNER, {"type"})
        return self._client(f"{place}.client", signal["client"]) and partner

    def case(self, place: str, case: Any) -> bool:
        """Check a case, with its signals and contact attempts."""
        if not self._fields(place, case, _CASE):
            return False
        named = case.get("vroegsignalen")
        if named is not None and not self._at_least_one(f"{place}.vroegsignalen", named):
            return False
        parts = [
            self._fields(f"{place}.vroegsignalen[{i}]", v, _NAMED, {"ID"}) for i, v in enumerate(named or [])
        ]
        tries = enumerate(case.get("contactpogingen", []))
        parts += [self._fields(f"{place}.contactpogingen[{i}]", v, _ATTEMPT) for i, v in tries]
        return all(parts)

    def _deliveries(self, content: dict[str, Any]) -> bool:
        first, last = content["startdatumLevering"], content["einddatumLevering"]
        if first > last:
            self.fault("startdatumLevering", "is after einddatumLevering")
        return self._at_least_one("leveringen", content.get("leveringen", []))

    def _contacts(self, place: str, organisation: dict[str, Any]) -> bool:
        contacts = organisation.get("contactpersonen")
        if contacts is None:
            return True
        at = f"{place}.contactpersonen"
        if not self._at_least_one(at, contacts):
            return False
        return all([self._fields(f"{at}[{i}]", contact, _CONTACT) for i, contact in enumerate(contacts)])

    def _client(self, place: str, client: dict[str, Any]) -> bool:
        if "burgerservicenummer" not in client:
            return self._fields(place, client, _CLIENT, {"postcode", "huisnummer"})
        if len(client) > 1:
            self.fault(place, "a burgerservicenummer stands alone, without any other field")
            return False
        bsn = client["burgerservicenummer"]
        if not (isinstance(bsn, str) and is_nine_digits(bsn)):
            self.fault(f"{place}.burgerservicenummer", "must be nine digits")
        elif not is_taken(bsn, self.test_numbers):
            self.fault(f"{place}.burgerservicenummer", "is not a BSN: it fails the eleven test")
        else:
            return True
        return False

    def _at_least_one(self, place: str, items: list[Any]) -> bool:
        if not items:
            self.fault(place, "must hold at least one")
            return False
        seen: set[str] = set()
        for index, item in enumerate(items):
            text = json.dumps(item, sort_keys=True)
            if text in seen:
                self.fault(f"{place}[{index}]", "is there twice")
                return False
            seen.add(text)
        return True

    def _fields(
        self, place: str, value: Any, known: dict[str, Check], required: Set[str] = frozenset()
    ) -> bool:
        """Return whether `value` is an object with only `known` fields, and all `required` ones."""
        if not isinstance(value, dict):
            self.fault(place or "file", "must be an object")
            return False
        before = self._found.count
        at = f"{place}." if place else ""
        for name in sorted(required - value.keys()):
            self.fault(f"{at}{name}", "is missing")
        for name, held in value.items():
            if name not in known:
                self.fault(
                    f"{at}{name}", f"is not a field of the model here; Eropaf reads version {DDAS_VERSION}"
                )
            elif not known[name](held):
                self.fault(f"{at}{name}", _MUST_BE.get(known[name], "is not one of the model's values"))
        return self._found.count == before


def is_integer(value: Any) -> bool:
    """Return whether `value` is an integer in JSON Schema's sense: 900.0 is one."""
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, float) and value.is_integer()
    )


def _objects(content: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    found = content.get(name)
    return (each for each in (found if isinstance(found, list) else []) if isinstance(each, dict))


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _list(value: Any) -> bool:
    return isinstance(value, list)


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _one_of(terms: Any) -> Check:
    return lambda value: isinstance(value, str) and value in terms


def _birth(value: Any) -> bool:
    return isinstance(value, str) and read_day(value) is not None


def _date(value: Any) -> bool:
    day = read_day(value) if isinstance(value, str) else None
    return day is not None and is_likely(day)


def _moment(value: Any) -> bool:
    moment = read_moment(value) if isinstance(value, str) else None
    return moment is not None and is_likely(moment.date())


_FILE: dict[str, Check] = {
    "codeGegevensleverancier": _text,
    "startdatumLevering": _date,
    "einddatumLevering": _date,
    "aanleverdatumEnTijd": _moment,
    "leveringen": _list,
}
_DELIVERY: dict[str, Check] = {
    "teller": is_integer,
    "gemeentecode": _text,
    "aanleverendeOrganisatie": _object,
    "vroegsignalen": _list,
    "vroegsignaalzaken": _list,
}
_ORGANISATION: dict[str, Check] = {"naam": _text, "kvk-nummer": _text, "contactpersonen": _list}
_CONTACT: dict[str, Check] = {"naam": _text, "telefoonnummer": _text, "email": _text, "functietitel": _text}
_SIGNAL: dict[str, Check] = {
    "ID": _text,
    "crisissignaal": _boolean,
    "warmeOverdracht": _boolean,
    "bedrag": is_integer,
    "ontstaansdatum": _date,
    "signaaldatum": _date,
    "status": _one_of(STATUSES),
    "signaalpartner": _object,
    "client": _object,
}
_PARTNER: dict[str, Check] = {"type": _one_of(PARTNER_TYPES)}
_CLIENT: dict[str, Check] = {
    "geslachtsaanduiding": _one_of(SEXES),
    "geboortedatum": _birth,
    "postcode": _text,
    "huisnummer": _text,
    "huisnummertoevoeging": _text,
}
_CASE: dict[str, Check] = {
    "resultaat": _one_of(RESULTS),
    "matchingsdatum": _date,
    "startdatumMatchingperiode": _date,
    # The spelling in the model's own example, which its schema does not allow.
    "startdatumMatchtingperiode": _date,
    "einddatumMatchingperiode": _date,
    "datumOpgepakt": _date,
    "vroegsignalen": _list,
    "contactpogingen": _list,
}
_NAMED: dict[str, Check] = {"ID": _text}
_ATTEMPT: dict[str, Check] = {
    "soort": _one_of(CHANNELS),
    "bereikt": _boolean,
    "datum": _date,
    "dagdeel": _one_of(DAY_PARTS),
}
_MUST_BE: dict[Check, str] = {
    _text: "must be text",
    is_integer: "must be a whole number",
    _boolean: "must be true or false",
    _list: "must be a list",
    _object: "must be an object",
    _birth: "must be a date, YYYY-MM-DD",
    _date: "must be a date, YYYY-MM-DD, from 1990 to 2099",
    _moment: "must be a date and time with its zone (RFC 3339), from 1990 to 2099",
}
