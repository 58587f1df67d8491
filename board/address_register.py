"""Streets of a municipality's addresses, and where they stand: a file made of the national register (BAG).

`eropaf addresses load` makes the file. A household's key needs nothing of it, so a newer file moves nobody.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from eropaf_client.errors import ClientError

# What says that an SQLite file is this one ("EADR"), and in which form.
APPLICATION_ID = 0x45414452
TABLE_FORM = 1
TABLE = """
CREATE TABLE premises (
    postcode TEXT NOT NULL, house_number INTEGER NOT NULL, addition TEXT NOT NULL,
    street TEXT NOT NULL, town TEXT NOT NULL, east_m REAL, north_m REAL,
    PRIMARY KEY (postcode, house_number, addition)
) WITHOUT ROWID
"""


class NoAddressRegister(ClientError):
    """A file is no address register of ours, or cannot be read."""


@dataclass(frozen=True, slots=True)
class Premises:
    """A dwelling as the register has it; `east_m` and `north_m` are metres of the national grid (RD)."""

    street: str
    town: str
    east_m: float | None
    north_m: float | None

    @property
    def point(self) -> tuple[float, float] | None:
        """Where it stands, in metres east and north; None where the register does not say."""
        return None if self.east_m is None or self.north_m is None else (self.east_m, self.north_m)


class AddressRegister:
    """Every address of the file, found by the spelling that households' keys are made of."""

    def __init__(self, file: Path) -> None:
        try:
            # Never written while it is read: `load` puts a whole file in its place.
            address = f"{file.resolve(strict=True).as_uri()}?mode=ro&immutable=1"
            self._rows = sqlite3.connect(address, uri=True)
            (mark,) = self._rows.execute("PRAGMA application_id").fetchone()
            (form,) = self._rows.execute("PRAGMA user_version").fetchone()
            if (mark, form) != (APPLICATION_ID, TABLE_FORM):
                raise NoAddressRegister(f"{file} was not made by this version's `eropaf addresses load`")
            (self.count,) = self._rows.execute("SELECT count(*) FROM premises").fetchone()
        except (OSError, sqlite3.Error) as error:
            raise NoAddressRegister(f"{file} cannot be read as an address register ({error})") from None

    def find(self, postcode: str, house_number: int, addition: str) -> Premises | None:
        """Return the dwelling of an address in its one spelling; None where the register has none like it."""
        found = self._rows.execute(
            "SELECT street, town, east_m, north_m FROM premises "
            "WHERE postcode = ? AND house_number = ? AND addition = ?",
            (postcode, house_number, addition),
        ).fetchone()
        return None if found is None else Premises(*found)

    def additions(self, postcode: str, house_number: int) -> list[str]:
        """Return the additions that the register has at a number; empty text is one, that of none."""
        found = self._rows.execute(
            "SELECT addition FROM premises WHERE postcode = ? AND house_number = ? ORDER BY addition",
            (postcode, house_number),
        )
        return [addition for (addition,) in found]

    def close(self) -> None:
        """Close the file."""
        self._rows.close()
