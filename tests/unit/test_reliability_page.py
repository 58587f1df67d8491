"""The page on reliability names the tests that hold a promise, and those tests are there."""

from __future__ import annotations

import re

from tests.unit.test_threat_model import NAMED, REPO, WRITTEN

PAGE = (REPO / "docs" / "reliability.md").read_text("utf-8")
KEPT = PAGE.partition("| what the client keeps | held by |")[2].partition("\n\n")[0]
ROWS = [line for line in KEPT.splitlines() if line.startswith("| ")]


def test_each_promise_of_the_client_names_the_tests_that_hold_it() -> None:
    assert len(ROWS) == 12
    assert [row for row in ROWS if not NAMED.findall(row.split("|")[2])] == []


def test_a_test_that_is_named_on_the_page_is_there() -> None:
    named = set(NAMED.findall(PAGE)) | set(re.findall(r"`(test_\w+\.py)`", PAGE))

    files = {file.name for file in (REPO / "tests").rglob("test_*.py")}
    assert sorted(named - WRITTEN - files) == []
