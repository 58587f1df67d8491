"""File formats that can be ranked: how each is read, and written back with four more columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from openpyxl import Workbook

from eropaf.rank.order import Placed, ToRank
from eropaf_client.errors import FileRefused, Problem
from eropaf_client.files.columns import Line
from eropaf_client.files.csv_file import CsvFile
from eropaf_client.files.csv_table import widened
from eropaf_client.files.ddas import NEW, DdasFile
from eropaf_client.files.excel import ExcelFile
from eropaf_client.files.filed import Asked
from eropaf_client.files.writing import excel_cell

ADDED = ("rank", "band", "respond_by", "area")
Places = Mapping[str, Placed]
Each = TypeVar("Each")


@dataclass(frozen=True, slots=True)
class Opened:
    """An opened file: the parts to rank, the faults of the rest, and how to write it back.

    `set_aside` are the places of signals that already have an outcome, each with its status.
    """

    parts: Sequence[ToRank]
    problems: Sequence[Problem]
    understood: str
    write: Callable[[BinaryIO, Places], None]
    set_aside: Mapping[str, str]


def open_csv(path: Path, asked: Asked) -> Opened:
    """Read a CSV file; it is written back in its own dialect, with every cell unchanged."""
    file = CsvFile(path, asked)
    lines = list(file)
    table, dialect = file.table, file.table.dialect
    width = len(table.header.fields)
    end = table.header.text[len(table.header.text.rstrip("\r\n")) :] or "\n"

    def line_of(text: str, added: Iterable[Any]) -> bytes:
        ended = text if text.endswith(("\r", "\n")) else text + end
        said = ("" if value is None else str(value) for value in added)
        return widened(ended, width, said, dialect.delimiter).encode(dialect.encoding)

    def write(out: BinaryIO, places: Places) -> None:
        out.write(dialect.boms + dialect.before.encode(dialect.encoding))
        out.write(line_of(table.header.text, ADDED))
        for line in _sorted(lines, places):
            out.write(line_of(line.text, _added(places.get(line.place))))

    return _of_lines(path, lines, file.understood, write)


def open_excel(path: Path, asked: Asked) -> Opened:
    """Read an Excel workbook's first visible sheet; its cells are written back unchanged."""
    file = ExcelFile(path, asked)
    lines = list(file)

    def write(out: BinaryIO, places: Places) -> None:
        book = Workbook(write_only=True)
        ranked = book.create_sheet(file.sheet.title)
        for row, added in _rows(file, lines, places):
            ranked.append([excel_cell(ranked, value) for value in (*row, *added)])
        book.save(out)

    return _of_lines(path, lines, file.understood, write)


def open_ddas(path: Path, asked: Asked) -> Opened:
    """Read a DDAS exchange file; each delivery is ranked separately, and its signals are written in order."""
    file = DdasFile(path, asked)

    def write(out: BinaryIO, places: Places) -> None:
        ranked = {**file.content, "leveringen": [*_deliveries(file.content, places)]}
        out.write((json.dumps(ranked, indent=2, ensure_ascii=False) + "\n").encode())

    parts, set_aside = [], {}
    for delivery in file.deliveries:
        new = [(each.place, each.signal) for each in delivery.signals if each.status == NEW]
        others = [(each.place, each.signal, each.status) for each in delivery.signals if each.status != NEW]
        parts.append(ToRank(new, delivery.cases, others))
        set_aside.update({each.place: each.status for each in delivery.signals if each.status != NEW})
    if file.problems and not any(delivery.signals for delivery in file.deliveries):
        raise FileRefused(str(path), [*file.problems])
    return Opened(parts, file.problems, file.understood, write, set_aside)


FORMATS: dict[str, Callable[[Path, Asked], Opened]] = {
    ".csv": open_csv,
    ".xlsx": open_excel,
    ".json": open_ddas,
}


def _of_lines(
    path: Path, lines: Sequence[Line], understood: str, write: Callable[[BinaryIO, Places], None]
) -> Opened:
    signals = [(line.place, line.signal) for line in lines if line.signal is not None]
    problems = [problem for line in lines for problem in line.problems]
    if not signals and problems:
        raise FileRefused(str(path), problems)
    return Opened([ToRank(signals)], problems, understood, write, {})


def _rows(
    file: ExcelFile, lines: Sequence[Line], places: Places
) -> Iterator[tuple[list[Any], Sequence[Any]]]:
    """Yield the cells of the header and of each line, by rank, with the added columns."""
    cells = {f"line {number}": row for number, row in enumerate(file.sheet.rows, 1)}
    yield [*cells["line 1"][: file.width]], ADDED
    for line in _sorted(lines, places):
        row = cells[line.place][: file.width]
        yield [*row, *[None] * (file.width - len(row))], _added(places.get(line.place))


def _deliveries(content: dict[str, Any], places: Places) -> Iterator[dict[str, Any]]:
    for index, delivery in enumerate(content["leveringen"]):
        if "vroegsignalen" not in delivery:
            yield delivery
            continue
        named = [
            (places.get(f"leveringen[{index}].vroegsignalen[{number}]"), signal)
            for number, signal in enumerate(delivery["vroegsignalen"])
        ]
        named.sort(key=lambda pair: _height(pair[0]))
        added = [_with(signal, placed) for placed, signal in named]
        yield {**delivery, "vroegsignalen": added}


def _with(signal: Any, placed: Placed | None) -> Any:
    # What is no signal at all goes back as it is.
    return {**signal, **dict(zip(ADDED, _added(placed), strict=True))} if isinstance(signal, dict) else signal


def _sorted(lines: Sequence[Line], places: Places) -> list[Line]:
    """Return the lines by rank; then those not on the list, then the unusable ones, in file order."""
    return sorted(lines, key=lambda line: _height(places.get(line.place)))


def _height(placed: Placed | None) -> tuple[int, int]:
    if placed is None:
        return (2, 0)
    return (1, 0) if placed.rank is None else (0, placed.rank)


def _added(placed: Placed | None) -> tuple[Any, ...]:
    """Return the four columns: plain text and numbers, and no reasons."""
    if placed is None:
        return (None, None, None, None)
    respond_by = None if placed.respond_by is None else placed.respond_by.isoformat()
    return (placed.rank, placed.band, respond_by, placed.area or None)
