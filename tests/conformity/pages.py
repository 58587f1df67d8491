"""The page of conformity and the accessibility statement, made of what is claimed and the tests there are."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
REPO = HERE.parents[1]
TEST = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)
MADE_OF = "<!-- Made by `make conformity` from tests/conformity/standards.toml: edit that. -->\n"
INTRODUCTION = """\
# Conformity

For a tender and for an auditor: each clause, and the test that proves it. A test can be run by its node id:
`make test-long ARGS='-n 0 NODE'`, or `make test` where it is not long. Where there is none it says why, and
what a test does not show stands beside it. What a standard leaves to the organisation is the municipality's.
It is checked that each test is there; nobody else has assessed it.
"""
STATEMENT = """\
# Accessibility of the board

What a municipality needs for its own accessibility statement: what was tried of WCAG {version}, and what was
not. **This is no audit.** No screen reader was used and no person with a disability has tried it; before the
board is in use have it examined by WCAG-EM, and fill in the national form yourself.

Tried in Chromium, on a desk and a phone, light and dark, in Dutch and English, by axe's rules and by what a
keyboard does. No criterion is known that is not met. What somebody meets all the same belongs in an issue,
with page, browser and aid.
"""


@cache
def standards() -> list[dict[str, Any]]:
    """Return what is claimed."""
    found: list[dict[str, Any]] = tomllib.loads((HERE / "standards.toml").read_text("utf-8"))["standard"]
    return found


@cache
def written() -> Mapping[str, Sequence[str]]:
    """Return where each test is written, by its name: node ids."""
    found = defaultdict(list)
    for file in sorted((REPO / "tests").rglob("test_*.py")):
        for name in TEST.findall(file.read_text("utf-8")):
            found[name].append(f"{file.relative_to(REPO).as_posix()}::{name}")
    return found


def node(name: str) -> str:
    """Return the node id of a test.

    Raises:
        LookupError: there is none of that name, or more than one.
    """
    found = written().get(name, [])
    if len(found) != 1:
        raise LookupError(f"{name}: there are {len(found)} of that name")
    return found[0]


def conformity() -> str:
    """Return the page."""
    return "\n".join([MADE_OF + INTRODUCTION, *(_section(each) for each in standards())])


def accessibility() -> str:
    """Return the statement."""
    (wcag,) = [each for each in standards() if each["name"] == "WCAG"]
    tried = [each for each in wcag["rows"] if "tests" in each]
    others = [each for each in wcag["rows"] if "tests" not in each]
    lines = [MADE_OF + STATEMENT.format(version=wcag["version"]), "## Tried", ""]
    lines += [f"- {each['clause']}{_but(each)}" for each in tried]
    lines += ["", "## Not tried by a test", ""]
    lines += [f"- {each['clause']}: {each['why']}." for each in others]
    return "\n".join(
        [*lines, "", "Which test tried what: [conformity](../reference/conformity.md#wcag-22-aa).", ""]
    )


PAGES: dict[Path, Callable[[], str]] = {
    REPO / "docs" / "reference" / "conformity.md": conformity,
    REPO / "docs" / "explanation" / "accessibility.md": accessibility,
}


def _but(row: Mapping[str, Any]) -> str:
    return f" ({row['but']})" if "but" in row else ""


def _section(standard: Mapping[str, Any]) -> str:
    rows = standard["rows"]
    proven = sum("tests" in each for each in rows)
    return "\n".join(
        [
            f"## {standard['name']} {standard['version']}",
            "",
            f"Of {standard['of']}. Seen in: {standard['seen']}. {proven} of {len(rows)} clauses have a test.",
            "",
            "| clause | proven by | what that does not show, or why there is no test |",
            "|---|---|---|",
            *_lines(rows),
            "",
        ]
    )


def _lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        tests = "<br>".join(f"`{node(each)}`" for each in row.get("tests", ()))
        yield f"| {row['clause']} | {tests} | {row.get('but', row.get('why', ''))} |"
