"""What one body says under each id and version, on disk beyond a bound: memory does not grow with a body."""

from __future__ import annotations

import sqlite3
from types import TracebackType
from typing import Self

from eropaf.gateway.known import Ready

# Beyond this it goes into a file without a name. Some 40,000 signals.
IN_MEMORY_KIB = 4096
TABLE = (
    "CREATE TABLE said (signal_id TEXT, version INTEGER, digest BLOB, PRIMARY KEY (signal_id, version))"
    " WITHOUT ROWID"
)


class Said:
    """Written and asked in one go. What it holds is gone when it is closed, however that happens."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)  # SQLite's word for a file that is nobody else's
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute(f"PRAGMA cache_size = -{IN_MEMORY_KIB}")
        self._db.execute(TABLE)
        self._db.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._db.close()

    def contradicts(self, each: Ready) -> bool:
        """Note a signal; return whether it was said before with other content under its id and version."""
        signal = (each.signal_id, each.version)
        noted = self._db.execute("INSERT OR IGNORE INTO said VALUES (?, ?, ?)", (*signal, each.digest))
        if noted.rowcount == 1:
            return False
        found = self._db.execute("SELECT digest FROM said WHERE signal_id = ? AND version = ?", signal)
        return bool(found.fetchone()[0] != each.digest)
