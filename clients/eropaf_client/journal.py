"""What an outreach tool has handled, on disk, so that it goes on where it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from eropaf_client.errors import JournalInUse

TABLES = """
CREATE TABLE IF NOT EXISTS eropaf_position (part INTEGER PRIMARY KEY, next_offset INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS eropaf_told (household TEXT PRIMARY KEY, sequence INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS eropaf_parked (
    household TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    value BLOB NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (household, sequence)
);
"""


class Parked(NamedTuple):
    """An update that could not be handled, as bytes; `error` is the kind of failure, not its text."""

    household: str
    sequence: int
    value: bytes
    error: str


class Journal:
    """Positions, what was told of each household, and what is parked.

    `db` is open for a tool's own tables: what a handler writes there is saved together with the
    position, so it happens exactly once whatever is killed.

    Raises:
        JournalInUse: another process has the file.
    """

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(str(path), isolation_level=None, check_same_thread=False, timeout=1)
        try:
            # Held until the process ends, however it ends.
            self.db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("PRAGMA synchronous = FULL")
            self.db.executescript(TABLES)
        except sqlite3.OperationalError as error:
            self.db.close()
            if "locked" not in str(error):
                raise
            raise JournalInUse(f"{path}: another process has this journal; end it first") from None

    def close(self) -> None:
        """Let go of the file."""
        self.db.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Save everything written inside, or nothing where it fails."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def positions(self) -> dict[int, int]:
        """Give the next offset to read of each partition."""
        return dict(self.db.execute("SELECT part, next_offset FROM eropaf_position"))

    def told(self, household: str) -> int:
        """Give the sequence of the newest update noted for `household`; 0 for none."""
        found = self.db.execute(
            "SELECT sequence FROM eropaf_told WHERE household = ?", (household,)
        ).fetchone()
        return int(found[0]) if found else 0

    def note(self, partition: int, offset: int, household: str, sequence: int) -> None:
        """Note that an update has been dealt with, one way or another."""
        self.db.execute("INSERT OR REPLACE INTO eropaf_position VALUES (?, ?)", (partition, offset + 1))
        self.db.execute("INSERT OR REPLACE INTO eropaf_told VALUES (?, ?)", (household, sequence))

    def forget(self, partition: int, offset: int, household: str) -> None:
        """Forget a household: its key, and what is parked of it."""
        self.db.execute("INSERT OR REPLACE INTO eropaf_position VALUES (?, ?)", (partition, offset + 1))
        self.db.execute("DELETE FROM eropaf_told WHERE household = ?", (household,))
        self.db.execute("DELETE FROM eropaf_parked WHERE household = ?", (household,))

    def park(self, parked: Parked) -> None:
        """Set an update aside."""
        self.db.execute("INSERT OR REPLACE INTO eropaf_parked VALUES (?, ?, ?, ?)", parked)

    def unpark(self, parked: Parked) -> None:
        """Take an update out again."""
        self.db.execute("DELETE FROM eropaf_parked WHERE household = ? AND sequence = ?", parked[:2])

    def is_parked(self, household: str) -> bool:
        """Say whether something of `household` is parked."""
        found = self.db.execute("SELECT 1 FROM eropaf_parked WHERE household = ? LIMIT 1", (household,))
        return found.fetchone() is not None

    def parked(self) -> list[Parked]:
        """Give what is parked, each household's in order."""
        rows = self.db.execute(
            "SELECT household, sequence, value, error FROM eropaf_parked ORDER BY household, sequence"
        )
        return [Parked(*row) for row in rows.fetchall()]
