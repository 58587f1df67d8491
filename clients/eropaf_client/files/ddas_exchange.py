"""A DDAS 1.2 exchange file as values: signals, cases, contact attempts and results, both ways.

Content is kept unchanged: a missing field is None here, and omitted when written. So a file survives a round
    trip without loss.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from typing import Any, Callable

from eropaf_client.files.ddas_terms import CHANNELS, DAY_PARTS, PARTNER_TYPES, RESULTS, STATUSES
from eropaf_client.files.moments import read_moment
from eropaf_client.records import PartnerType

OUR_PARTNERS = {ours: theirs for theirs, ours in PARTNER_TYPES.items()}
# The model has no word for municipal tax.
OUR_PARTNERS[PartnerType.MUNICIPAL_TAX] = "Overige"


@dataclass(frozen=True)
class Client:
    """Whom a signal is about: a BSN alone, or an address. Its text form reveals nothing."""

    bsn: str | None = field(default=None, repr=False)
    postcode: str | None = field(default=None, repr=False)
    house_number: str | None = field(default=None, repr=False)
    addition: str | None = field(default=None, repr=False)
    sex: str | None = field(default=None, repr=False)
    born_on: date | None = field(default=None, repr=False)


@dataclass(frozen=True)
class ExchangedSignal:
    """One vroegsignaal. `status` is one of ours; the amount is in whole euros."""

    signal_id: str
    partner_type: PartnerType
    client: Client
    crisis: bool | None = None
    handover_wish: bool | None = None
    amount_eur: int | None = None
    arose_on: date | None = None
    signalled_on: date | None = None
    status: str | None = None


@dataclass(frozen=True)
class ExchangedAttempt:
    """One contactpoging."""

    channel: str | None = None
    reached: bool | None = None
    on: date | None = None
    day_part: str | None = None


@dataclass(frozen=True)
class Case:
    """One vroegsignaalzaak."""

    signal_ids: tuple[str, ...] | None = None
    attempts: tuple[ExchangedAttempt, ...] | None = None
    result: str | None = None
    matched_on: date | None = None
    period_from: date | None = None
    period_to: date | None = None
    picked_up_on: date | None = None


@dataclass(frozen=True)
class Contact:
    """One contactpersoon of the organisation that delivers."""

    name: str | None = None
    telephone: str | None = None
    email: str | None = None
    role: str | None = None


@dataclass(frozen=True)
class Delivery:
    """One levering: of one organisation, for one municipality."""

    number: int
    municipality: str
    organisation: str | None = None
    chamber_of_commerce: str | None = None
    contacts: tuple[Contact, ...] | None = None
    signals: tuple[ExchangedSignal, ...] = ()
    cases: tuple[Case, ...] = ()


@dataclass(frozen=True)
class ExchangeFile:
    """One file. `delivered_at` is aware (UTC)."""

    supplier: str
    first_day: date
    last_day: date
    delivered_at: datetime
    deliveries: tuple[Delivery, ...]


def to_json(file: ExchangeFile) -> dict[str, Any]:
    """Return `file` as JSON of the model."""
    return {
        "codeGegevensleverancier": file.supplier,
        "startdatumLevering": file.first_day.isoformat(),
        "einddatumLevering": file.last_day.isoformat(),
        "aanleverdatumEnTijd": file.delivered_at.astimezone(timezone.utc).isoformat().replace("+00:00", "Z"),
        "leveringen": [_delivery(delivery) for delivery in file.deliveries],
    }


def from_json(content: dict[str, Any]) -> ExchangeFile:
    """Parse a file that is valid under the model.

    Raises:
        KeyError, ValueError: it is not.
    """
    return ExchangeFile(
        content["codeGegevensleverancier"],
        date.fromisoformat(content["startdatumLevering"]),
        date.fromisoformat(content["einddatumLevering"]),
        _moment(content["aanleverdatumEnTijd"]),
        tuple(_read_delivery(delivery) for delivery in content.get("leveringen", [])),
    )


def _delivery(delivery: Delivery) -> dict[str, Any]:
    organisation = {
        "naam": delivery.organisation,
        "kvk-nummer": delivery.chamber_of_commerce,
        "contactpersonen": _each(delivery.contacts, _contact),
    }
    return {
        "teller": delivery.number,
        "gemeentecode": delivery.municipality,
        "aanleverendeOrganisatie": _said(organisation),
        "vroegsignalen": [_signal(signal) for signal in delivery.signals],
        "vroegsignaalzaken": [_case(case) for case in delivery.cases],
    }


def _read_delivery(value: dict[str, Any]) -> Delivery:
    organisation = value["aanleverendeOrganisatie"]
    contacts = organisation.get("contactpersonen")
    return Delivery(
        number=int(value["teller"]),
        municipality=value["gemeentecode"],
        organisation=organisation.get("naam"),
        chamber_of_commerce=organisation.get("kvk-nummer"),
        contacts=None if contacts is None else tuple(_read_contact(contact) for contact in contacts),
        signals=tuple(_read_signal(signal) for signal in value.get("vroegsignalen", [])),
        cases=tuple(read_case(case) for case in value.get("vroegsignaalzaken", [])),
    )


def _contact(contact: Contact) -> dict[str, Any]:
    return _said(
        {
            "naam": contact.name,
            "telefoonnummer": contact.telephone,
            "email": contact.email,
            "functietitel": contact.role,
        }
    )


def _read_contact(value: dict[str, Any]) -> Contact:
    return Contact(
        value.get("naam"), value.get("telefoonnummer"), value.get("email"), value.get("functietitel")
    )


def _signal(signal: ExchangedSignal) -> dict[str, Any]:
    client = signal.client
    return _said(
        {
            "ID": signal.signal_id,
            "crisissignaal": signal.crisis,
            "warmeOverdracht": signal.handover_wish,
            "bedrag": signal.amount_eur,
            "ontstaansdatum": _iso(signal.arose_on),
            "signaaldatum": _iso(signal.signalled_on),
            "status": _theirs(STATUSES, signal.status),
            "signaalpartner": {"type": OUR_PARTNERS[signal.partner_type]},
            "client": _said(
                {
                    "burgerservicenummer": client.bsn,
                    "geslachtsaanduiding": client.sex,
                    "geboortedatum": _iso(client.born_on),
                    "postcode": client.postcode,
                    "huisnummer": client.house_number,
                    "huisnummertoevoeging": client.addition,
                }
            ),
        }
    )


def _read_signal(value: dict[str, Any]) -> ExchangedSignal:
    client = value["client"]
    return ExchangedSignal(
        signal_id=value["ID"],
        partner_type=PARTNER_TYPES[value["signaalpartner"]["type"]],
        client=Client(
            bsn=client.get("burgerservicenummer"),
            postcode=client.get("postcode"),
            house_number=client.get("huisnummer"),
            addition=client.get("huisnummertoevoeging"),
            sex=client.get("geslachtsaanduiding"),
            born_on=_date(client.get("geboortedatum")),
        ),
        crisis=value.get("crisissignaal"),
        handover_wish=value.get("warmeOverdracht"),
        amount_eur=_integer(value.get("bedrag")),
        arose_on=_date(value.get("ontstaansdatum")),
        signalled_on=_date(value.get("signaaldatum")),
        status=_ours(STATUSES, value.get("status")),
    )


def _case(case: Case) -> dict[str, Any]:
    return _said(
        {
            "resultaat": _theirs(RESULTS, case.result),
            "matchingsdatum": _iso(case.matched_on),
            "startdatumMatchingperiode": _iso(case.period_from),
            "einddatumMatchingperiode": _iso(case.period_to),
            "datumOpgepakt": _iso(case.picked_up_on),
            "vroegsignalen": _each(case.signal_ids, lambda signal_id: {"ID": signal_id}),
            "contactpogingen": _each(case.attempts, _attempt),
        }
    )


def read_case(value: dict[str, Any]) -> Case:
    """Parse a case that is valid under the model."""
    # The model's own example has "Matchtingperiode", which its schema does not allow.
    period_from = value.get("startdatumMatchingperiode", value.get("startdatumMatchtingperiode"))
    signals, attempts = value.get("vroegsignalen"), value.get("contactpogingen")
    return Case(
        signal_ids=None if signals is None else tuple(signal["ID"] for signal in signals),
        attempts=None if attempts is None else tuple(_read_attempt(attempt) for attempt in attempts),
        result=_ours(RESULTS, value.get("resultaat")),
        matched_on=_date(value.get("matchingsdatum")),
        period_from=_date(period_from),
        period_to=_date(value.get("einddatumMatchingperiode")),
        picked_up_on=_date(value.get("datumOpgepakt")),
    )


def _attempt(attempt: ExchangedAttempt) -> dict[str, Any]:
    return _said(
        {
            "soort": _theirs(CHANNELS, attempt.channel),
            "bereikt": attempt.reached,
            "datum": _iso(attempt.on),
            "dagdeel": _theirs(DAY_PARTS, attempt.day_part),
        }
    )


def _read_attempt(value: dict[str, Any]) -> ExchangedAttempt:
    return ExchangedAttempt(
        _ours(CHANNELS, value.get("soort")),
        value.get("bereikt"),
        _date(value.get("datum")),
        _ours(DAY_PARTS, value.get("dagdeel")),
    )


def _said(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _each(values: tuple[Any, ...] | None, write: Callable[[Any], Any]) -> list[Any] | None:
    return None if values is None else [write(value) for value in values]


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _moment(text: str) -> datetime:
    found = read_moment(text)
    if found is None:
        raise ValueError("aanleverdatumEnTijd is not an RFC 3339 timestamp")
    return found


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _integer(value: float | None) -> int | None:
    return None if value is None else int(value)


def _ours(terms: dict[str, str], theirs: str | None) -> str | None:
    return None if theirs is None else terms[theirs]


def _theirs(terms: dict[str, str], ours: str | None) -> str | None:
    return next((theirs for theirs, known in terms.items() if known == ours), None)
