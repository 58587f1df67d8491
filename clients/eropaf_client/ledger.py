"""A SQLite file that survives its process, and knows which cluster and topic it belongs to."""

from __future__ import annotations

import os
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
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

# Version of the tables in the file; a higher one was written by a later version of this library.
FORMAT = 1

TABLES = """
CREATE TABLE IF NOT EXISTS eropaf_ledger (id TEXT NOT NULL, kind TEXT NOT NULL, cluster TEXT, topic TEXT);
"""


class Identity(NamedTuple):
    """Ids of a cluster and a topic in it: a recreated topic has another id."""

    cluster: str
    topic: str


class Ledger(Closing):
    """One file of one `kind`. Its transactions are atomic, crash or not.

    One process has the file open at a time; a second one is refused until the first has ended, however it
    ends. Only its owner may read it, and deleted content is overwritten. For any thread, one at a time; not
    usable across a fork.

    Raises:
        LedgerInUse: another process has the file open.
        LedgerDamaged: it is not such a file, or was written by a later version.
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
            self.scrub()  # a process may have been killed between a deletion and this
        except BaseException:
            self.db.shut()
            raise

    def _prepare(self, kind: str, tables: str) -> None:
        # Held until the process ends, however that happens.
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
            raise LedgerDamaged(f"{self.path} is another kind of file ({found[1]}); name another one")
        self.id: str = found[0]
        self._identity = None if found[2] is None else Identity(found[2], found[3])

    def close(self) -> None:
        """Close the file. Idempotent."""
        if self._life.ends():
            with self._lock:
                self.db.shut()

    def bind(self, identity: Identity) -> None:
        """Store which cluster and topic the file belongs to.

        Raises:
            LedgerMoved: it belongs to another; the message says what to do.
        """
        if self._identity == identity:
            return
        if self._identity is not None:
            what = "cluster" if self._identity.cluster != identity.cluster else "topic, recreated since"
            raise LedgerMoved(
                f"{self.path} belongs to another {what}. Check the address; if the move is meant, "
                f"run `eropaf-client rebind {self.path}` once, then start again"
            )
        with self.transaction(), self._told():
            self.db.execute("UPDATE eropaf_ledger SET cluster = ?, topic = ?", identity)
        self._identity = identity

    def unbind(self) -> None:
        """Forget which cluster and topic the file belongs to, and all positions."""
        with self.transaction():
            self.write("UPDATE eropaf_ledger SET cluster = NULL, topic = NULL")
            for table in self.places:
                self.write(f"DELETE FROM {table}")  # noqa: S608  # our own names
        self._identity = None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Save everything the block writes, or nothing if it fails.

        Raises:
            InATransaction: this thread is already inside one.
            LedgerFull, LedgerDamaged, LedgerError: nothing was saved.
        """
        self._life.check()
        with self._lock:
            if self.db.in_transaction:
                raise InATransaction(
                    f"{self.path}: an update is being handled; what the handler writes is saved together "
                    "with its position. Call this after the handler has returned"
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
        """Let other code write within our transaction without being able to end it.

        Raises:
            LedgerFull: SQLite rolled it back.
        """
        with self.db.guarded():
            yield
        if not self.db.in_transaction:
            raise LedgerFull(f"{self.path} cannot be written. Nothing was changed; make room, then try again")

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

    def write_all(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> int:
        """Run one statement for each of `rows`; return how many rows were changed in all."""
        self._life.check()
        with self._lock, self._told():
            return self.db.executemany(sql, rows).rowcount

    def scrub(self) -> None:
        """Remove deleted content from the disk: SQLite's log holds it until it is truncated.

        On a full disk that waits for the next time: what the caller did is done and stored.
        """
        with suppress(LedgerFull):
            self.read("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Return our error for one of SQLite's or the file system's."""
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
            return LedgerDamaged(f"{self.path} is not a ledger, or is damaged ({said}). Restore a whole copy")
        return LedgerError(f"{self.path} cannot be used ({said})")


def kind_of(path: Path) -> str:
    """Return a ledger file's kind.

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
        raise LedgerDamaged(
            f"{path} is not an outbox or journal, or is in use. Stop the process that uses it first"
        ) from None


def _make(path: Path) -> None:
    """Make the file where it does not exist. Its owner alone may read it, and the log that SQLite makes."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        os.chmod(path, 0o600)
    except OSError as error:
        raise LedgerError(
            f"{path} cannot be opened ({error.strerror}). Check the folder and its permissions"
        ) from None
