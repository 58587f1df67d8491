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
    """A CSV file whose header is right. Its lines are read from the disk each time they are asked for.

    Raises:
        FileRefused: its encoding is open, or its header is not CSV or not right.
    """

    def __init__(self, path: Path, asked: Asked = NOTHING_ASKED) -> None:
        table = open_table(path, is_column, asked.encoding)
        self._header = header_of(path, table.header.fields, table.header.number)
        self.table = with_decimal(table, self._header.of("amount_eur", "monthly_bill_eur"))
        dialect = self.table.dialect
        self._reader = Reader(dialect.decimal, dialect.day_first, asked.test_numbers)
        self._lines = Lines(self._header, self._reader)

    def __iter__(self) -> Iterator[Line]:
        """Yield each line, with what is wrong with it."""
        self._lines = lines = Lines(self._header, self._reader)
        for row in self.table:
            if row.fault is None:
                yield lines.line(row.number, row.fields, row.text)
            else:
                place = f"line {row.number}"
                yield Line(place, row.text, None, [Problem(place, row.fault)])

    @property
    def understood(self) -> str:
        """How the file was read, in a sentence; complete once its lines were."""
        return understood(str(self.table.dialect), self._lines)


def read_csv(path: Path, asked: Asked = NOTHING_ASKED) -> list[Filed]:
    """Read every signal in the file at `path`.

    Raises:
        FileRefused: something in the file is wrong; every fault is named by line and column.
    """
    return [*whole(path, CsvFile(path, asked))]
