"""Each line of the threat model names the tests that try it, and those tests are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
PAGE = (REPO / "docs" / "explanation" / "threat-model.md").read_text("utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| arrow")]
NAMED = re.compile(r"`(test_\w+)`")
WRITTEN = frozenset(
    name
    for file in (REPO / "tests").rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)
)


def test_each_line_has_arrow_threat_defence_test_and_what_is_left() -> None:
    assert len(ROWS) > 40
    for row in ROWS:
        assert len(row.strip("|").split("|")) == 5, row


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[:60])
def test_a_line_names_tests_that_are_there(row: str) -> None:
    named = NAMED.findall(row.split("|")[4])

    assert named, "name what tries it"
    assert set(named) <= WRITTEN


def test_a_test_that_is_named_anywhere_on_the_page_is_there() -> None:
    assert set(NAMED.findall(PAGE)) <= WRITTEN
