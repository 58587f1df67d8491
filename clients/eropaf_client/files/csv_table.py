"""A CSV file as rows: each with its fields and its raw text, so that it can be written back unchanged."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Callable, NamedTuple

from eropaf_client.errors import FileRefused, Problem
from eropaf_client.files.dialect import Dialect, decimal_of, delimiter_of, encoding_of, separator_line
from eropaf_client.files.writing import csv_line, harmless

# Rows examined for the decimal mark.
ROWS_LOOKED_AT = 1_000
# Per record. Without a bound, each line with an unclosed quote would be searched to the end of the file.
MOST_LINES = 100
# Empty ones, before a header must come.
MOST_LINES_BEFORE = 1_000
# Of a file: twice what its bound in bytes holds of signals. Each empty one costs a look too.
MOST_FILE_LINES = 2_000_000
OPEN_QUOTE = "a quote that opens on this line is not closed, or not where its field ends"


class Row(NamedTuple):
    """One record: its first line's number, its fields, and its text including the line end.

    `fault` says why it is not valid. Its only field then holds the line's text, so that it can be written
    back without running into the next one.
    """

    number: int
    fields: Sequence[str]
    text: str
    fault: str | None = None

    def __repr__(self) -> str:
        # Without its content, which says who is in arrears.
        return f"Row({self.number}, {len(self.fields)} fields, fault={self.fault!r})"


@dataclass(frozen=True)
class CsvTable:
    """A CSV file whose header was found. Each iteration reads it again, row by row."""

    path: Path
    dialect: Dialect
    header: Row

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows below the header, skipping empty ones.

        Raises:
            FileRefused: the bytes do not match the encoding, or it has too many lines.
        """
        rows = _rows(self.path, self.dialect, len(self.header.fields))
        for row in rows:
            if row.number > MOST_FILE_LINES:
                said = f"the file has more than {MOST_FILE_LINES:,} lines; send it in parts"
                raise FileRefused(str(self.path), [Problem(f"line {row.number}", said)])
            if row.number > self.header.number and (row.fault or any(map(str.strip, row.fields))):
                yield row


def open_table(path: Path, is_column: Callable[[str], bool], encoding: str | None = None) -> CsvTable:
    """Detect how the file at `path` was written.

    Raises:
        FileRefused: its encoding is ambiguous, its first line is not CSV, or no header comes.
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
    """Return the table with the decimal mark found in the first rows of the columns `amounts`."""
    seen = (
        row.fields[column].strip()
        for row in islice(table, ROWS_LOOKED_AT)
        for column in amounts
        if column < len(row.fields)
    )
    return replace(table, dialect=replace(table.dialect, decimal=decimal_of(seen)))


def widened(text: str, width: int, added: Iterable[str], delimiter: str) -> str:
    """Return the record `text`, which csv read, with `added` behind its first `width` fields.

    The rest is unchanged, quotes and all. A record that is too short is padded; fields beyond `width` follow
    what is added, so that nothing shifts. A field that starts a formula is made harmless.
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
        # In a quoted field, a doubled quote closes it and opens it again.
        if character == '"' and record[begins] == '"':
            quoted = not quoted
        elif character == delimiter and not quoted:
            fields.append(record[begins:at])
            begins = at + 1
    return [*fields, record[begins:]]


def _head(path: Path, boms: bytes, encoding: str) -> tuple[str, str, str | None]:
    """Return the text before the header, the header's line, and the delimiter if a line names it."""
    before, delimiter = "", None
    try:
        with _text(path, boms, encoding) as text:
            for number, line in enumerate(text, 1):
                if number > MOST_LINES_BEFORE:
                    said = f"no header stands in the first {MOST_LINES_BEFORE:,} lines"
                    raise FileRefused(str(path), [Problem("line 1", said)])
                named = None if delimiter else separator_line(line)
                if named is None and line.strip():
                    return before, line, delimiter
                delimiter = named or delimiter
                before += line
    except UnicodeDecodeError as error:
        raise FileRefused(str(path), [_undecodable(error, encoding, 1)]) from None
    return before, "", delimiter


def _rows(path: Path, dialect: Dialect, width: int = 0) -> Iterator[Row]:
    """Yield every record. After a line that is not CSV, continue at the next one."""
    with _text(path, dialect.boms, dialect.encoding) as text:
        lines = _Lines(text, dialect.before)
        reader = csv.reader(lines, delimiter=dialect.delimiter, strict=True)
        while True:
            begins = lines.number + 1
            try:
                fields = next(reader, None)
                if fields is None:
                    return
                if lines.several and not _fits(fields, width):
                    raise csv.Error(OPEN_QUOTE)
                yield Row(begins, fields, lines.taken())
            except csv.Error as error:
                said = OPEN_QUOTE if lines.several else error
                yield Row(begins, [], _one_field(lines.first(), dialect), f"is not CSV: {said}")
            except UnicodeDecodeError as error:
                raise FileRefused(str(path), [_undecodable(error, dialect.encoding, begins)]) from None


def _fits(fields: Sequence[str], width: int) -> bool:
    """Return whether a record has as many fields as the header; one made by a stray quote has not."""
    return width == 0 or (len(fields) >= width and not any(map(str.strip, fields[width:])))


def _one_field(line: str, dialect: Dialect) -> str:
    body = line.rstrip("\r\n")
    return csv_line([body], dialect.delimiter, line[len(body) :])


class _Lines:
    """Feeds a file's lines to csv's reader, and keeps those of the current record."""

    def __init__(self, text: Iterator[str], before: str) -> None:
        self.number = 0
        self._text = text
        self._kept: list[str] = []
        self._again: deque[str] = deque()
        skipped = 0
        while skipped < len(before):
            skipped += len(next(text))
            self.number += 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self._kept) == MOST_LINES:
            raise csv.Error(OPEN_QUOTE)
        line = self._again.popleft() if self._again else next(self._text)
        self.number += 1
        self._kept.append(line)
        if "\x00" in line:  # Python accepts it only from 3.11 on
            raise csv.Error("it holds a NUL character")
        return line

    @property
    def several(self) -> bool:
        """Whether the current record spans several lines."""
        return len(self._kept) > 1

    def first(self) -> str:
        """Return the current record's first line; the lines after it are read again."""
        line, *others = self._kept
        self._again.extendleft(reversed(others))
        self.number -= len(others)
        self._kept.clear()
        return line

    def taken(self) -> str:
        """Return the current record's text, and start the next."""
        text = "".join(self._kept)
        self._kept.clear()
        return text


def _text(path: Path, boms: bytes, encoding: str) -> io.TextIOWrapper:
    file = path.open("rb")
    file.seek(len(boms))
    return io.TextIOWrapper(file, encoding=encoding, newline="")


def _undecodable(error: UnicodeDecodeError, encoding: str, line: int) -> Problem:
    return Problem(f"line {line}", f"or one below it is not {encoding}: {error.reason}")
