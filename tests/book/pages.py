"""The tables of the rules' book: found in its pages by their columns, each row with its page and line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

BOOK = Path(__file__).parents[2] / "docs" / "rules"


@dataclass(frozen=True, slots=True)
class Row:
    """One case: where it stands, and its cells by column."""

    place: str
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """The cases of one table, in order; `place` is that of its header."""

    place: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def tables() -> list[Table]:
    """Return every table of every page."""
    return [table for page in sorted(BOOK.glob("*.md")) for table in _of(page)]


def _of(page: Path) -> list[Table]:
    found: list[tuple[int, list[str]]] = []
    ended: list[Table] = []
    for token in MarkdownIt("commonmark").enable("table").parse(page.read_text("utf-8")):
        if token.type == "tr_open" and token.map is not None:
            found.append((token.map[0] + 1, []))
        elif token.type == "inline" and found:
            found[-1][1].append(token.content.replace("`", ""))
        elif token.type == "table_close":
            ended.append(_table(page.name, found))
            found = []
    return ended


def _table(page: str, lines: list[tuple[int, list[str]]]) -> Table:
    (begins, columns), *cases = lines
    rows = [Row(f"{page}:{line}", dict(zip(columns, cells, strict=True))) for line, cells in cases]
    return Table(f"{page}:{begins}", tuple(columns), tuple(rows))
