"""The national address register becomes the board's: from a GeoPackage that GDAL wrote, as bag-light is.

`bag-light-small.gpkg` has its columns, and addresses that are made up: seven dwellings, a houseboat and a
caravan of Amsterdam, what is no more or has no postcode, and one of another municipality.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eropaf.board.address_register import AddressRegister, NoAddressRegister, Premises
from eropaf.files.address_extract import extract
from eropaf.main import app
from eropaf_client.errors import FileRefused
from eropaf_client.files.writing import NotWritten

BAG = Path(__file__).with_name("bag-light-small.gpkg")
STREET, QUAY = "Oude Voorbeeldstraat", "Lange Proefkade"


@pytest.fixture
def made(tmp_path: Path) -> Path:
    extract(BAG, "Amsterdam", tmp_path / "addresses.db")
    return tmp_path / "addresses.db"


@pytest.mark.parametrize(
    ("postcode", "number", "addition", "found"),
    [
        ("1011AB", 1, "", Premises(STREET, "Amsterdam", 121500.0, 487300.0)),
        ("1011AB", 3, "A", Premises(STREET, "Amsterdam", 121510.0, 487302.0)),
        ("1011AB", 3, "A2", Premises(STREET, "Amsterdam", 121510.0, 487302.0)),
        ("1011AB", 2, "HS", Premises(STREET, "Amsterdam", 121503.0, 487315.0)),  # the register's H
        ("1011AB", 4, "2", Premises(STREET, "Amsterdam", 121520.0, 487317.0)),  # its "2 hoog"
        ("1011AC", 12, "", Premises(QUAY, "Amsterdam", 121700.0, 487350.0)),
        (
            "1016GA",
            100,
            "WB1",
            Premises("Proefgracht", "Amsterdam", 121010.0, 486993.0),
        ),  # a mooring's middle
        ("1099ZZ", 5, "", Premises("Wagenpad", "Amsterdam", 125006.0, 485004.0)),
        ("1011AC", 14, "", None),  # withdrawn
        ("1541AA", 1, "", None),  # another municipality's
        ("1011AB", 5, "", None),
    ],
)
def test_an_address_is_found_by_the_spelling_of_a_household(
    made: Path, postcode: str, number: int, addition: str, found: Premises | None
) -> None:
    register = AddressRegister(made)
    assert register.find(postcode, number, addition) == found
    register.close()


def test_what_became_of_every_address_is_told(tmp_path: Path) -> None:
    asked = ["addresses", "load", str(BAG), "--municipality", "Amsterdam", "--out", str(tmp_path / "a.db")]
    said = CliRunner().invoke(app, asked)
    assert said.exit_code == 0, said.output
    assert said.stdout.splitlines() == [
        f"8 addresses of Amsterdam in {tmp_path}/a.db",
        "left out: 1 withdrawn or never built, 1 without a usable postcode",
        "1 address cannot be told from another one in creditors' spellings, so both are one household: "
        "1011AB 2 hs",
    ]


def test_an_address_register_is_overwritten_when_asked_alone(made: Path) -> None:
    with pytest.raises(NotWritten, match="already exists"):
        extract(BAG, "Zaanstad", made)
    assert extract(BAG, "Zaanstad", made, replace=True).stored == 1
    assert [each.name for each in made.parent.iterdir()] == [made.name], "nothing half done is left"


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("nowhere.gpkg", "is not there"),
        ("text.gpkg", "is no GeoPackage such as bag-light"),
        ("empty.gpkg", "is no GeoPackage such as bag-light"),
        ("other.gpkg", "no such column: verblijfsobject.toevoeging"),
    ],
)
def test_what_is_no_address_register_is_refused_with_the_reason(tmp_path: Path, file: str, why: str) -> None:
    (tmp_path / "text.gpkg").write_text("postcode,huisnummer\n" * 100)
    (tmp_path / "empty.gpkg").touch()
    shutil.copy(BAG, tmp_path / "other.gpkg")
    with closing(sqlite3.connect(tmp_path / "other.gpkg")) as other:
        other.execute("ALTER TABLE verblijfsobject RENAME COLUMN toevoeging TO huisnummertoevoeging")
        other.commit()
    with pytest.raises(FileRefused) as refused:
        extract(tmp_path / file, "Amsterdam", tmp_path / "a.db")
    assert why in refused.value.problems[0].message
    assert not (tmp_path / "a.db").exists()


def test_a_municipality_that_is_not_in_it_is_told_how_names_are_written(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        extract(BAG, "gemeente amsterdam", tmp_path / "a.db")
    said = "holds no address of a municipality 'gemeente amsterdam'; its names are as 'Amsterdam'"
    assert refused.value.problems[0].message == said


def test_a_geometry_of_another_form_costs_the_point_and_not_the_address(tmp_path: Path) -> None:
    shutil.copy(BAG, tmp_path / "odd.gpkg")
    with closing(sqlite3.connect(tmp_path / "odd.gpkg")) as odd:
        for (trigger,) in odd.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            odd.execute(f'DROP TRIGGER "{trigger}"')
        for shape, number in ((b"GP", 1), (b"\x00" * 40, 3), (None, 2), (b"GP\x00\x0f" + b"\x00" * 8, 4)):
            odd.execute("UPDATE verblijfsobject SET geom = ? WHERE huisnummer = ?", (shape, number))
        odd.commit()
    assert extract(tmp_path / "odd.gpkg", "Amsterdam", tmp_path / "a.db").stored == 8
    register = AddressRegister(tmp_path / "a.db")
    for number, addition in ((1, ""), (3, "A"), (2, "HS"), (4, "2")):
        found = register.find("1011AB", number, addition)
        assert found is not None
        assert found.point is None
    register.close()


@pytest.mark.parametrize("content", [b"", b"no database at all" * 99, BAG.read_bytes()])
def test_a_board_refuses_a_file_that_is_no_register_of_its_own(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.db").write_bytes(content)
    with pytest.raises(NoAddressRegister, match=r"a\.db"):
        AddressRegister(tmp_path / "a.db")
