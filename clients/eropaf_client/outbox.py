"""Signals that wait on disk for the broker: a SQLite file that survives its process."""

from __future__ import annotations

import sqlite3
import threading
import uuid
from collections.abc import Iterable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from eropaf_client.errors import OutboxInUse

# A signal reported again within this time is known, and not sent again.
REMEMBERED_DAYS = 400

TABLES = """
CREATE TABLE IF NOT EXISTS outbox (id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS signal (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    signal_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    contract TEXT NOT NULL,
    value BLOB,               -- NULL once it is stored at the broker
    put_on TEXT NOT NULL,
    UNIQUE (signal_id, version)
);
CREATE INDEX IF NOT EXISTS signal_waiting ON signal (position) WHERE value IS NOT NULL;
"""


class Waiting(NamedTuple):
    """A signal that the broker does not have yet, and its position: they are sent in this order."""

    position: int
    contract: str
    value: bytes


class Outbox:
    """Signals in the order in which they were put, each once by its id and version.

    What `put` returned from is on disk. One process has the file at a time; a second one is refused
    until the first has ended, in whatever way.

    Raises:
        OutboxInUse: another process has the file.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(str(path), isolation_level=None, check_same_thread=False, timeout=1)
        try:
            # Held until the process ends, however it ends.
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(TABLES)
            self._db.execute("BEGIN IMMEDIATE")
            found = self._db.execute("SELECT id FROM outbox").fetchone()
            self.id: str = found[0] if found else uuid.uuid4().hex
            if not found:
                self._db.execute("INSERT INTO outbox VALUES (?)", (self.id,))
            oldest = date.today() - timedelta(days=REMEMBERED_DAYS)
            self._db.execute("DELETE FROM signal WHERE value IS NULL AND put_on < ?", (oldest.isoformat(),))
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            self._db.close()
            if "locked" not in str(error):
                raise
            raise OutboxInUse(f"{path}: another process has this outbox; end it first") from None

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def put(self, signals: Iterable[tuple[str, int, str, bytes]]) -> int:
        """Keep (signal id, version, contract, value) of each, all or none; give how many were new."""
        today = date.today().isoformat()
        with self._lock, closing(self._db.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                cursor.executemany(
                    "INSERT OR IGNORE INTO signal (signal_id, version, contract, value, put_on) "
                    "VALUES (?, ?, ?, ?, ?)",
                    ((*signal, today) for signal in signals),
                )
                new = max(cursor.rowcount, 0)
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            return new

    def waiting(self, most: int) -> list[Waiting]:
        """Give the first `most` signals that the broker does not have."""
        with self._lock:
            rows = self._db.execute(
                "SELECT position, contract, value FROM signal WHERE value IS NOT NULL "
                "ORDER BY position LIMIT ?",
                (most,),
            ).fetchall()
        return [Waiting(*row) for row in rows]

    def stored(self, position: int) -> None:
        """Note that the broker has everything up to `position`; its id is remembered, no more."""
        with self._lock:
            self._db.execute(
                "UPDATE signal SET value = NULL WHERE value IS NOT NULL AND position <= ?", (position,)
            )

    def __len__(self) -> int:
        with self._lock:
            found = self._db.execute("SELECT count(*) FROM signal WHERE value IS NOT NULL").fetchone()
        return int(found[0])
