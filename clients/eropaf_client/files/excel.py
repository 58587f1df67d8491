"""Reads signals from the first sheet of an Excel workbook: the same columns as a CSV file.

Needs openpyxl (`pip install eropaf-client[excel]`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timezone
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from openpyxl import load_workbook

from eropaf_client.errors import FileRefused, Problem
from eropaf_client.files.columns import COLUMNS, Line, header_faults, lines, whole
from eropaf_client.files.filed import Filed

# Some 300,000 signals; a file of a few kilobytes can claim to hold gigabytes.
LARGEST_UNPACKED_BYTES = 256 * 1024 * 1024
# Excel's own. A cell of a few bytes can say that it stands in the ten thousand millionth row, and all rows
# before it are read as empty ones.
MOST_ROWS = 1_048_576
# As far to the right a heading is looked for; what stands beyond is no part of the table.
MOST_COLUMNS = 2 * len(COLUMNS)


def read_excel(path: Path) -> list[Filed]:
    """Read every signal in the workbook at `path`.

    Raises:
        FileRefused: something in it is wrong; every fault is named by line and column.
    """
    _, rows = excel_rows(path)
    return whole(path, excel_lines(path, rows)[1])


def excel_rows(path: Path) -> tuple[str, list[tuple[Any, ...]]]:
    """Give the title of the first sheet, and what its cells hold, row by row.

    Raises:
        FileRefused: it is no workbook.
    """
    try:
        with ZipFile(path) as packed:
            # What each part says of itself: no more than that is ever unpacked.
            unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > LARGEST_UNPACKED_BYTES:
            most = LARGEST_UNPACKED_BYTES // 1024**2
            problem = Problem("file", f"unpacks to more than {most} MiB; send it in parts, or as CSV")
            raise FileRefused(str(path), [problem])
        # Opened here: where a sheet is damaged, openpyxl leaves its own file open.
        with path.open("rb") as file:
            book = load_workbook(file, read_only=True, data_only=True)
            sheet = book.worksheets[0]
            found = sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS)
            rows = list(islice(found, MOST_ROWS + 1))
    except FileRefused:
        raise
    except Exception:  # what is damaged, or no workbook, raises whatever its reader trips over
        problem = Problem("file", "is no Excel workbook; save it as .xlsx")
        raise FileRefused(str(path), [problem]) from None
    if len(rows) > MOST_ROWS:
        raise FileRefused(str(path), [Problem("file", f"has more than {MOST_ROWS} rows")])
    return sheet.title, rows


def excel_lines(path: Path, rows: list[tuple[Any, ...]]) -> tuple[list[str], Iterator[Line]]:
    """Give the header of a sheet's `rows`, and its lines one by one, with what is wrong with each.

    Raises:
        FileRefused: the header is not right.
    """
    header = [_text(value) for value in rows[0]] if rows else []
    while header and not header[-1]:
        header.pop()
    problems = header_faults(header)
    if problems:
        raise FileRefused(str(path), problems)
    return header, lines(header, _numbered(rows[1:], len(header)))


def _numbered(rows: Iterable[tuple[Any, ...]], width: int) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(rows, 2):
        fields = [_text(value) for value in row]
        # A sheet may be wider than its header where a cell was once touched.
        while len(fields) > width and not fields[-1]:
            fields.pop()
        if any(fields):
            yield number, fields + [""] * (width - len(fields))


def _text(value: Any) -> str:
    """Give what a cell holds as it would stand in a CSV file. A time without a zone is UTC."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        if value.time() == datetime.min.time():
            return value.date().isoformat()
        return value.replace(tzinfo=timezone.utc).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.2f}"
    return str(value)
