"""Reads a trial's lists and outcomes: CSV as any spreadsheet writes it, each fault by its line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eropaf_client.errors import FileRefused, Problem
from eropaf_client.files.cells import cleaned
from eropaf_client.files.csv_table import open_table


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file, by its number: what it says in the columns that are wanted."""

    number: int
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """The lines of a file."""

    path: Path
    rows: Sequence[Row]

    def refuse(self, fault: Callable[[Row], str | None]) -> None:
        """Refuse the file where `fault` finds one in a line.

        Raises:
            FileRefused: with every line that has one.
        """
        found = [(row.number, fault(row)) for row in self.rows]
        if problems := [Problem(f"line {number}", said) for number, said in found if said]:
            raise FileRefused(str(self.path), problems)


def read(path: Path, columns: Sequence[str], key: Sequence[str]) -> Rows:
    """Return the lines of a CSV file; it must have `columns`, and may have others. `key` stands once.

    Raises:
        FileRefused: it cannot be read, lacks a column, or a cell in some line, or a key stands twice.
    """
    if not path.is_file():
        raise FileRefused(str(path), [Problem("file", "is not there")])
    try:
        table = open_table(path, lambda name: _name(name) in columns)
        lines = list(table)
    except OSError as error:
        raise FileRefused(str(path), [Problem("file", f"cannot be read: {error.strerror}")]) from None
    names = [_name(heading) for heading in table.header.fields]
    head = f"line {table.header.number}"
    if wrong := [name for name in columns if names.count(name) != 1]:
        said = f"must have the columns {','.join(columns)}, once each; look at {', '.join(wrong)}"
        raise FileRefused(str(path), [Problem(head, said)])
    if not lines:
        raise FileRefused(str(path), [Problem(head, "has nothing below it")])
    places = [names.index(name) for name in columns]
    rows = Rows(path, [Row(line.number, _cells(line.fields, places)) for line in lines])
    faults = {line.number: line.fault or _width(line.fields, len(names)) for line in lines}
    first: dict[tuple[str, ...], int] = {}

    def fault(row: Row) -> str | None:
        mine = tuple(row.said[columns.index(name)] for name in key)
        before = first.setdefault(mine, row.number)
        twice = f"has the same {' and '.join(key)} as line {before}; each stands once"
        return faults[row.number] or _empty(row, columns) or (twice if before != row.number else None)

    rows.refuse(fault)
    return rows


def whole(text: str) -> int | None:
    """Return the number that `text` says in digits alone, else None."""
    return int(text) if text.isascii() and text.isdigit() and text == str(int(text)) else None


def _cells(fields: Sequence[str], places: Sequence[int]) -> tuple[str, ...]:
    return tuple(cleaned(fields[place], Counter()) if place < len(fields) else "" for place in places)


def _width(fields: Sequence[str], width: int) -> str | None:
    return (
        f"has {len(fields)} columns, the header has {width}" if any(map(str.strip, fields[width:])) else None
    )


def _empty(row: Row, columns: Sequence[str]) -> str | None:
    empty = [name for name, text in zip(columns, row.said, strict=True) if not text]
    return f"{', '.join(empty)}: empty; where it is not known, leave the line out" if empty else None


def _name(heading: str) -> str:
    return heading.strip().lower()
