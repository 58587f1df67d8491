"""The tables of the rules' book: found in its pages by their columns, each row with its page and line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from eropaf.risk.policy import Policy
from tests.book.columns import CHANGED
from tests.builders import AMSTERDAM_EXAMPLE

BOOK = Path(__file__).parents[2] / "docs" / "rules"
# Ends a line within a cell: of a policy, and of what somebody reads.
NEW_LINE = " ⏎ "
BREAK = "<br>"


@dataclass(frozen=True, slots=True)
class Row:
    """One case: where it stands, and its cells by column."""

    place: str
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """The cases of one table, in order; `place` is that of its header.

    `changes` are what its section changes of the shipped policy, `letters` what stands below it word for
    word, by language.
    """

    place: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    changes: tuple[tuple[str, str], ...] = ()
    letters: tuple[tuple[str, str], ...] = ()

    @property
    def policy(self) -> Policy:
        """The policy that holds for the table."""
        return _parsed(self.changes)


def of(*columns: str) -> pytest.MarkDecorator:
    """Run a test for each table of these columns."""
    found = [table for table in tables() if table.columns == columns]
    return pytest.mark.parametrize("table", found, ids=lambda table: table.place)


def differs(case: Row, found: dict[str, str]) -> list[str]:
    """Return what the rules give, where the book says something else."""
    return [
        f"{case.place}: {column} is {value}, the book says {case.cells[column]}"
        for column, value in found.items()
        if case.cells[column] != value
    ]


@cache
def tables() -> tuple[Table, ...]:
    """Return every table of every page."""
    return tuple(table for page in sorted(BOOK.glob("*.md")) for table in _of(page))


def changed(text: str, stands: str, becomes: str) -> str:
    """Return a policy's text in which one passage has become another.

    Raises:
        ValueError: the passage does not stand there.

    """
    passage = stands.replace(NEW_LINE, "\n")
    if passage not in text:
        raise ValueError(f"not in the policy: {passage}")
    return text.replace(passage, "" if becomes == "(nothing)" else becomes.replace(NEW_LINE, "\n"), 1)


@cache
def _parsed(changes: tuple[tuple[str, str], ...]) -> Policy:
    text = AMSTERDAM_EXAMPLE
    for stands, becomes in changes:
        text = changed(text, stands, becomes)
    return Policy.parse(text)


def _of(page: Path) -> list[Table]:
    changes: tuple[tuple[str, str], ...] = ()
    found: list[Table] = []
    for part in _parts(page):
        if isinstance(part, Table):
            if part.columns == CHANGED:
                changes += tuple((row.cells[CHANGED[0]], row.cells[CHANGED[1]]) for row in part.rows)
            found.append(replace(part, changes=changes))
        elif part.type == "heading_open":
            changes = ()
        else:
            language = part.info.split()[-1]
            found[-1] = replace(found[-1], letters=(*found[-1].letters, (language, part.content)))
    return found


def _parts(page: Path) -> Iterator[Table | Token]:
    """Yield the tables of a page, its headings, and what stands there word for word."""
    lines: list[tuple[int, list[str]]] = []
    for token in MarkdownIt("commonmark").enable("table").parse(page.read_text("utf-8")):
        if token.type in ("heading_open", "fence"):
            yield token
        elif token.type == "tr_open" and token.map is not None:
            lines.append((token.map[0] + 1, []))
        elif token.type == "inline" and lines:
            lines[-1][1].append(token.content.replace("`", ""))
        elif token.type == "table_close":
            yield _table(page.name, lines)
            lines = []


def _table(page: str, lines: list[tuple[int, list[str]]]) -> Table:
    (begins, columns), *cases = lines
    rows = [Row(f"{page}:{line}", dict(zip(columns, cells, strict=True))) for line, cells in cases]
    return Table(f"{page}:{begins}", tuple(columns), tuple(rows))
