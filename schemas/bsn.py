"""The citizen service number (BSN): which numbers are possible."""

from __future__ import annotations

from eropaf_client.schemas.limits import BSN

WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


def is_nine_digits(text: str) -> bool:
    """Return whether `text` has the form of a BSN: nine digits of ASCII, whatever their sum."""
    return BSN.fullmatch(text) is not None


def is_bsn(text: str) -> bool:
    """Return whether `text` can be a BSN: nine digits, not all zero, that pass the eleven test.

    The digits times 9, 8, 7, 6, 5, 4, 3, 2 and -1 add up to a multiple of eleven. Numbers in examples and
    tests fail it on purpose, so that they belong to nobody.
    """
    if not is_nine_digits(text) or text == "000000000":
        return False
    return sum(weight * int(digit) for weight, digit in zip(WEIGHTS, text)) % 11 == 0


def is_taken(text: str, test_numbers: bool) -> bool:
    """Return whether a signal may carry `text` as a BSN: the one rule of clients, files and intake.

    With `test_numbers`, in a trial, any nine digits; otherwise those that can be a BSN.
    """
    return is_nine_digits(text) if test_numbers else is_bsn(text)
