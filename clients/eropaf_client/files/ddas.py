"""Reads the signals of a DDAS Vroegsignalering 1.2 exchange file (JSON).

Only the signals are published. Cases, contact attempts and statuses are the municipality's own
registration of what came of them.
"""

from __future__ import annotations

import json
from datetime import date, datetime, time, timezone
from pathlib import Path
from typing import Any, Callable

from eropaf_client.errors import FileRefused, Problem
from eropaf_client.files.ddas_terms import CRISES, OTHER_CRISIS, PARTNER_TYPES, SEXES, STATUSES
from eropaf_client.files.filed import Filed
from eropaf_client.records import ArrearsSignal, Crisis, PartnerType, Resident, SignalKind
from eropaf_client.validation import faults

Check = Callable[[Any], bool]


def read_ddas(path: Path) -> list[Filed]:
    """Read every signal of every delivery in the file at `path`.

    The model has no contract: a signal's ID stands for it, so a later file about the same arrears
    reuses the ID. Amounts are whole euros there, cents here. A signal's version is its date.

    Raises:
        FileRefused: something in the file is not as the model says; every fault is named by its
            JSON path.
    """
    _, reading = _read(path)
    if reading.problems:
        raise FileRefused(str(path), reading.problems)
    return reading.signals


def ddas_parts(path: Path) -> tuple[dict[str, Any], list[Filed], list[Problem]]:
    """Give the file at `path` as JSON, the signals that can be used, and what is wrong with others.

    Raises:
        FileRefused: it is no such file at all.
    """
    content, reading = _read(path)
    if not isinstance(content, dict) or (reading.problems and not reading.signals):
        raise FileRefused(str(path), reading.problems)
    return content, reading.signals, reading.problems


def _read(path: Path) -> tuple[Any, _Reading]:
    reading = _Reading()
    content: Any = None
    try:
        content = json.loads(path.read_bytes())
    except UnicodeDecodeError:
        reading.fault("file", "is not UTF-8; save it as UTF-8")
    except json.JSONDecodeError as error:
        reading.fault(f"line {error.lineno}, column {error.colno}", f"is not JSON: {error.msg}")
    except RecursionError:
        reading.fault("file", "is nested deeper than any exchange file")
    except ValueError:  # Python reads no number of more than 4,300 digits
        reading.fault("file", "holds a number of thousands of digits")
    else:
        reading.file(content)
    return content, reading


class _Reading:
    """One pass over a file: what was read, and what is wrong."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.signals: list[Filed] = []
        self._places: dict[str, str] = {}

    def fault(self, place: str, message: str) -> None:
        self.problems.append(Problem(place, message))

    def file(self, content: Any) -> None:
        known: dict[str, Check] = {
            "codeGegevensleverancier": _text,
            "startdatumLevering": _date,
            "einddatumLevering": _date,
            "aanleverdatumEnTijd": _instant,
            "leveringen": _list,
        }
        if not self._fields("", content, known, required=set(known) - {"leveringen"}):
            return
        for index, delivery in enumerate(content.get("leveringen", [])):
            self._delivery(f"leveringen[{index}]", delivery, content)

    def _delivery(self, place: str, delivery: Any, content: Any) -> None:
        known: dict[str, Check] = {
            "teller": _integer,
            "gemeentecode": _text,
            "aanleverendeOrganisatie": _object,
            "vroegsignalen": _list,
            "vroegsignaalzaken": _list,
        }
        required = {"teller", "gemeentecode", "aanleverendeOrganisatie"}
        if not self._fields(place, delivery, known, required):
            return
        for index, signal in enumerate(delivery.get("vroegsignalen", [])):
            self._signal(f"{place}.vroegsignalen[{index}]", signal, content["aanleverdatumEnTijd"])

    def _signal(self, place: str, signal: Any, delivered_at: str) -> None:
        known = {
            "ID": _text,
            "crisissignaal": _boolean,
            "warmeOverdracht": _boolean,
            "bedrag": _integer,
            "ontstaansdatum": _date,
            "signaaldatum": _date,
            "status": STATUSES.__contains__,
            "signaalpartner": _object,
            "client": _object,
        }
        if not self._fields(place, signal, known, {"ID", "signaalpartner", "client", "bedrag"}):
            return
        partner = signal["signaalpartner"]
        one_of = {"type": PARTNER_TYPES.__contains__}
        if not self._fields(f"{place}.signaalpartner", partner, one_of, {"type"}):
            return
        resident = self._resident(f"{place}.client", signal["client"])
        if resident is None:
            return
        first = self._places.setdefault(signal["ID"], place)
        if first != place:
            self.fault(f"{place}.ID", f"is the ID of {first} too; each signal needs its own")
            return
        made = _make(signal, PARTNER_TYPES[partner["type"]], resident, delivered_at)
        wrong = faults(made)
        for message in wrong:
            self.fault(place, message)
        if not wrong:
            self.signals.append(Filed(place, made))

    def _resident(self, place: str, client: dict[str, Any]) -> Resident | None:
        known = {
            "burgerservicenummer": _bsn,
            "geslachtsaanduiding": SEXES.__contains__,
            "geboortedatum": _date,
            "postcode": _text,
            "huisnummer": _text,
            "huisnummertoevoeging": _text,
        }
        if "burgerservicenummer" in client:
            if len(client) > 1:
                self.fault(place, "a burgerservicenummer stands alone, without any other field")
                return None
            required = set()
        else:
            required = {"postcode", "huisnummer"}
        if not self._fields(place, client, known, required):
            return None
        return Resident(
            bsn=client.get("burgerservicenummer"),
            postcode=client.get("postcode"),
            house_number=client.get("huisnummer"),
            addition=client.get("huisnummertoevoeging") or None,
        )

    def _fields(self, place: str, value: Any, known: dict[str, Check], required: set[str]) -> bool:
        """Say whether `value` is an object of `known` fields, all `required` ones among them."""
        if not isinstance(value, dict):
            self.fault(place or "file", "must be an object")
            return False
        before = len(self.problems)
        at = f"{place}." if place else ""
        for name in sorted(required - value.keys()):
            self.fault(f"{at}{name}", "is missing")
        for name, held in value.items():
            if name not in known:
                self.fault(f"{at}{name}", "is no field of the model here")
            elif not known[name](held):
                self.fault(f"{at}{name}", _MUST_BE.get(known[name], "is not one of the model's values"))
        return len(self.problems) == before


def _make(
    signal: dict[str, Any], partner: PartnerType, resident: Resident, delivered_at: str
) -> ArrearsSignal:
    if "signaaldatum" in signal:
        reported_at = datetime.combine(date.fromisoformat(signal["signaaldatum"]), time(), timezone.utc)
    else:
        reported_at = _parsed(delivered_at)
    since = signal.get("ontstaansdatum")
    return ArrearsSignal(
        signal_id=signal["ID"],
        contract=signal["ID"],
        kind=SignalKind.REPORTED,
        partner_type=partner,
        amount_cents=signal["bedrag"] * 100,
        reported_at=reported_at,
        version=int(reported_at.timestamp() * 1000),
        resident=resident,
        arrears_since=None if since is None else date.fromisoformat(since),
        crisis=Crisis(CRISES.get(partner, OTHER_CRISIS)) if signal.get("crisissignaal") else None,
        handover_wish=signal.get("warmeOverdracht", False),
    )


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _list(value: Any) -> bool:
    return isinstance(value, list)


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _bsn(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 9 and value.isdigit()


def _date(value: Any) -> bool:
    try:
        return bool(date.fromisoformat(value)) and len(value) == 10
    except (TypeError, ValueError):
        return False


def _instant(value: Any) -> bool:
    try:
        return _parsed(value).tzinfo is not None
    except (AttributeError, TypeError, ValueError):
        return False


def _parsed(value: str) -> datetime:
    # Python 3.9 does not know RFC 3339's Z.
    return datetime.fromisoformat(value.replace("Z", "+00:00"))


_MUST_BE: dict[Check, str] = {
    _text: "must be text",
    _integer: "must be a whole number",
    _boolean: "must be true or false",
    _list: "must be a list",
    _object: "must be an object",
    _bsn: "must be nine digits",
    _date: "must be a date, YYYY-MM-DD",
    _instant: "must be a date and time with its zone (RFC 3339)",
}
