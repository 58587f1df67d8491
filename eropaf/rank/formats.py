"""The files that can be ranked: how each is read, and written back with four columns more."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from eropaf.rank.order import Placed
from eropaf_client.errors import Problem
from eropaf_client.files.columns import Line
from eropaf_client.files.csv_file import csv_lines
from eropaf_client.files.ddas import ddas_parts
from eropaf_client.files.excel import excel_lines, excel_rows
from eropaf_client.records import ArrearsSignal

ADDED = ("rank", "band", "respond_by", "area")
Places = dict[str, Placed]


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that was read: its signals by place, what is wrong with others, and the way back."""

    signals: Sequence[tuple[str, ArrearsSignal]]
    problems: Sequence[Problem]
    write: Callable[[Path, Places], None]


def open_csv(path: Path) -> Opened:
    """Read a CSV file."""
    header, found = csv_lines(path)
    lines = list(found)

    def write(out: Path, places: Places) -> None:
        with out.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened)
            writer.writerow([*header, *ADDED])
            for line in _sorted(lines, places):
                writer.writerow([*line.fields, *_added(places.get(line.place))])

    return Opened(*_split(lines), write)


def open_excel(path: Path) -> Opened:
    """Read the first sheet of an Excel workbook; its cells go back as they were."""
    title, rows = excel_rows(path)
    header, found = excel_lines(path, rows)
    lines = list(found)

    def write(out: Path, places: Places) -> None:
        cells = {f"line {number}": row for number, row in enumerate(rows, 1)}
        book = Workbook(write_only=True)
        ranked = book.create_sheet(title)
        ranked.append([*header, *ADDED])
        for line in _sorted(lines, places):
            row = list(cells[line.place][: len(header)])
            ranked.append([*row, *[None] * (len(header) - len(row)), *_added(places.get(line.place))])
        book.save(out)

    return Opened(*_split(lines), write)


def open_ddas(path: Path) -> Opened:
    """Read a DDAS exchange file; each delivery's signals go back in order, with four fields more."""
    content, signals, problems = ddas_parts(path)

    def write(out: Path, places: Places) -> None:
        ranked = {**content, "leveringen": [*_deliveries(content, places)]}
        out.write_text(json.dumps(ranked, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    return Opened([(filed.place, filed.signal) for filed in signals], problems, write)


FORMATS = {".csv": open_csv, ".xlsx": open_excel, ".json": open_ddas}


def _deliveries(content: dict[str, Any], places: Places) -> Iterator[dict[str, Any]]:
    for index, delivery in enumerate(content.get("leveringen", [])):
        named = [
            (places.get(f"leveringen[{index}].vroegsignalen[{number}]"), signal)
            for number, signal in enumerate(delivery.get("vroegsignalen", []))
        ]
        named.sort(key=lambda pair: _height(pair[0]))
        added = [{**signal, **dict(zip(ADDED, _added(placed), strict=True))} for placed, signal in named]
        yield {**delivery, "vroegsignalen": added}


def _split(lines: list[Line]) -> tuple[list[tuple[str, ArrearsSignal]], list[Problem]]:
    signals = [(line.place, line.signal) for line in lines if line.signal is not None]
    return signals, [problem for line in lines for problem in line.problems]


def _sorted(lines: list[Line], places: Places) -> list[Line]:
    """Give the lines by rank; then who is not on the list, then what could not be used, as they stood."""
    return sorted(lines, key=lambda line: _height(places.get(line.place)))


def _height(placed: Placed | None) -> tuple[int, int]:
    if placed is None:
        return (2, 0)
    return (1, 0) if placed.rank is None else (0, placed.rank)


def _added(placed: Placed | None) -> tuple[Any, ...]:
    """Give the four columns: plain text and numbers, and no reason."""
    if placed is None:
        return (None, None, None, None)
    respond_by = None if placed.respond_by is None else placed.respond_by.isoformat()
    return (placed.rank, placed.band, respond_by, placed.area or None)
