"""What DDAS Vroegsignalering 1.2 asks of a file, as a JSON schema made from our own terms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from eropaf_client.files.ddas_terms import CHANNELS, DAY_PARTS, PARTNER_TYPES, RESULTS, SEXES, STATUSES

TEXT = {"type": "string"}
DATE = {"type": "string", "format": "date"}
YES_OR_NO = {"type": "boolean"}


def closed(required: Iterable[str] = (), **fields: Any) -> dict[str, Any]:
    return {
        "type": "object", "properties": fields, "required": [*required], "additionalProperties": False,
    }  # fmt: skip


def one_of(values: Iterable[str]) -> dict[str, Any]:
    return {"type": "string", "enum": sorted(values)}


def many(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


AT_LEAST_ONE = {"minItems": 1, "uniqueItems": True}

CLIENT = {
    **closed(
        burgerservicenummer=TEXT, geslachtsaanduiding=one_of(SEXES), geboortedatum=DATE, postcode=TEXT,
        huisnummer=TEXT, huisnummertoevoeging=TEXT,
    ),
    "oneOf": [
        closed(["burgerservicenummer"], burgerservicenummer={"minLength": 9, "maxLength": 9}),
        {"not": {"required": ["burgerservicenummer"]}, "required": ["huisnummer", "postcode"]},
    ],
}  # fmt: skip

SIGNAL = closed(
    ["ID", "client", "signaalpartner"],
    ID=TEXT, crisissignaal=YES_OR_NO, warmeOverdracht=YES_OR_NO, bedrag={"type": "integer"},
    ontstaansdatum=DATE, signaaldatum=DATE, status=one_of(STATUSES),
    signaalpartner=closed(type=one_of(PARTNER_TYPES)), client=CLIENT,
)  # fmt: skip

CASE = closed(
    resultaat=one_of(RESULTS), matchingsdatum=DATE, startdatumMatchingperiode=DATE, datumOpgepakt=DATE,
    einddatumMatchingperiode=DATE, vroegsignalen=many(closed(["ID"], ID=TEXT), **AT_LEAST_ONE),
    contactpogingen=many(
        closed(soort=one_of(CHANNELS), bereikt=YES_OR_NO, datum=DATE, dagdeel=one_of(DAY_PARTS))
    ),
)  # fmt: skip

CONTACT = closed(
    naam=TEXT, telefoonnummer=TEXT, email={"type": "string", "format": "email"}, functietitel=TEXT
)
ORGANISATION = closed(naam=TEXT, **{"kvk-nummer": TEXT}, contactpersonen=many(CONTACT, **AT_LEAST_ONE))
DELIVERY = closed(
    ["aanleverendeOrganisatie", "gemeentecode", "teller"],
    teller={"type": "integer"}, gemeentecode=TEXT, aanleverendeOrganisatie=ORGANISATION,
    vroegsignalen=many(SIGNAL), vroegsignaalzaken=many(CASE),
)  # fmt: skip

SCHEMA = closed(
    ["aanleverdatumEnTijd", "codeGegevensleverancier", "einddatumLevering", "startdatumLevering"],
    startdatumLevering=DATE, einddatumLevering=DATE, codeGegevensleverancier=TEXT,
    aanleverdatumEnTijd={"type": "string", "format": "date-time"}, leveringen=many(DELIVERY, **AT_LEAST_ONE),
)  # fmt: skip

VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


def faults(content: Any) -> list[str]:
    """Return everything that the model does not allow in `content`, each by its JSON path."""
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(content)]
