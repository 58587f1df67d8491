"""Signals on disk waiting for the broker, and which of them the broker is known to have."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from eropaf_client.errors import Fault, InvalidSignal, LedgerMismatch, OutboxInUse
from eropaf_client.ledger import Ledger

# A signal reported again within this time is recognised and not sent again.
REMEMBERED_DAYS = 400

AS_TEXT = json.JSONEncoder(sort_keys=True).encode

TABLES = """
CREATE TABLE IF NOT EXISTS signal (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    signal_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    contract TEXT NOT NULL,
    value BLOB,
    digest BLOB NOT NULL,
    put_on TEXT NOT NULL,
    UNIQUE (signal_id, version)
);
CREATE INDEX IF NOT EXISTS signal_waiting ON signal (position) WHERE value IS NOT NULL;
CREATE TABLE IF NOT EXISTS confirmed (position INTEGER NOT NULL, mark TEXT NOT NULL)
"""


class Kept(NamedTuple):
    """A signal to store: `value` holds the bytes to send, `content` what it says (`canonical`)."""

    signal_id: str
    version: int
    contract: str
    value: bytes
    content: bytes

    def __repr__(self) -> str:
        # Without its content, which says who is in arrears.
        return f"Kept({self.signal_id!r}, {self.version}, {self.contract!r})"


class Waiting(NamedTuple):
    """A signal not yet at the broker, and its position, which gives the order of sending."""

    position: int
    contract: str
    value: bytes

    def __repr__(self) -> str:
        return f"Waiting({self.position}, {self.contract!r})"


class Stored(NamedTuple):
    """How far a broker has this outbox: a position, and a digest of everything up to it."""

    position: int
    mark: str


NOTHING = Stored(0, "")


class Outbox(Ledger):
    """Signals in the order of their `put`, each stored once by its id and version.

    Once `put` returns, the signals are on disk. A signal's content stays until the broker has it; its id,
    version and a digest stay for 400 days.

    Raises:
        OutboxInUse: another process has the file open.
        LedgerDamaged, LedgerFull: see `Ledger`.
    """

    in_use = OutboxInUse
    places = ("confirmed",)

    def __init__(self, path: Path) -> None:
        super().__init__(path, "outbox", TABLES)
        self._tidied_on: date | None = None
        self._tidy(date.today())

    def put(self, signals: Iterable[Kept]) -> int:
        """Store signals, all or none; return how many were new.

        Raises:
            InvalidSignal: one already known by its id and version has different content.
        """
        self._tidy(date.today())
        batch, today = list(signals), date.today().isoformat()
        with self.transaction():
            new = self.write_all(
                "INSERT OR IGNORE INTO signal (signal_id, version, contract, value, digest, put_on) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                ((*each[:4], self._digest(each.content), today) for each in batch),
            )
            if new < len(batch):
                for each in batch:
                    self.check(each)
        return new

    def _tidy(self, today: date) -> None:
        """Forget, once a day, the ids and digests of signals that are remembered no longer."""
        if today == self._tidied_on:
            return
        oldest = today - timedelta(days=REMEMBERED_DAYS)
        self.write("DELETE FROM signal WHERE value IS NULL AND put_on < ?", oldest.isoformat())
        self._tidied_on = today

    def check(self, signal: Kept) -> None:
        """Check that a signal already known by its id and version has the same content.

        Raises:
            InvalidSignal: its content differs.
        """
        found = self.read(
            "SELECT digest FROM signal WHERE signal_id = ? AND version = ?", signal.signal_id, signal.version
        )
        if found and found[0][0] != self._digest(signal.content):
            raise InvalidSignal(
                [
                    Fault(
                        "version",
                        "changed-without-version",
                        f"signal {signal.signal_id} was reported under version {signal.version} with other "
                        "content; a correction needs a higher version",
                    )
                ]
            )

    def waiting(self, most: int) -> list[Waiting]:
        """Return up to `most` signals that the broker is not known to have."""
        rows = self.read(
            "SELECT position, contract, value FROM signal WHERE value IS NOT NULL ORDER BY position LIMIT ?",
            most,
        )
        return [Waiting(*row) for row in rows]

    def waiting_since(self) -> date | None:
        """Return the day on which the oldest waiting signal was stored; None if none is waiting."""
        (found,) = self.read("SELECT min(put_on) FROM signal WHERE value IS NOT NULL")[0]
        return None if found is None else date.fromisoformat(found)

    @property
    def confirmed(self) -> Stored:
        """How far the broker is known to have it."""
        found = self.read("SELECT position, mark FROM confirmed")
        return Stored(*found[0]) if found else NOTHING

    def marked(self, batch: Iterable[Waiting]) -> Stored:
        """Return the `Stored` after the broker also has `batch`, the next waiting signals."""
        position, mark = self.confirmed
        digest = blake2b(mark.encode(), key=self.id.encode(), digest_size=16)
        for each in batch:
            position = each.position
            digest.update(b"%d %d " % (each.position, len(each.value)))
            digest.update(each.value)
        return Stored(position, digest.hexdigest())

    def note(self, stored: Stored) -> None:
        """Record what the broker has; delete the content of those signals."""
        with self.transaction():
            self.write(
                "UPDATE signal SET value = NULL WHERE value IS NOT NULL AND position <= ?", stored.position
            )
            self.write("DELETE FROM confirmed")
            self.write("INSERT INTO confirmed VALUES (?, ?)", *stored)

    def learn(self, stored: Stored) -> None:
        """Accept what the broker says it has: what was known, or one batch more.

        Raises:
            LedgerMismatch: it has something else: this file is an older copy. Nothing was changed.
        """
        known = self.confirmed
        if stored == known:
            return
        more = self.read(
            "SELECT position, contract, value FROM signal WHERE value IS NOT NULL ORDER BY position"
        )
        batch = [Waiting(*row) for row in more if row[0] <= stored.position]
        if not batch or self.marked(batch) != stored:
            raise LedgerMismatch(
                f"{self.path} is an older copy of this outbox: the broker has position {stored.position}, "
                f"the file has {known.position}. Restore the newest copy. If that is lost, start a new file "
                "and report again what this one may not have sent: a contract's version counts once"
            )
        self.note(stored)

    def __len__(self) -> int:
        return int(self.read("SELECT count(*) FROM signal WHERE value IS NOT NULL")[0][0])

    def _digest(self, content: bytes) -> bytes:
        return blake2b(content, key=self.id.encode(), digest_size=16).digest()


def canonical(record: dict[str, Any]) -> bytes:
    """Return what `record` says, in one spelling: equal bytes are equal content, now and in 400 days."""
    return AS_TEXT(_said(record)).encode("utf-8", "surrogatepass")


def _said(record: dict[str, Any]) -> dict[str, Any]:
    # Absent fields are omitted: one added by a later version does not change the digest.
    return {
        name: _said(held) if isinstance(held, dict) else held
        for name, held in record.items()
        if held is not None and held is not False
    }
