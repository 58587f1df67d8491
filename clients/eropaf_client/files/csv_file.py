"""Reads signals from a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from eropaf_client.errors import FileRefused, Problem
from eropaf_client.files.columns import Line, header_faults, lines, whole
from eropaf_client.files.filed import Filed


def read_csv(path: Path) -> list[Filed]:
    """Read every signal in the file at `path`.

    Raises:
        FileRefused: something in the file is wrong; every fault is named by line and column.
    """
    return whole(path, csv_lines(path)[1])


def csv_lines(path: Path) -> tuple[list[str], Iterator[Line]]:
    """Give the header of the file at `path`, and its lines one by one, with what is wrong with each.

    Raises:
        FileRefused: it is not UTF-8, or its header is not CSV or not right.
    """
    rows = csv.reader(io.StringIO(_decoded(path), newline=""), strict=True)
    try:
        header = next(rows, [])
    except csv.Error as error:
        raise FileRefused(str(path), [_not_csv(rows, error)]) from None
    problems = header_faults(header)
    if problems:
        raise FileRefused(str(path), problems)
    return header, _lines(header, rows)


def _lines(header: list[str], rows: Iterator[list[str]]) -> Iterator[Line]:
    def numbered() -> Iterator[tuple[int, list[str]]]:
        for row in rows:
            if row:
                yield rows.line_num, row  # type: ignore[attr-defined]  # csv's own reader

    try:
        yield from lines(header, numbered())
    except csv.Error as error:
        problem = _not_csv(rows, error)
        yield Line(problem.place, [], None, [problem])


def _not_csv(rows: Iterator[list[str]], error: csv.Error) -> Problem:
    return Problem(f"line {rows.line_num}", f"is not CSV: {error}")  # type: ignore[attr-defined]  # csv's own


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        problem = Problem(f"line {line}, byte {column}", "is not UTF-8; save the file as UTF-8")
        raise FileRefused(str(path), [problem]) from None
