"""A SQLite file that survives its process, and knows to which cluster and topic it belongs."""

from __future__ import annotations

import os
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from eropaf_client.errors import (
    Closed,
    InATransaction,
    LedgerDamaged,
    LedgerError,
    LedgerFull,
    LedgerInUse,
    LedgerMoved,
)
from eropaf_client.guarded import Guarded, opened
from eropaf_client.lifetime import Closing, Lifetime

# Of the tables in the file; a higher number was written by a later version of this library.
FORMAT = 1

TABLES = """
CREATE TABLE IF NOT EXISTS eropaf_ledger (id TEXT NOT NULL, kind TEXT NOT NULL, cluster TEXT, topic TEXT);
"""


class Identity(NamedTuple):
    """Which cluster, and which topic in it: a topic that is made anew has another id."""

    cluster: str
    topic: str


class Ledger(Closing):
    """One file of one `kind`. Whatever is killed, a transaction is in it whole or not at all.

    One process has the file at a time; a second one is refused until the first has ended, in whatever way.
    Only its owner may read it, and what is deleted is overwritten. Used by any thread, one at a time; not
    across a fork.

    Raises:
        LedgerInUse: another process has the file.
        LedgerDamaged: it is no such file, or was written by a later version.
        LedgerFull: nothing can be written.
    """

    in_use: type[LedgerInUse] = LedgerInUse
    places: tuple[str, ...] = ()
    """Tables that mean nothing on another cluster."""

    def __init__(self, path: Path, kind: str, tables: str) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._life = Lifetime(str(path))
        _make(path)
        with self._told():
            self.db: Guarded = opened(path)
        try:
            with self._told():
                self._prepare(kind, tables)
        except BaseException:
            self.db.shut()
            raise

    def _prepare(self, kind: str, tables: str) -> None:
        # Held until the process ends, however it ends.
        self.db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.execute("PRAGMA secure_delete = ON")
        written = self.db.execute("PRAGMA user_version").fetchone()[0]
        if written > FORMAT:
            raise LedgerDamaged(
                f"{self.path} was written by a later version of eropaf-client; upgrade this one"
            )
        with self.transaction():
            for statement in (TABLES + tables).split(";"):
                self.db.execute(statement)
            found = self.db.execute("SELECT id, kind, cluster, topic FROM eropaf_ledger").fetchone()
            if found is None:
                found = (uuid.uuid4().hex, kind, None, None)
                self.db.execute("INSERT INTO eropaf_ledger VALUES (?, ?, ?, ?)", found)
            self.db.execute(f"PRAGMA user_version = {FORMAT}")
        if found[1] != kind:
            raise LedgerDamaged(f"{self.path} is of another kind ({found[1]}); name another file")
        self.id: str = found[0]
        self._identity = None if found[2] is None else Identity(found[2], found[3])

    def close(self) -> None:
        """Let go of the file. Twice is harmless."""
        if self._life.ends():
            with self._lock:
                self.db.shut()

    def bind(self, identity: Identity) -> None:
        """Note to which cluster and topic the file belongs.

        Raises:
            LedgerMoved: it belongs to another; the message says what to do.
        """
        if self._identity == identity:
            return
        if self._identity is not None:
            what = "cluster" if self._identity.cluster != identity.cluster else "topic, made anew since"
            raise LedgerMoved(
                f"{self.path} belongs to another {what}. Check the address; if the move is meant, "
                f"run `eropaf-client rebind {self.path}` once, then start again"
            )
        with self.transaction(), self._told():
            self.db.execute("UPDATE eropaf_ledger SET cluster = ?, topic = ?", identity)
        self._identity = identity

    def unbind(self) -> None:
        """Forget to which cluster and topic the file belongs, and every place there."""
        with self.transaction():
            self.write("UPDATE eropaf_ledger SET cluster = NULL, topic = NULL")
            for table in self.places:
                self.write(f"DELETE FROM {table}")  # noqa: S608  # our own names
        self._identity = None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Save everything written inside, or nothing where it fails.

        Raises:
            InATransaction: this thread is inside one already.
            LedgerFull, LedgerDamaged, LedgerError: nothing was saved.
        """
        self._life.check()
        with self._lock:
            if self.db.in_transaction:
                raise InATransaction(
                    f"{self.path}: an update is being handled; what is written meanwhile is saved together "
                    "with its position. Call this once the handler has returned"
                )
            try:
                with self._told():
                    self.db.begin()
                yield
                with self._told():
                    self.db.end()
            except BaseException:
                self.db.undo()
                raise

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Let somebody else write within our transaction, who cannot end it.

        Raises:
            LedgerFull: SQLite ended it, and took back what was written.
        """
        with self.db.guarded():
            yield
        if not self.db.in_transaction:
            raise LedgerFull(f"{self.path} cannot be written. Nothing was changed; make room, then again")

    def read(self, sql: str, *values: Any) -> list[Any]:
        """Return all rows that `sql` finds."""
        self._life.check()
        with self._lock, self._told():
            return self.db.execute(sql, values).fetchall()

    def write(self, sql: str, *values: Any) -> int:
        """Run one statement; return how many rows it changed."""
        self._life.check()
        with self._lock, self._told():
            return self.db.execute(sql, values).rowcount

    def scrub(self) -> None:
        """Leave nothing of what was deleted on disk: the log holds it until it is emptied."""
        self.read("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in our words what SQLite and the file system cannot do."""
        try:
            yield
        except sqlite3.ProgrammingError as error:
            if "closed" not in str(error):
                raise
            raise Closed(f"{self.path} was closed") from None
        except sqlite3.Error as error:
            raise self._of(str(error)) from error

    def _of(self, said: str) -> LedgerError:
        if "locked" in said:
            return self.in_use(f"{self.path}: another process has this file; end it first")
        if "full" in said or "readonly" in said or "I/O" in said:
            return LedgerFull(
                f"{self.path} cannot be written ({said}). Nothing was changed; make room, then again"
            )
        if "not a database" in said or "malformed" in said:
            return LedgerDamaged(f"{self.path} is no ledger, or is damaged ({said}). Put back a whole copy")
        return LedgerError(f"{self.path} cannot be used ({said})")


def kind_of(path: Path) -> str:
    """Return which kind of ledger a file is.

    Raises:
        LedgerDamaged: it is none.
    """
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            return str(db.execute("SELECT kind FROM eropaf_ledger").fetchone()[0])
        finally:
            db.close()
    except (sqlite3.Error, TypeError):
        raise LedgerDamaged(f"{path} is no outbox and no journal, or in use. End who uses it first") from None


def _make(path: Path) -> None:
    """Make the file where it is not there. Its owner alone may read it, and the log that SQLite makes."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        os.chmod(path, 0o600)
    except OSError as error:
        raise LedgerError(
            f"{path} cannot be opened ({error.strerror}). Check the folder, and its rights"
        ) from None
