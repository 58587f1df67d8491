"""Excel workbooks as offices write them: understood; or refused with line, column and the cure."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from eropaf_client.files.excel import ExcelFile, read_excel
from tests.tables import NAMES, VALUES, faults


def workbook(folder: Path, *rows: list[Any]) -> Path:
    book = Workbook()
    for each in (list(NAMES), *rows):
        book.worksheets[0].append(each)
    path = folder / "signals.xlsx"
    book.save(path)
    return path


def cells(**values: Any) -> list[Any]:
    return [values.get(name, value) for name, value in zip(NAMES, VALUES, strict=True)]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("house_number", datetime(2026, 2, 3), "Excel turned it into a date"),
        ("addition", date(2026, 2, 3), "Excel turned it into a date"),
        ("contract", date(2026, 2, 3), "Excel turned it into a date"),
        ("contract", 1.2345678901234567e17, "Excel keeps fifteen digits of a number"),
        ("house_number", 12.5, "a number with decimals is not a reference or address"),
        ("amount_eur", 480.505, "may be thousands or three decimals"),
        ("amount_eur", 1e300, "write euros"),
        ("house_number", "=1+1", "is a formula without a saved value"),
        ("contract", "#REF!", "holds a spreadsheet's error"),
        ("addition", "#N/A", "holds a spreadsheet's error"),
        ("addition", True, "Excel turned it into TRUE or FALSE"),
        ("contract", False, "Excel turned it into TRUE or FALSE"),
    ],
)
def test_a_cell_that_excel_changed_is_refused(tmp_path: Path, column: str, value: Any, said: str) -> None:
    (fault,) = faults(workbook(tmp_path, cells(**{column: value})))

    assert fault.startswith(f"line 2, column {NAMES.index(column) + 1} ({column}): {said}")


def test_rows_that_are_empty_above_and_below_the_headings_are_none(tmp_path: Path) -> None:
    book = Workbook()
    for each in ([], [" "], list(NAMES), [" "] * len(NAMES), cells(amount_eur="?")):
        book.worksheets[0].append(each)
    path = tmp_path / "signals.xlsx"
    book.save(path)

    (fault,) = faults(path)

    assert fault.startswith("line 5, column 5 (amount_eur): write euros")


def test_a_cell_to_the_right_of_the_headings_is_named(tmp_path: Path) -> None:
    (fault,) = faults(workbook(tmp_path, [*cells(), None, "see my mail", None]))

    assert fault == "line 2, column 12: holds something to the right of the last heading; clear the cell"


def test_a_date_that_stands_in_a_workbook_as_text_is_read_as_dutch_offices_write_it(tmp_path: Path) -> None:
    (filed,) = read_excel(workbook(tmp_path, cells(reported_at="2-3-2026")))

    assert filed.signal.reported_at == datetime(2026, 3, 2, tzinfo=UTC)


def test_a_workbooks_numbers_are_read_as_they_were_typed(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        cells(amount_eur=0.1 + 0.2, version=1, house_number=12, contract=123456789012345),
        cells(signal_id="S-2", amount_eur=480.5, reported_at=datetime(2026, 3, 2, 23, 30)),
    )

    one, other = [filed.signal for filed in read_excel(path)]
    assert (one.amount_cents, one.resident.house_number, one.contract) == (30, "12", "123456789012345")
    # A clock on a Dutch wall, in winter.
    assert (other.amount_cents, other.reported_at) == (48_050, datetime(2026, 3, 2, 22, 30, tzinfo=UTC))


def test_the_first_sheet_that_shows_is_read(tmp_path: Path) -> None:
    path = workbook(tmp_path, cells())
    book = Workbook()
    book.worksheets[0].sheet_state = "hidden"
    for each in (list(NAMES), cells()):
        book.create_sheet("Signalen").append(each) if len(book.worksheets) == 1 else book["Signalen"].append(
            each
        )
    book.create_sheet("Toelichting")
    book.save(path)

    file = ExcelFile(path)

    assert [line.problems for line in file] == [[]]
    assert file.understood == "sheet Signalen, 1 more not read: 1 row"


def test_a_workbook_that_states_a_smaller_size_is_read_whole(tmp_path: Path) -> None:
    path = workbook(tmp_path, *(cells(signal_id=f"S-{n}") for n in range(100)))
    packed = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(packed) as whole, zipfile.ZipFile(path, "w") as changed:
        for name in whole.namelist():
            changed.writestr(name, whole.read(name).replace(b'ref="A1:J101"', b'ref="A1:J11"'))

    assert len(read_excel(path)) == 100
