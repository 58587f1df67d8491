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
from eropaf_client.schemas.looks import DASHES, NOTHING, changed_to, seen


def postcode_of(text: str | None) -> str | None:
    """Return the one spelling of a postcode, as 1011AB; None where PostNL gives out none like it."""
    squeezed = _squeezed(_read(text))
    found = POSTCODE.fullmatch(squeezed)
    return None if found is None or found[2] in NEVER_GIVEN_OUT else squeezed


def number_of(text: str | None) -> tuple[int, str] | None:
    """Return a house number from 1 to 99999 and what stands behind it; None where none is in front.

    Parted before separators go: 12-3 is another address than 123. None too for what a program made of it:
    12.0 may be house 12, or house 12 with addition 0.
    """
    read = _read(text)
    found = None if changed_to(read) else NUMBER.fullmatch(read)
    return None if found is None else (int(found[1]), found[2])


def whole_addition_of(behind: str, own: str | None) -> str | None:
    """Return the one spelling of an addition, of what stands behind the number and in a field of its own.

    None where it is too long, holds other than letters and digits of ASCII, or is what a program made of it.
    What a program writes where there is nothing, as NULL, is none.
    """
    read = _read(own)
    if changed_to(read):
        return None
    addition = addition_of(_squeezed(behind), "" if read in NOTHING else _squeezed(read))
    possible = addition == "" or (addition.isascii() and addition.isalnum())
    return addition if possible and len(addition) <= LONGEST_ADDITION else None


def _read(text: str | None) -> str:
    """Return what a person reads in a field, every dash a hyphen; of one that is too long its beginning."""
    if not text:
        return ""
    read = seen(text[: LONGEST_FIELD + 1])
    return read if read.isascii() else DASHES.sub("-", read)


def _squeezed(text: str) -> str:
    return SEPARATORS.sub("", text).upper()
