"""What each kind of cell of an Excel workbook is read as, and what is said where it is refused."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import pytest
from openpyxl import Workbook

from eropaf_client.errors import FileRefused
from eropaf_client.files import excel
from eropaf_client.files.excel import ExcelFile, NoText, read_excel
from eropaf_client.files.filed import Asked
from tests.tables import NAMES, faults
from tests.unit.clients.test_workbooks import cells, workbook

AS_DATE = "Excel turned it into a date; format the column as text and type it again"
AS_TRUE = "Excel turned it into TRUE or FALSE; format the column as text and type it again"
DIGITS = "Excel keeps fifteen digits of a number and lost the rest; format the column as text"
DECIMALS = "a number with decimals is not a reference or address; format the column as text"


@pytest.mark.parametrize(
    ("value", "column", "text"),
    [
        (None, "contract", ""),
        ("C-1", "contract", "C-1"),
        (True, "handover_wish", "yes"),
        (False, "personal_contact", "no"),
        (True, "debt_help_pointed_at", "yes"),
        (77, "contract", "77"),
        (77.0, "house_number", "77"),
        (999_999_999_999_999, "contract", "999999999999999"),
        (480.5, "amount_eur", "480.5"),
        (0.1 + 0.2, "monthly_bill_eur", "0.3"),
        (1e300, "amount_eur", "1e+300"),
        (10**15, "version", "1000000000000000"),
        (datetime(2026, 3, 2), "reported_at", "2026-03-02"),
        (date(2026, 3, 2), "arrears_since", "2026-03-02"),
        (datetime(2026, 3, 2, 9, 30), "reported_at", "2026-03-02T08:30:00+00:00"),
        (datetime(2026, 7, 2, 9, 30), "crisis_on", "2026-07-02T07:30:00+00:00"),
        (time(9, 30), "reported_at", "09:30:00"),
        (timedelta(hours=30), "reported_at", "1 day, 6:00:00"),
        (datetime(2026, 3, 2), "", "2026-03-02"),
    ],
)
def test_a_cell_is_read_as_it_would_stand_in_a_csv_file(value: Any, column: str, text: str) -> None:
    assert excel._text(value, column) == text


@pytest.mark.parametrize(
    ("value", "column", "said"),
    [
        (True, "contract", AS_TRUE),
        (False, "", AS_TRUE),
        (datetime(2026, 3, 2), "contract", AS_DATE),
        (time(9, 30), "house_number", AS_DATE),
        (10**15, "contract", DIGITS),
        (-(10**15), "contract", DIGITS),
        (float("nan"), "signal_id", DIGITS),
        (12.5, "house_number", DECIMALS),
        (datetime(1, 1, 1, 0, 10), "reported_at", "is before 1990 or after 2099"),
    ],
)
def test_a_cell_that_is_not_as_it_was_typed_is_refused_with_the_cure(
    value: Any, column: str, said: str
) -> None:
    with pytest.raises(NoText) as refused:
        excel._text(value, column)

    assert str(refused.value) == said


def test_a_machine_without_time_zones_is_told_what_a_workbook_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(on_the_wall: datetime) -> datetime:
        raise ZoneInfoNotFoundError

    monkeypatch.setattr(excel, "as_utc", unknown)

    with pytest.raises(NoText) as refused:
        excel._text(datetime(2026, 3, 2, 9, 30), "reported_at")

    assert str(refused.value) == (
        "this machine knows no time zones; leave the time out, or `pip install tzdata`"
    )


def test_every_fault_of_a_row_is_told_with_its_column_and_the_rows_after_it_are_read(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        cells(contract=True, house_number=12.5, addition="=1+1"),
        [],
        [*cells(signal_id="S-2"), None, "?"],
        cells(signal_id="S-3"),
        cells(signal_id="S-4")[:-1],
    )

    assert faults(path) == [
        f"line 2, column 2 (contract): {AS_TRUE}",
        f"line 2, column 9 (house_number): {DECIMALS}",
        "line 2, column 10 (addition): is a formula without a saved value; open the workbook in Excel and "
        "save it",
        "line 4, column 12: holds something to the right of the last heading; clear the cell",
    ]
    assert [line.place for line in ExcelFile(path) if line.signal] == ["line 5", "line 6"]


@pytest.mark.parametrize("content", [b"", b"no workbook", None], ids=["empty", "text", "foreign"])
def test_what_is_no_workbook_is_refused_by_name(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "signals.xlsx"
    if content is None:
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("other.txt", "none of ours")
    else:
        path.write_bytes(content)

    with pytest.raises(FileRefused) as refused:
        read_excel(path)

    assert str(refused.value).startswith(f"{path}: ")
    assert [*map(str, refused.value.problems)] == ["file: is no Excel workbook; save it as .xlsx"]


def test_a_workbook_that_swells_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path, cells())
    with zipfile.ZipFile(path) as packed:
        unpacked = sum(part.file_size for part in packed.infolist())

    monkeypatch.setattr(excel, "LARGEST_UNPACKED_BYTES", unpacked)
    assert len(read_excel(path)) == 1
    monkeypatch.setattr(excel, "LARGEST_UNPACKED_BYTES", unpacked - 1)
    assert faults(path) == ["file: unpacks to more than 0 MiB; send it in parts, or as CSV"]
    with pytest.raises(FileRefused) as refused:
        read_excel(path)
    assert str(refused.value).startswith(f"{path}: ")


def test_a_workbook_whose_words_stand_for_gigabytes_is_refused(tmp_path: Path) -> None:
    named = "".join(f'<!ENTITY e{each + 1} "{f"&e{each};" * 10}">' for each in range(9))
    bomb = f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY e0 "{"x" * 10}">{named}]>'
    shown, path = workbook(tmp_path, cells()), tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(shown) as packed, zipfile.ZipFile(path, "w") as changed:
        for each in packed.infolist():
            text = packed.read(each).decode()
            if each.filename == "xl/worksheets/sheet1.xml":
                text = bomb + re.sub(r"^<\?xml.*?\?>\s*", "", text).replace("S-1", "&e9;", 1)
            changed.writestr(each, text)

    assert faults(path) == ["file: is no Excel workbook; save it as .xlsx"]


def test_without_what_reads_xml_safely_no_workbook_is_read() -> None:
    program = "import sys; sys.modules['defusedxml'] = None; import eropaf_client.files.excel"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert "ModuleNotFoundError" in done.stderr


def test_a_workbook_of_too_many_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path, cells(), cells(signal_id="S-2"))

    monkeypatch.setattr(excel, "MOST_SHEET_ROWS", 3)
    assert len(read_excel(path)) == 2
    monkeypatch.setattr(excel, "MOST_SHEET_ROWS", 2)
    assert faults(path) == ["file: has more than 2 rows"]
    with pytest.raises(FileRefused) as refused:
        read_excel(path)
    assert str(refused.value).startswith(f"{path}: ")


def test_a_workbook_that_shows_nothing_is_refused(tmp_path: Path) -> None:
    shown, path = workbook(tmp_path, cells()), tmp_path / "hidden.xlsx"
    with zipfile.ZipFile(shown) as packed, zipfile.ZipFile(path, "w") as hidden:
        for name in packed.namelist():
            hidden.writestr(name, packed.read(name).replace(b'state="visible"', b'state="hidden"'))

    assert faults(path) == ["file: has no visible sheet; unhide the one with the signals"]
    with pytest.raises(FileRefused) as refused:
        read_excel(path)
    assert str(refused.value).startswith(f"{path}: ")


def test_a_workbook_says_which_sheet_was_read_and_takes_examples_where_asked(
    tmp_path: Path,
) -> None:
    book = Workbook()
    book.worksheets[0].title = "Maart"
    book.worksheets[0].append([*NAMES[:7], "bsn", None])
    book.worksheets[0].append([*cells()[:7], "123456789"])
    path = tmp_path / "signals.xlsx"
    book.save(path)

    asked = Asked(test_numbers=True)
    file = ExcelFile(path, asked)

    assert len(read_excel(path, asked)) == 1
    assert file.understood == "sheet Maart: 0 rows"
    assert [line.problems for line in file] == [[]]
    assert (file.width, file.understood) == (8, "sheet Maart: 1 row")
    assert faults(path) == ["line 2, column 8 (bsn): is not a BSN: it fails the eleven test"]


def test_an_empty_workbook_lacks_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "signals.xlsx"
    Workbook().save(path)

    with pytest.raises(FileRefused) as refused:
        read_excel(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert str(refused.value.problems[0]) == "line 1: column signal_id is missing"
