"""A SQLite connection that a tool can share with us without ending our transaction.

`with db:`, `commit()` and `rollback()` are sqlite3's usual idioms. Inside a transaction of ours they would
save half of it. Here they keep their meaning for the tool's own writes: `with db:` is a savepoint,
`rollback()` returns to where the handler began, and `commit()` leaves committing to us.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Written like this by nobody else: SQLite asks the guard when a statement is prepared, and keeps it by its
# text.
BEGIN = "BEGIN IMMEDIATE /* eropaf */"
COMMIT = "COMMIT /* eropaf */"
ROLLBACK = "ROLLBACK /* eropaf */"
SAVEPOINT = "SAVEPOINT eropaf_handler"
ROLLBACK_TO = "ROLLBACK TO eropaf_handler"


class Guarded(sqlite3.Connection):
    """A connection whose transaction is ours while a handler runs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._guard = False
        self._ours = False
        self._blocks = 0
        self.set_authorizer(self._may)

    def _may(self, action: int, first: Any, *_: Any) -> int:
        denied = self._guard and not self._ours and action == sqlite3.SQLITE_TRANSACTION
        return sqlite3.SQLITE_DENY if denied else sqlite3.SQLITE_OK

    def _own(self, sql: str) -> None:
        self._ours = True
        try:
            super().execute(sql)
        finally:
            self._ours = False

    def begin(self) -> None:
        """Begin our transaction. One that an interrupt left open is rolled back first."""
        self.undo()
        self._own(BEGIN)

    def end(self) -> None:
        """Commit our transaction."""
        self._own(COMMIT)

    def undo(self) -> None:
        """Roll back our transaction. A full disk has already done so."""
        self._guard, self._blocks = False, 0
        if self.in_transaction:
            self._own(ROLLBACK)

    def shut(self) -> None:
        """Close the file."""
        super().close()

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Prevent the block from ending our transaction."""
        self._own(SAVEPOINT)
        self._guard = True
        try:
            yield
        finally:
            self._guard = False
            self._blocks = 0

    def commit(self) -> None:
        """Commit; inside a handler this happens together with the position."""
        if not self._guard:
            super().commit()

    def rollback(self) -> None:
        """Roll back; inside a handler, only the handler's writes."""
        if self._guard:
            self._own(ROLLBACK_TO)
        else:
            super().rollback()

    def close(self) -> None:
        """Do nothing inside a handler: the file is ours to close."""
        if not self._guard:
            super().close()

    def executescript(self, script: str, /) -> sqlite3.Cursor:
        """Run several statements; inside a handler without the COMMIT that sqlite3 issues first."""
        if not self._guard:
            return super().executescript(script)
        cursor = self.cursor()
        for statement in _statements(script):
            cursor.execute(statement)
        return cursor

    def __enter__(self) -> Guarded:
        if self._guard:
            self._blocks += 1
            self._own(f"SAVEPOINT eropaf_block_{self._blocks}")
        else:
            super().__enter__()
        return self

    def __exit__(self, kind: Any, value: Any, traceback: Any) -> Any:
        if not self._blocks:
            return super().__exit__(kind, value, traceback)
        name, self._blocks = f"eropaf_block_{self._blocks}", self._blocks - 1
        if kind is not None:
            self._own(f"ROLLBACK TO {name}")
        self._own(f"RELEASE {name}")
        return False


def opened(path: Path) -> Guarded:
    """Open the file at `path`."""
    return sqlite3.connect(
        str(path), isolation_level=None, check_same_thread=False, timeout=1, factory=Guarded
    )


def _statements(script: str) -> Iterator[str]:
    held = ""
    for part in script.split(";"):
        held += f"{part};"
        if sqlite3.complete_statement(held):
            yield held
            held = ""
    if held.strip(" \n;"):
        yield held
