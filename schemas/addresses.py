"""What an address can be, part by part, and its canonical spelling.

One set of rules for the client, which checks before sending, the file readers, which name contracts by it,
    and intake, which derives households from it: none accepts what another cannot use.
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
    """Return the canonical spelling of a postcode, 1011AB; None if PostNL issues no such postcode."""
    squeezed = _squeezed(_read(text))
    found = POSTCODE.fullmatch(squeezed)
    return None if found is None or found[2] in NEVER_GIVEN_OUT else squeezed


def number_of(text: str | None) -> tuple[int, str] | None:
    """Return a house number from 1 to 99999 and the text after it; None if the text does not start with one.

    Split before separators are removed: 12-3 is a different address from 123. Also None for what a program
        has altered: 12.0 may be house 12, or house 12 with addition 0.
    """
    read = _read(text)
    found = None if changed_to(read) else NUMBER.fullmatch(read)
    return None if found is None else (int(found[1]), found[2])


def whole_addition_of(behind: str, own: str | None) -> str | None:
    """Return the canonical spelling of an addition, from the text after the number and its own field.

    None if it is too long, holds anything but ASCII letters and digits, or was altered by a program. A
    program's placeholder for an empty value, such as NULL, counts as empty.
    """
    if not behind and not own:
        return ""
    read = _read(own)
    if changed_to(read):
        return None
    addition = addition_of(_squeezed(behind), "" if read in NOTHING else _squeezed(read))
    possible = addition == "" or (addition.isascii() and addition.isalnum())
    return addition if possible and len(addition) <= LONGEST_ADDITION else None


def _read(text: str | None) -> str:
    """Return a field's visible text, every dash a hyphen, cut if it is too long."""
    if not text:
        return ""
    read = seen(text[: LONGEST_FIELD + 1])
    return read if read.isascii() else DASHES.sub("-", read)


def _squeezed(text: str) -> str:
    return (text if text.isalnum() else SEPARATORS.sub("", text)).upper()
