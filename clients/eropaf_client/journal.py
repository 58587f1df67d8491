"""What an outreach tool has handled, on disk, so that it resumes where it stopped."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from eropaf_client.errors import JournalInUse
from eropaf_client.ledger import Ledger

# `done`: handled, while an earlier record of the same partition is not.
TABLES = """
CREATE TABLE IF NOT EXISTS eropaf_position (part INTEGER PRIMARY KEY, next_offset INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS eropaf_done (part INTEGER, at_offset INTEGER, PRIMARY KEY (part, at_offset));
CREATE TABLE IF NOT EXISTS eropaf_told (household TEXT PRIMARY KEY, sequence INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS eropaf_parked (
    household TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    value BLOB NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (household, sequence)
)
"""


class Parked(NamedTuple):
    """An update that could not be handled, as bytes; `error` is the kind of failure, not its text."""

    household: str
    sequence: int
    value: bytes
    error: str

    def __repr__(self) -> str:
        # Without the value, which says where somebody lives.
        return f"Parked({self.household!r}, {self.sequence}, error={self.error!r})"


class Journal(Ledger):
    """Positions, the newest update handled per household, and parked updates.

    A tool may keep its own tables in `db`: what a handler writes there is saved together with the position,
    so it happens exactly once, crash or not.

    Raises:
        JournalInUse: another process has the file open.
        LedgerDamaged, LedgerFull: see `Ledger`.
    """

    in_use = JournalInUse
    # Sequences stay: a topic that moved is read again, and the repeats are skipped.
    places = ("eropaf_position", "eropaf_done")

    def __init__(self, path: Path) -> None:
        super().__init__(path, "journal", TABLES)

    def positions(self) -> dict[int, int]:
        """Return the next offset to read of each partition."""
        return dict(self.read("SELECT part, next_offset FROM eropaf_position"))

    def done(self) -> set[tuple[int, int]]:
        """Return the partition and offset of records handled beyond their partition's position."""
        return set(self.read("SELECT part, at_offset FROM eropaf_done"))

    def move(self, partition: int, offset: int, position: int) -> None:
        """Store that the record at `offset` was dealt with, and that reading resumes at `position`."""
        if offset < position:
            self.write("INSERT OR REPLACE INTO eropaf_position VALUES (?, ?)", partition, position)
            self.write("DELETE FROM eropaf_done WHERE part = ? AND at_offset < ?", partition, position)
        else:
            self.write("INSERT OR IGNORE INTO eropaf_done VALUES (?, ?)", partition, offset)

    def go_back(self, positions: Mapping[int, int]) -> None:
        """Read each partition from its position again, whatever was told; what is parked stays so."""
        with self.transaction():
            self.write("DELETE FROM eropaf_told")
            self.write("DELETE FROM eropaf_done")
            for place in positions.items():
                self.write("INSERT OR REPLACE INTO eropaf_position VALUES (?, ?)", *place)

    def told(self, household: str) -> int:
        """Return the sequence of the newest update of `household` dealt with; 0 if none."""
        found = self.read("SELECT sequence FROM eropaf_told WHERE household = ?", household)
        return int(found[0][0]) if found else 0

    def tell(self, household: str, sequence: int) -> None:
        """Store that an update of `household` was dealt with, one way or another."""
        self.write("INSERT OR REPLACE INTO eropaf_told VALUES (?, ?)", household, sequence)

    def forget(self, household: str) -> None:
        """Forget a household: its key and its parked updates."""
        self.write("DELETE FROM eropaf_told WHERE household = ?", household)
        self.write("DELETE FROM eropaf_parked WHERE household = ?", household)

    def park(self, parked: Parked) -> None:
        """Park an update."""
        self.write("INSERT OR REPLACE INTO eropaf_parked VALUES (?, ?, ?, ?)", *parked)

    def unpark(self, parked: Parked) -> None:
        """Remove a parked update."""
        self.write("DELETE FROM eropaf_parked WHERE household = ? AND sequence = ?", *parked[:2])

    def is_parked(self, household: str) -> bool:
        """Return whether any update of `household` is parked."""
        return bool(self.read("SELECT 1 FROM eropaf_parked WHERE household = ? LIMIT 1", household))

    def parked(self) -> list[Parked]:
        """Return the parked updates, each household's in order."""
        rows = self.read(
            "SELECT household, sequence, value, error FROM eropaf_parked ORDER BY household, sequence"
        )
        return [Parked(*row) for row in rows]
