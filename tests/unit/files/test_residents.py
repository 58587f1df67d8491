"""The register's file, as a municipality writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from eropaf.files.residents import read_register
from eropaf.risk.identity import resident_key
from eropaf_client.errors import FileRefused
from tests.builders import SECRET

HEADER = "bsn,postcode,house_number,addition"
KEY = resident_key("123456782", SECRET)
LIVES = {"postcode": "1011AB", "house_number": 12, "addition": ""}


def register(folder: Path, *lines: str) -> Path:
    file = folder / "register.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_without_its_column_nothing_is_said_of_minor_children(tmp_path: Path) -> None:
    file = register(tmp_path, HEADER, "123456782,1011 ab,12,", "123456782,,,")

    assert read_register(file, SECRET).entries == [
        (KEY, {"address": LIVES, "minor_children": None}),
        (KEY, None),
    ]


@pytest.mark.parametrize(("said", "meant"), [("yes", True), ("no", False), ("", None)])
def test_the_column_says_yes_no_or_nothing(tmp_path: Path, said: str, meant: bool | None) -> None:
    file = register(tmp_path, f"{HEADER},minor_children", f"123456782,1011 ab,12,,{said}")

    assert read_register(file, SECRET).entries == [(KEY, {"address": LIVES, "minor_children": meant})]


def test_every_fault_is_named_by_its_line(tmp_path: Path) -> None:
    file = register(
        tmp_path, f"{HEADER},minor_children", "123456782,1011 ab,12,,2", "1,1011 ab,12,,no", "1,2,3"
    )

    with pytest.raises(FileRefused) as refused:
        read_register(file, SECRET)

    said = {problem.place: problem.message for problem in refused.value.problems}
    assert said.keys() == {"line 2", "line 3", "line 4"}
    assert said["line 2"] == "minor_children must be yes, no or empty"
    assert said["line 4"] == "has 3 columns, but the header has 5"


def test_a_header_with_another_fact_of_persons_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        read_register(register(tmp_path, f"{HEADER},birth_date", "123456782,1011 ab,12,,1990"), SECRET)

    assert (
        refused.value.problems[0].message == f"the header must be {HEADER}, and may go on with minor_children"
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("123456782,,,hs", "an address needs postcode and house_number"),
        ("123456782,1011AB,,", "an address needs postcode and house_number"),
        ("123456782,1011AB,7.0,", "house_number a number with decimals is not part of an address"),
        ("123456782,1011AB,3-feb,", "house_number a date is not part of an address"),
        ("123456789,1011AB,7,", "bsn is not a BSN: it fails the eleven test"),
        ("1234,1011AB,7,", "bsn write nine digits"),
        ("10000008,1011AB,7,", "bsn has eight digits: a leading zero was lost"),
    ],
)
def test_a_row_that_does_not_say_who_lives_where_is_refused(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_register(register(tmp_path, HEADER, line), SECRET)

    assert [problem.place for problem in refused.value.problems] == ["line 2"]
    assert refused.value.problems[0].message.startswith(said)


def test_a_register_is_read_as_an_office_writes_it(tmp_path: Path) -> None:
    file = tmp_path / "register.csv"
    file.write_bytes(b"BSN;Postcode;Huisnummer;Huisnummertoevoeging\r\n123456782;1011\xa0ab;12;\r\n;;;\r\n")

    found = read_register(file, SECRET)

    assert found.entries == [(KEY, {"address": LIVES, "minor_children": None})]
    assert found.told == ["read as semicolons, Windows-1252: 1 row"]


def test_a_register_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        read_register(tmp_path / "none.csv", SECRET)

    assert str(refused.value.problems[0]) == "file: is not there"
