"""Addresses: any spelling in, one spelling out."""

from __future__ import annotations

from eropaf.risk.records import Address
from eropaf.risk.refusal import Reason, Refused
from eropaf_client.schemas.addresses import number_of, postcode_of, whole_addition_of
from eropaf_client.schemas.limits import LONGEST_ADDITION


def normalise(postcode: str | None, house_number: str | None, addition: str | None) -> Address:
    """Return the one spelling of an address.

    Case, spaces, dashes of every kind, dots, slashes, leading zeros and characters that nobody sees do not
    matter; the addition may stand in its own field, behind the number, or in both. Additions that say the
    same, as hs and huis, are one (`addition_of`). What a program made of it, as 12.0 or a date, is none
    (`schemas/looks.py`). Doing it twice changes nothing.

    Raises:
        Refused: no such address can exist; the reason says which part.

    """
    letters = postcode_of(postcode)
    if letters is None:
        raise Refused(
            Reason.IMPOSSIBLE_POSTCODE,
            "resident.postcode is not four digits and two letters as PostNL gives out",
        )
    parts = number_of(house_number)
    if parts is None:
        raise Refused(
            Reason.IMPOSSIBLE_HOUSE_NUMBER,
            "resident.house_number does not begin with a number from 1 to 99999, as it was typed",
        )
    number, behind = parts
    suffix = whole_addition_of(behind, addition)
    if suffix is None:
        raise Refused(
            Reason.IMPOSSIBLE_ADDITION,
            f"resident.addition is longer than {LONGEST_ADDITION}, holds other than letters and digits, or "
            "is not as it was typed",
        )
    return Address(letters, number, suffix)
