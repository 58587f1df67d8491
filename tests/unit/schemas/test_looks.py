"""What a program made of a text is told from what a creditor numbers its own by."""

from __future__ import annotations

import pytest

from eropaf_client.schemas.looks import changed_to

# What stands in the cell; what a program made there, None: it is as it was typed.
LOOKS = [
    ("2-mrt", "a date"), ("2 mrt. 2026", "a date"), ("mrt-26", "a date"), ("nov 2026", "a date"),
    ("NOV-1999", "a date"), ("2-mrt-26", "a date"), ("2-mrt-2026 00:00", "a date"),
    ("MRT-001", None), ("DEC-1001", None), ("DEC-2101", None), ("2-mrt-001", None), ("mrt-1", None),
    ("AUG-12A", None),
    ("12.0", "a number with decimals"), ("1.2E+17", "a number with an exponent"), ("1E3", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "made"), LOOKS)
def test_a_creditors_own_numbers_are_no_dates(text: str, made: str | None) -> None:
    assert changed_to(text) == made
