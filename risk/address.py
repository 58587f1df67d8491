"""Addresses: any spelling in, one canonical spelling out."""

from __future__ import annotations

from eropaf.risk.records import Address
from eropaf.risk.refusal import Reason, Refused
from eropaf_client.schemas.addresses import number_of, postcode_of, whole_addition_of
from eropaf_client.schemas.limits import LONGEST_ADDITION


def normalise(postcode: str | None, house_number: str | None, addition: str | None) -> Address:
    """Return the canonical spelling of an address.

    Case, spaces, dashes of every kind, dots, slashes, leading zeros and invisible characters do not matter;
    the addition may be in its own field, after the number, or in both. Additions with one meaning, such as hs
    and huis, are unified (`addition_of`). A part that a program has altered, to 12.0 or a date, is refused
    (`schemas/looks.py`). Idempotent.

    Raises:
        Refused: the address is impossible; the reason says which part.

    """
    letters = postcode_of(postcode)
    if letters is None:
        raise Refused(
            Reason.IMPOSSIBLE_POSTCODE,
            "resident.postcode is not four digits and two letters as issued by PostNL",
        )
    parts = number_of(house_number)
    if parts is None:
        raise Refused(
            Reason.IMPOSSIBLE_HOUSE_NUMBER,
            "resident.house_number does not begin with a number from 1 to 99999 as typed",
        )
    number, behind = parts
    suffix = whole_addition_of(behind, addition)
    if suffix is None:
        raise Refused(
            Reason.IMPOSSIBLE_ADDITION,
            f"resident.addition is longer than {LONGEST_ADDITION}, holds characters other than letters and "
            "digits, or is not as typed",
        )
    return Address(letters, number, suffix)
