"""Reads signals from an Excel workbook's first visible sheet: the same columns as a CSV file.

Needs openpyxl, and defusedxml, by which openpyxl then reads (`pip install eropaf-client[excel]`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from zipfile import ZipFile
from zoneinfo import ZoneInfoNotFoundError

# openpyxl uses it where it is installed; else a workbook of kilobytes fills the memory.
import defusedxml  # type: ignore[import-untyped]  # noqa: F401  # no types, and nothing of it is called here
from openpyxl import load_workbook

from eropaf_client.errors import FileRefused, Problem
from eropaf_client.files.columns import MOST_COLUMNS, Line, Lines, header_of, whole
from eropaf_client.files.fields import NO_ZONES, Reader
from eropaf_client.files.filed import NOTHING_ASKED, Asked, Filed
from eropaf_client.files.moments import as_utc
from eropaf_client.files.understood import understood

# Some 300,000 signals; a file of a few kilobytes can expand to gigabytes.
LARGEST_UNPACKED_BYTES = 256 * 1024 * 1024
# Excel's own limit. A cell of a few bytes can claim the ten billionth row, and all rows before it are then
# read as empty.
MOST_SHEET_ROWS = 1_048_576
# Excel keeps fifteen digits of a number; the rest is lost on entry.
DIGITS_KEPT = 10**15
DATED = frozenset({"arrears_since", "reported_at", "crisis_on"})
COUNTED = frozenset({"amount_eur", "monthly_bill_eur", "version", "written_reminders"})
FORMULA = re.compile(rb"<(?:[A-Za-z0-9]+:)?f[ />]")
YES_OR_NO = frozenset({"handover_wish", "personal_contact", "debt_help_pointed_at"})

Cells = tuple[Any, ...]


class NoText(ValueError):
    """A cell whose content is not what was typed; the message gives the reason and the remedy."""


class Sheet(NamedTuple):
    """A sheet: its title, how many other sheets are visible, its cells by row, formulas without a value."""

    title: str
    others: int
    rows: Sequence[Cells]
    unsolved: frozenset[tuple[int, int]]


class ExcelFile:
    """A workbook with a valid header.

    Raises:
        FileRefused: it is not a workbook, or its header is invalid.
    """

    def __init__(self, path: Path, asked: Asked = NOTHING_ASKED) -> None:
        self.sheet = _sheet(path)
        # Rows above the headings may be empty, as in a CSV file.
        self._at = next((number for number, row in enumerate(self.sheet.rows, 1) if any(map(_said, row))), 1)
        headings = [_said(value) for value in self.sheet.rows[self._at - 1]] if self.sheet.rows else []
        while headings and not headings[-1]:
            headings.pop()
        self.width = len(headings)
        self._header = header_of(path, headings, self._at)
        self._reader = Reader(day_first=True, test_numbers=asked.test_numbers)
        self._lines = Lines(self._header, self._reader)

    def __iter__(self) -> Iterator[Line]:
        """Yield each line, with its faults."""
        self._lines = lines = Lines(self._header, self._reader)
        for number, cells in enumerate(self.sheet.rows[self._at :], self._at + 1):
            fields, problems = self._fields(number, cells)
            if problems:
                yield Line(f"line {number}", "", None, problems)
            elif any(map(str.strip, fields)):
                yield lines.line(number, fields)

    @property
    def understood(self) -> str:
        """How the workbook was read, in a sentence; complete once all lines have been read."""
        others = f", {self.sheet.others} more not read" if self.sheet.others else ""
        return understood(f"sheet {self.sheet.title}{others}", self._lines)

    def _fields(self, number: int, cells: Cells) -> tuple[list[str], list[Problem]]:
        fields, problems = [], []
        names = self._header.names
        for column, value in enumerate(cells):
            name = names[column] if column < len(names) else ""
            try:
                # A sheet may be wider than its header if a cell was once edited.
                if column >= len(names):
                    if _said(value):
                        raise NoText("holds something to the right of the last heading; clear the cell")
                    continue
                if (number, column) in self.sheet.unsolved:
                    raise NoText("is a formula without a saved value; open the workbook in Excel and save it")
                fields.append(_text(value, name))
            except NoText as fault:
                fields.append("")
                place = f"line {number}, column {column + 1}" + (f" ({name})" if name else "")
                problems.append(Problem(place, str(fault)))
        return fields + [""] * (len(names) - len(fields)), problems


def _sheet(path: Path) -> Sheet:
    """Read the first visible sheet.

    Raises:
        FileRefused: it is not a workbook, or too large.
    """
    try:
        _refuse_what_swells(path)
        # Opened here, because openpyxl leaves the file open if a sheet is damaged.
        with path.open("rb") as file:
            return _read(path, file)
    except FileRefused:
        raise
    except Exception:  # a damaged or foreign file can make the reader raise anything
        problem = Problem("file", "is no Excel workbook; save it as .xlsx")
        raise FileRefused(str(path), [problem]) from None


def _refuse_what_swells(path: Path) -> None:
    with ZipFile(path) as packed:
        # The declared size of each part: no more than that is ever unpacked.
        unpacked = sum(part.file_size for part in packed.infolist())
    if unpacked > LARGEST_UNPACKED_BYTES:
        most = LARGEST_UNPACKED_BYTES // 1024**2
        problem = Problem("file", f"unpacks to more than {most} MiB; send it in parts, or as CSV")
        raise FileRefused(str(path), [problem])


def _read(path: Path, file: BinaryIO) -> Sheet:
    book = load_workbook(file, read_only=True, data_only=True)
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not shown:
        raise FileRefused(
            str(path), [Problem("file", "has no visible sheet; unhide the one with the signals")]
        )
    rows = _rows(path, shown[0])
    return Sheet(shown[0].title, len(shown) - 1, rows, _unsolved(path, file, shown[0].title, rows))


def _rows(path: Path, sheet: Any) -> list[Cells]:
    # The declared dimensions come from another program, and may be wrong.
    sheet.reset_dimensions()
    rows = list(islice(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), MOST_SHEET_ROWS + 1))
    if len(rows) > MOST_SHEET_ROWS:
        raise FileRefused(str(path), [Problem("file", f"has more than {MOST_SHEET_ROWS} rows")])
    return rows


def _unsolved(path: Path, file: BinaryIO, title: str, rows: list[Cells]) -> frozenset[tuple[int, int]]:
    """Return the cells, by row from 1 and column from 0, with a formula whose value was not saved."""
    with ZipFile(path) as packed:
        sheets = [name for name in packed.namelist() if name.startswith("xl/worksheets/")]
        if not any(FORMULA.search(packed.read(name)) for name in sheets):
            return frozenset()
    formulas = load_workbook(file, read_only=True)[title]
    formulas.reset_dimensions()
    return frozenset(
        (number, column)
        for number, (row, values) in enumerate(zip(formulas.iter_rows(max_col=MOST_COLUMNS), rows), 1)
        for column, cell in enumerate(row)
        if cell.data_type == "f" and values[column] is None
    )


def _said(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _text(value: Any, name: str) -> str:
    """Return the content of a cell in the column `name` as it would appear in a CSV file.

    Raises:
        NoText: it does not hold what was typed.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        if name not in YES_OR_NO:
            raise NoText("Excel turned it into TRUE or FALSE; format the column as text and type it again")
        return "yes" if value else "no"
    if isinstance(value, (date, time, timedelta)):
        return _moment(value, name)
    if isinstance(value, (int, float)):
        return _number(value, name)
    return str(value)


def _moment(value: Any, name: str) -> str:
    if name and name not in DATED:
        raise NoText("Excel turned it into a date; format the column as text and type it again")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else _utc(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _utc(on_the_wall: datetime) -> str:
    try:
        return as_utc(on_the_wall).isoformat()
    except ZoneInfoNotFoundError:
        raise NoText(NO_ZONES) from None
    except OverflowError:
        raise NoText("is before 1990 or after 2099") from None


def _number(value: float, name: str) -> str:
    if not abs(value) < DIGITS_KEPT and name not in COUNTED:
        raise NoText("Excel keeps fifteen digits of a number and lost the rest; format the column as text")
    if isinstance(value, float) and not value.is_integer():
        if name not in COUNTED:
            raise NoText("a number with decimals is not a reference or address; format the column as text")
        # As many digits as Excel displays: a computed value may be off in the seventeenth.
        return format(value, ".15g")
    return str(int(value)) if abs(value) < DIGITS_KEPT else str(value)


def read_excel(path: Path, asked: Asked = NOTHING_ASKED) -> list[Filed]:
    """Read every signal in the workbook at `path`.

    Raises:
        FileRefused: the workbook has faults; each names its line and column.
    """
    return [*whole(path, ExcelFile(path, asked))]
