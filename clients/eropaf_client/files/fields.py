"""The columns' types: how their text is read, and the message if it cannot be."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timezone
from enum import Enum
from typing import Any, Callable
from zoneinfo import ZoneInfoNotFoundError

from eropaf_client.files.ddas_terms import PARTNER_TYPES
from eropaf_client.files.moments import is_likely, read_day, read_day_first, read_moment, read_wall_clock
from eropaf_client.records import ConsentOffer, CrisisKind, PartnerType, SignalKind
from eropaf_client.schemas.bsn import is_nine_digits, is_taken
from eropaf_client.schemas.looks import DASHES, ERRORS, FLOAT, NAMED_DATE, SCIENTIFIC, changed_to

WHOLE = re.compile(r"0|[1-9][0-9]{0,17}")
PLAIN = re.compile(r"(0|[1-9][0-9]{0,11})(?:[.,]([0-9]{1,2}))?")
GROUPED = {
    ",": re.compile(r"([1-9][0-9]{0,2}(?:[. ][0-9]{3})+)(?:,([0-9]{1,2}))?"),
    ".": re.compile(r"([1-9][0-9]{0,2}(?:[, ][0-9]{3})+)(?:\.([0-9]{1,2}))?"),
}
# One separator followed by three digits: thousands, or three decimals.
OPEN = re.compile(r"[0-9]{1,3}[.,][0-9]{3}")
ERROR = "holds a spreadsheet's error; correct the formula, or leave the cell empty"
NO_ZONES = "this machine knows no time zones; leave the time out, or `pip install tzdata`"
EUROS = "write euros as 123, 123.45 or 123,45, without sign"

KINDS = {
    "gemeld": SignalKind.REPORTED,
    "gewijzigd": SignalKind.CHANGED,
    "betaald": SignalKind.PAID,
    "regeling getroffen": SignalKind.PLAN_AGREED,
    "regeling verbroken": SignalKind.PLAN_BROKEN,
    "ingetrokken": SignalKind.WITHDRAWN,
}
CRISES = {
    "ontruiming": CrisisKind.EVICTION,
    "afsluiting": CrisisKind.DISCONNECTION,
    "einde verzekering": CrisisKind.END_OF_INSURANCE,
    "einde levering": CrisisKind.END_OF_DELIVERY,
}
OFFERS = {
    "niet gedaan": ConsentOffer.NOT_OFFERED,
    "geen antwoord": ConsentOffer.NO_ANSWER,
    "akkoord": ConsentOffer.AGREED,
    "geweigerd": ConsentOffer.REFUSED,
}
# A kind that the national model lacks: it says Overige.
PARTNERS = {**PARTNER_TYPES, "Gemeentelijke belasting": PartnerType.MUNICIPAL_TAX}
# Including a spreadsheet's words, in English and Dutch.
YES_OR_NO = {
    "yes": True, "ja": True, "true": True, "waar": True,
    "no": False, "nee": False, "false": False, "onwaar": False,
}  # fmt: skip


class NotThis(ValueError):
    """A field's content is invalid; the message says what the column requires, never what the field holds."""


class Reader:
    """Parses the cells of one file; its dialect determines how amounts and dates are read."""

    def __init__(
        self, decimal: str | None = None, day_first: bool = False, test_numbers: bool = False
    ) -> None:
        self._decimal = decimal
        self._day_first = day_first
        self.test_numbers = test_numbers
        self.columns: dict[str, Callable[[str], Any]] = {
            "signal_id": identity,
            "contract": identity,
            "kind": _one_of(SignalKind, KINDS),
            "partner_type": _one_of(PartnerType, PARTNERS),
            "amount_eur": self.cents,
            "monthly_bill_eur": self.cents,
            "arrears_since": self.day,
            "reported_at": self.instant,
            "version": _whole,
            "crisis": _one_of(CrisisKind, CRISES),
            "crisis_on": self.day,
            "handover_wish": yes_or_no,
            "bsn": self.bsn,
            "postcode": address_part,
            "house_number": address_part,
            "addition": address_part,
            "personal_contact": yes_or_no,
            "debt_help_pointed_at": yes_or_no,
            "written_reminders": _whole,
            "offer": _one_of(ConsentOffer, OFFERS),
        }

    def cents(self, text: str) -> int:
        """Return an amount in euros as cents, with either decimal mark if unambiguous."""
        text = text.strip("€ ")
        text = text[:-2] if text.endswith((",-", ".-")) else text
        found = PLAIN.fullmatch(text)
        if found is None and OPEN.fullmatch(text):
            if self._decimal is None:
                raise NotThis("may be thousands or three decimals; write euros without a thousands separator")
            found = GROUPED[self._decimal].fullmatch(text)
        elif found is None:
            found = GROUPED[","].fullmatch(text) or GROUPED["."].fullmatch(text)
        if found is None:
            raise NotThis(EUROS)
        whole = re.sub("[., ]", "", found[1])
        return int(whole) * 100 + int((found[2] or "").ljust(2, "0"))

    def day(self, text: str) -> date:
        """Return a date."""
        found = read_day(text)
        if found is None and self._day_first:
            found = read_day_first(text)
        if found is None:
            raise NotThis("write a date as YYYY-MM-DD")
        if not is_likely(found):
            raise NotThis("is before 1990 or after 2099")
        return found

    def instant(self, text: str) -> datetime:
        """Return a moment; a date alone is its midnight in UTC."""
        if len(text) <= 10:
            return datetime.combine(self.day(text), time(), timezone.utc)
        found = read_moment(text)
        if found is None and self._day_first:
            found = _on_the_wall(text)
        if found is None:
            raise NotThis("write a date as YYYY-MM-DD, or a time with its zone as 2026-03-02T09:30:00Z")
        if not is_likely(found.date()):
            raise NotThis("is before 1990 or after 2099")
        return found

    def bsn(self, text: str) -> str:
        """Return a BSN."""
        if is_taken(text, self.test_numbers):
            return text
        if len(text) == 8 and is_nine_digits(f"0{text}"):
            raise NotThis("has eight digits: a leading zero was lost; format the column as text")
        raise NotThis(
            "is not a BSN: it fails the eleven test" if is_nine_digits(text) else "write nine digits"
        )


def identity(text: str) -> str:
    """Return an id; refuse one that a program has truncated or turned into a date or an error."""
    if text in ERRORS:
        raise NotThis(ERROR)
    if SCIENTIFIC.fullmatch(text):
        raise NotThis("digits were lost: the number was written with an exponent; format the column as text")
    if FLOAT.fullmatch(text):
        raise NotThis("a number with decimals is not a reference; format the column as text")
    if NAMED_DATE.fullmatch(text):
        raise NotThis("a date is not a reference: 02-03 and 2-3 both turn into it; format the column as text")
    return text


def address_part(text: str) -> str:
    """Return a part of an address, dashes as hyphens; refuse one that a program has altered.

    `12.0` may be a program's spelling of house 12, or house 12 with addition 0.
    """
    text = DASHES.sub("-", text)
    changed = changed_to(text)
    if changed is not None:
        raise NotThis(f"{changed} is not part of an address; format the column as text")
    return text


def _on_the_wall(text: str) -> datetime | None:
    try:
        return read_wall_clock(text)
    except ZoneInfoNotFoundError:
        raise NotThis(NO_ZONES) from None


def yes_or_no(text: str) -> bool:
    """Return whether it says yes."""
    try:
        return YES_OR_NO[text.lower()]
    except KeyError:
        raise NotThis("write yes or no (ja or nee)") from None


def _whole(text: str) -> int:
    if WHOLE.fullmatch(text) is None:
        raise NotThis("write a whole number, zero or more")
    return int(text)


def _one_of(kind: type[Enum], dutch: dict[str, Any]) -> Callable[[str], Any]:
    words: dict[str, Any] = {**{each.value: each for each in kind}, **dutch}
    meant = {word.casefold(): each for word, each in words.items()}
    names = ", ".join(each.value for each in kind)

    def parse(text: str) -> Any:
        try:
            return meant[text.casefold()]
        except KeyError:
            raise NotThis(f"write one of {names}") from None

    return parse
