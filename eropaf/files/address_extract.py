"""Makes an address register of the national one: a municipality's addresses out of PDOK's `bag-light`.

A GeoPackage is a SQLite database: https://www.geopackage.org/spec131/. The columns of `bag-light` are those
of https://api.pdok.nl/kadaster/bag/ogc/v2, its tables the three kinds of what can be lived in.
"""

from __future__ import annotations

import sqlite3
import struct
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from eropaf.board.address_register import APPLICATION_ID, TABLE, TABLE_FORM
from eropaf.risk.address import normalise
from eropaf.risk.refusal import Refused
from eropaf_client.errors import FileRefused, Problem
from eropaf_client.files.writing import in_its_place

TABLES = ("verblijfsobject", "ligplaats", "standplaats")
COLUMNS = (
    "postcode",
    "huisnummer",
    "huisletter",
    "toevoeging",
    "openbare_ruimte_naam",
    "woonplaats_naam",
    "status",
)
# Statuses of what is gone, never was, or was entered by mistake (BAG catalogue 2018, domain values).
GONE = ("ingetrokken", "niet gerealiseerd", "ten onrechte opgevoerd")
NATIONAL_GRID = 28992  # EPSG
MOST_EXAMPLES = 5
AT_ONCE = 1 << 16
# GeoPackage 1.3, 2.1.3: bytes of the envelope by its kind, in the header's flags.
ENVELOPE_BYTES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
HEADER_BYTES = 8
WKB_POINT = 1


@dataclass(slots=True)
class Extracted:
    """What became of the register's addresses.

    `stored` counts those in the file. `gone` and `unusable` are left out: what is gone, and what no
    household can be (mostly without a postcode). `shared` have the key of another one, as 2-H and 2-hs: some
    of them as people write them.
    """

    stored: int = 0
    gone: int = 0
    unusable: int = 0
    shared: int = 0
    examples: list[str] = field(default_factory=list)


class _Premises(NamedTuple):
    key: tuple[str, int, str]
    street: str
    town: str
    point: tuple[float | None, float | None]
    written: str


def extract(source: Path, municipality: str, target: Path, replace: bool = False) -> Extracted:
    """Write the addresses of `municipality` in the GeoPackage `source` to `target`.

    Raises:
        FileRefused: it is no GeoPackage with these columns, or holds nothing of that municipality.
        NotWritten: `target` is there and `replace` does not allow for it, or it cannot be written.
    """
    if not source.is_file():
        raise FileRefused(str(source), [Problem("file", "is not there")])
    done = Extracted()
    with in_its_place(target, replace) as file, tempfile.TemporaryDirectory(dir=target.parent) as folder:
        made = Path(folder) / "register"
        try:
            with (
                closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as register,
                closing(sqlite3.connect(made)) as rows,
            ):
                _fill(rows, _all_of(register, municipality, done), done)
                if not done.stored:
                    raise FileRefused(str(source), [Problem("file", _nothing(register, municipality))])
        except sqlite3.Error as error:
            said = f"is no GeoPackage such as bag-light ({error})"
            raise FileRefused(str(source), [Problem("file", said)]) from None
        with made.open("rb") as whole:
            while block := whole.read(AT_ONCE):
                file.write(block)
    return done


def _fill(rows: sqlite3.Connection, found: Iterator[_Premises], done: Extracted) -> None:
    rows.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    rows.execute(f"PRAGMA user_version = {TABLE_FORM}")
    rows.execute(TABLE)
    for each in found:
        values = (*each.key, each.street, each.town, *each.point)
        added = rows.execute("INSERT OR IGNORE INTO premises VALUES (?, ?, ?, ?, ?, ?, ?)", values).rowcount
        done.stored += added
        if not added:
            done.shared += 1
            if len(done.examples) < MOST_EXAMPLES:
                done.examples.append(each.written)
    rows.commit()


def _all_of(register: sqlite3.Connection, municipality: str, done: Extracted) -> Iterator[_Premises]:
    for table in TABLES:
        geometry, grid = register.execute(
            "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?", (table,)
        ).fetchone() or ("geom", None)
        # Names as they stand in double quotes: an unknown one is an error, and not its own text.
        columns = ", ".join(f'{table}."{name}"' for name in (*COLUMNS, geometry))
        sought = f'SELECT {columns} FROM {table} WHERE {table}."bronhouder_naam" = ?'  # noqa: S608  # names of ours
        for *texts, status, shape in register.execute(sought, (municipality,)):
            if any(word in (status or "").lower() for word in GONE):
                done.gone += 1
            elif (premises := _premises(texts, shape if grid == NATIONAL_GRID else None)) is None:
                done.unusable += 1
            else:
                yield premises


def _premises(texts: list[Any], shape: bytes | None) -> _Premises | None:
    postcode, number, letter, addition, street, town = texts
    behind = f"{letter or ''}{addition or ''}"
    try:
        address = normalise(postcode, None if number is None else str(number), behind)
    except Refused:
        return None
    written = f"{postcode} {number} {letter or ''} {addition or ''}"
    key = (address.postcode, address.house_number, address.addition)
    return _Premises(key, street or "", town or "", _middle(shape), " ".join(written.split()))


def _middle(shape: bytes | None) -> tuple[float | None, float | None]:
    """Return a geometry's middle, east and north in metres; nothing of a form that is not known."""
    try:
        if shape is None or shape[:2] != b"GP":
            return None, None
        order = "<" if shape[3] & 1 else ">"
        envelope = ENVELOPE_BYTES[(shape[3] >> 1) & 0b111]
        if envelope:
            west, east, south, north = struct.unpack_from(f"{order}4d", shape, HEADER_BYTES)
            return (west + east) / 2, (south + north) / 2
        order = "<" if shape[HEADER_BYTES] else ">"
        (kind,) = struct.unpack_from(f"{order}I", shape, HEADER_BYTES + 1)
        if kind % 1000 != WKB_POINT:  # 1001 and up: with height or measure behind
            return None, None
        return struct.unpack_from(f"{order}2d", shape, HEADER_BYTES + 5)
    except (KeyError, IndexError, struct.error):
        return None, None


def _nothing(register: sqlite3.Connection, municipality: str) -> str:
    found = register.execute("SELECT bronhouder_naam FROM verblijfsobject LIMIT 1").fetchone()
    example = f"; its names are as {found[0]!r}" if found else ""
    return f"holds no address of a municipality {municipality!r}{example}"
