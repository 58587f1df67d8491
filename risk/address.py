"""Addresses: any spelling in, one spelling out."""

from __future__ import annotations

from eropaf.risk.records import Address
from eropaf.risk.refusal import Reason, Refused
from eropaf_client.schemas.additions import addition_of
from eropaf_client.schemas.limits import (
    LONGEST_ADDITION,
    LONGEST_FIELD,
    NEVER_GIVEN_OUT,
    NUMBER,
    POSTCODE,
    SEPARATORS,
)


def normalise(postcode: str | None, house_number: str | None, addition: str | None) -> Address:
    """Give the one spelling of an address.

    Case, spaces, dashes, dots, slashes and leading zeros do not matter; the addition may stand in
    its own field, behind the number, or in both. Additions that say the same, as hs and huis, are one
    (`addition_of`). Doing it twice changes nothing.

    Raises:
        Refused: no such address can exist; the reason says which part.

    """
    letters = _squeezed(postcode)
    found = POSTCODE.fullmatch(letters)
    if found is None or found[2] in NEVER_GIVEN_OUT:
        raise Refused(
            Reason.IMPOSSIBLE_POSTCODE,
            "resident.postcode is not four digits and two letters as PostNL gives out",
        )
    # Parted before separators go: 12-3 is another address than 123.
    parts = NUMBER.fullmatch((house_number or "")[: LONGEST_FIELD + 1])
    if parts is None:
        raise Refused(
            Reason.IMPOSSIBLE_HOUSE_NUMBER,
            "resident.house_number does not begin with a number from 1 to 99999",
        )
    suffix = addition_of(_squeezed(parts[2]), _squeezed(addition))
    if not (suffix == "" or (suffix.isascii() and suffix.isalnum())) or len(suffix) > LONGEST_ADDITION:
        raise Refused(
            Reason.IMPOSSIBLE_ADDITION,
            f"resident.addition is longer than {LONGEST_ADDITION} or holds other than letters and digits",
        )
    return Address(letters, int(parts[1]), suffix)


def _squeezed(text: str | None) -> str:
    return SEPARATORS.sub("", text[: LONGEST_FIELD + 1]).upper() if text else ""
