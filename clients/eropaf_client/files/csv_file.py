"""Reads signals from a CSV file, as offices write them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from eropaf_client.errors import Problem
from eropaf_client.files.columns import Line, Lines, header_of, is_column, whole
from eropaf_client.files.csv_table import open_table, with_decimal
from eropaf_client.files.fields import Reader
from eropaf_client.files.filed import NOTHING_ASKED, Asked, Filed
from eropaf_client.files.understood import understood


class CsvFile:
    """A CSV file with a valid header. Each iteration reads its lines from disk.

    Raises:
        FileRefused: its encoding is ambiguous, or its header is not CSV or not valid.
    """

    def __init__(self, path: Path, asked: Asked = NOTHING_ASKED) -> None:
        table = open_table(path, is_column, asked.encoding)
        self._header = header_of(path, table.header.fields, table.header.number)
        self.table = with_decimal(table, self._header.of("amount_eur", "monthly_bill_eur"))
        dialect = self.table.dialect
        self._reader = Reader(dialect.decimal, dialect.day_first, asked.test_numbers)
        self._lines = Lines(self._header, self._reader)

    def __iter__(self) -> Iterator[Line]:
        """Yield each line, with its faults."""
        self._lines = lines = Lines(self._header, self._reader)
        for row in self.table:
            if row.fault is None:
                yield lines.line(row.number, row.fields, row.text)
            else:
                place = f"line {row.number}"
                yield Line(place, row.text, None, [Problem(place, row.fault)])

    @property
    def understood(self) -> str:
        """How the file was read, in a sentence; complete once all lines have been read."""
        return understood(str(self.table.dialect), self._lines)


def read_csv(path: Path, asked: Asked = NOTHING_ASKED) -> list[Filed]:
    """Read every signal in the file at `path`.

    Raises:
        FileRefused: the file has faults; each names its line and column.
    """
    return [*whole(path, CsvFile(path, asked))]
