"""A CSV file as rows: the fields of each, and its own text, so that it can be written back to the byte."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Callable, NamedTuple

from eropaf_client.errors import FileRefused, Problem
from eropaf_client.files.dialect import Dialect, decimal_of, delimiter_of, encoding_of, separator_line
from eropaf_client.files.writing import csv_line, harmless

# Rows whose amounts tell the decimal mark.
ROWS_LOOKED_AT = 1_000


class Row(NamedTuple):
    """One record: the line on which it begins, its fields, and its text with its line end.

    `fault` says why it is none; nothing after it can be read.
    """

    number: int
    fields: Sequence[str]
    text: str
    fault: str | None = None

    def __repr__(self) -> str:
        # Without what it holds: that says who is in arrears.
        return f"Row({self.number}, {len(self.fields)} fields, fault={self.fault!r})"


@dataclass(frozen=True)
class CsvTable:
    """A CSV file whose header was found. It is read anew, row by row, each time it is iterated over."""

    path: Path
    dialect: Dialect
    header: Row

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows below the header, those that hold nothing left out."""
        rows = _rows(self.path, self.dialect)
        for row in rows:
            if row.number > self.header.number and (row.fault or any(map(str.strip, row.fields))):
                yield row


def open_table(path: Path, is_column: Callable[[str], bool], encoding: str | None = None) -> CsvTable:
    """Find out how the file at `path` was written.

    Raises:
        FileRefused: its encoding is open, or what stands first is no CSV.
    """
    boms, encoding = encoding_of(path, encoding)
    before, line, delimiter = _head(path, boms, encoding)
    dialect = Dialect(encoding, delimiter or delimiter_of(line, is_column), boms, before)
    for row in _rows(path, dialect):
        if row.fault is not None:
            raise FileRefused(str(path), [Problem(f"line {row.number}", row.fault)])
        return CsvTable(path, dialect, row)
    return CsvTable(path, dialect, Row(1, [], ""))


def with_decimal(table: CsvTable, amounts: Sequence[int]) -> CsvTable:
    """Return the table with the decimal mark that its first rows show in the columns `amounts`."""
    seen = (
        row.fields[column].strip()
        for row in islice(table, ROWS_LOOKED_AT)
        for column in amounts
        if column < len(row.fields)
    )
    return replace(table, dialect=replace(table.dialect, decimal=decimal_of(seen)))


def widened(text: str, width: int, added: Iterable[str], delimiter: str) -> str:
    """Return the record `text`, which csv read, with `added` behind its first `width` fields.

    What is not touched stays as it is, quotes and all. A record that is too short is filled up; what it has
    beyond `width` stands behind what is added, so that nothing shifts. A field that begins a formula is made
    harmless.
    """
    body = text.rstrip("\r\n")
    fields = [_harmless(field, delimiter) for field in _raw_fields(body, delimiter)]
    fields += [""] * (width - len(fields))
    return delimiter.join([*fields[:width], *added, *fields[width:]]) + text[len(body) :]


def _harmless(field: str, delimiter: str) -> str:
    meant = field[1:-1].replace('""', '"') if field.startswith('"') else field
    return field if harmless(meant) == meant else csv_line([meant], delimiter, "")


def _raw_fields(record: str, delimiter: str) -> list[str]:
    if '"' not in record:
        return record.split(delimiter)
    fields, begins, quoted = [], 0, False
    for at, character in enumerate(record):
        if character == '"' and (quoted or at == begins):
            quoted = not quoted
        elif character == delimiter and not quoted:
            fields.append(record[begins:at])
            begins = at + 1
    return [*fields, record[begins:]]


def _head(path: Path, boms: bytes, encoding: str) -> tuple[str, str, str | None]:
    """Return what stands before the header, the header's line, and the delimiter if a line names it."""
    before, delimiter = "", None
    try:
        with _text(path, boms, encoding) as text:
            for line in text:
                named = None if delimiter else separator_line(line)
                if named is None and line.strip():
                    return before, line, delimiter
                delimiter = named or delimiter
                before += line
    except UnicodeDecodeError as error:
        raise FileRefused(str(path), [_undecodable(error, encoding, 1)]) from None
    return before, "", delimiter


def _rows(path: Path, dialect: Dialect) -> Iterator[Row]:
    with _text(path, dialect.boms, dialect.encoding) as text:
        lines = _Lines(text, dialect.before)
        reader = csv.reader(lines, delimiter=dialect.delimiter, strict=True)
        while True:
            begins = lines.number + 1
            try:
                fields = next(reader, None)
            except csv.Error as error:
                yield Row(lines.number, [], "", f"is not CSV: {error}")
                return
            except UnicodeDecodeError as error:
                yield Row(begins, [], "", _undecodable(error, dialect.encoding, begins).message)
                return
            if fields is None:
                return
            yield Row(begins, fields, lines.taken())


class _Lines:
    """Hands the lines of a file to csv's reader, and keeps those of the record in hand."""

    def __init__(self, text: Iterator[str], before: str) -> None:
        self.number = 0
        self._text = text
        self._kept: list[str] = []
        skipped = 0
        while skipped < len(before):
            skipped += len(next(text))
            self.number += 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._text)
        self.number += 1
        self._kept.append(line)
        if "\x00" in line:  # Python reads on over it from 3.11 on, and not before
            raise csv.Error("it holds a NUL character")
        return line

    def taken(self) -> str:
        """Return the text of the record in hand, and begin the next."""
        text = "".join(self._kept)
        self._kept.clear()
        return text


def _text(path: Path, boms: bytes, encoding: str) -> io.TextIOWrapper:
    file = path.open("rb")
    file.seek(len(boms))
    return io.TextIOWrapper(file, encoding=encoding, newline="")


def _undecodable(error: UnicodeDecodeError, encoding: str, line: int) -> Problem:
    return Problem(f"line {line}", f"or one below it is not {encoding}: {error.reason}")
