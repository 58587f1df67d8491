"""What an address can be, part by part, and its one spelling.

The client refuses by it before it sends, the readers of files name contracts by it, and intake makes
households of it: one table of rules, so that none of them takes what another cannot use.
"""

from __future__ import annotations

from eropaf_client.schemas.additions import addition_of
from eropaf_client.schemas.limits import (
    LONGEST_ADDITION,
    LONGEST_FIELD,
    NEVER_GIVEN_OUT,
    NUMBER,
    POSTCODE,
    SEPARATORS,
)


def postcode_of(text: str | None) -> str | None:
    """Return the one spelling of a postcode, as 1011AB; None where PostNL gives out none like it."""
    squeezed = _squeezed(text)
    found = POSTCODE.fullmatch(squeezed)
    return None if found is None or found[2] in NEVER_GIVEN_OUT else squeezed


def number_of(text: str | None) -> tuple[int, str] | None:
    """Return a house number from 1 to 99999 and what stands behind it; None where none is in front.

    Parted before separators go: 12-3 is another address than 123.
    """
    found = NUMBER.fullmatch((text or "")[: LONGEST_FIELD + 1])
    return None if found is None else (int(found[1]), found[2])


def whole_addition_of(behind: str, own: str | None) -> str | None:
    """Return the one spelling of an addition, of what stands behind the number and in a field of its own.

    None where it is too long, or holds other than letters and digits of ASCII.
    """
    addition = addition_of(_squeezed(behind), _squeezed(own))
    possible = addition == "" or (addition.isascii() and addition.isalnum())
    return addition if possible and len(addition) <= LONGEST_ADDITION else None


def _squeezed(text: str | None) -> str:
    return SEPARATORS.sub("", text[: LONGEST_FIELD + 1]).upper() if text else ""
