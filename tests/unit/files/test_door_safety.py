"""The list of unsafe addresses, as a municipality writes it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from eropaf.board.safety import Level, Mark, farthest_mark
from eropaf.files.safety import read_unsafe
from eropaf.risk.identity import household_key
from eropaf.risk.records import Address
from eropaf_client.errors import FileRefused
from tests.builders import SECRET

HEADER = "postcode,house_number,addition,level,until"
TODAY = date(2026, 3, 2)
KEY = household_key(Address("1011AB", 12, "2"), SECRET)


def unsafe(folder: Path, *lines: str) -> Path:
    file = folder / "unsafe.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def faults(folder: Path, *lines: str) -> dict[str, str]:
    with pytest.raises(FileRefused) as refused:
        read_unsafe(unsafe(folder, *lines), SECRET, TODAY)
    return {problem.place: problem.message for problem in refused.value.problems}


@pytest.mark.parametrize("addition", ["2", "II", "2 hoog"])
def test_an_address_is_marked_in_any_spelling(tmp_path: Path, addition: str) -> None:
    file = unsafe(tmp_path, HEADER, f"1011 ab,12,{addition},not-alone,2026-05-01")

    assert read_unsafe(file, SECRET, TODAY) == [(KEY, Mark(Level.NOT_ALONE, date(2026, 5, 1)))]


def test_a_dutch_spreadsheet_is_read_as_it_is(tmp_path: Path) -> None:
    file = unsafe(
        tmp_path,
        "Postcode;Huisnummer;Toevoeging;Niveau;Tot en met",
        "1011AB;12;II;Alleen op kantoor;1-5-2026",
    )

    assert read_unsafe(file, SECRET, TODAY) == [(KEY, Mark(Level.OFFICE_ONLY, date(2026, 5, 1)))]


def test_a_mark_holds_on_its_last_day_and_a_day_that_is_over_takes_it_off(tmp_path: Path) -> None:
    yesterday = TODAY - timedelta(days=1)
    file = unsafe(tmp_path, HEADER, *(f"1011AB,12,2,not-alone,{day}" for day in (TODAY, yesterday)))

    assert [mark for _, mark in read_unsafe(file, SECRET, TODAY)] == [Mark(Level.NOT_ALONE, TODAY), None]


def test_no_mark_is_for_longer_than_half_a_year(tmp_path: Path) -> None:
    last = farthest_mark(TODAY)

    assert read_unsafe(unsafe(tmp_path, HEADER, f"1011AB,12,,not-alone,{last}"), SECRET, TODAY)
    said = faults(tmp_path, HEADER, f"1011AB,12,,not-alone,{last + timedelta(days=1)}")
    assert said == {"line 2": "until must be within 182 days: decide again by then"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1011AB,12,,dangerous dog,2026-05-01", "level must be not-alone or office-only"),
        ("1011AB,12,,not-alone,", "until write a date as YYYY-MM-DD"),
        ("1011AB,12,not-alone,2026-05-01", "has 4 columns, but the header has 5"),
        ("1011SS,12,,not-alone,2026-05-01", "resident.postcode is not four digits"),
        ("1011AB,12.0,,not-alone,2026-05-01", "a number with decimals is not part of an address"),
    ],
)
def test_a_fault_is_named_by_its_line_and_never_by_what_stands_there(
    tmp_path: Path, line: str, said: str
) -> None:
    found = faults(tmp_path, HEADER, "1011AB,12,,not-alone,2026-05-01", line)

    assert list(found) == ["line 3"]
    assert said in found["line 3"]
    assert "dog" not in found["line 3"]


def test_a_column_that_says_why_is_refused(tmp_path: Path) -> None:
    said = faults(tmp_path, f"{HEADER},reason", "1011AB,12,,not-alone,2026-05-01,a dog")

    assert "why an address is unsafe is not for this list" in said["line 1"]
