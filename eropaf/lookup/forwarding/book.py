"""What was forwarded, on disk: so that each signal goes once, and good news goes where its signal went."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from eropaf_client.ledger import Ledger

FILE = "forwarding.ledger"
TABLES = """
CREATE TABLE IF NOT EXISTS forwarded (
    event_id TEXT PRIMARY KEY,
    contract TEXT NOT NULL,
    municipality TEXT NOT NULL,
    state TEXT NOT NULL,
    why TEXT NOT NULL,
    at_s REAL NOT NULL
)
"""


class State(Enum):
    """What became of one signal."""

    TAKEN = "taken"
    """The other municipality has it."""
    REFUSED = "refused"
    """It does not take this one; here a clerk decides."""


class Row(NamedTuple):
    """One signal as the book has it: no resident, no amount, no creditor but in the record's name."""

    event_id: str
    contract: str
    municipality: str
    state: str
    why: str
    at_s: float

    @property
    def day(self) -> str:
        """The day on which it was tried last (UTC)."""
        return datetime.fromtimestamp(self.at_s, UTC).date().isoformat()


class Book(Ledger):
    """Survives its process. A record keeps its name on any cluster, so the book belongs to none.

    Raises:
        LedgerInUse: another process has it open.
        LedgerDamaged, LedgerFull: see `Ledger`.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, "forwarding", TABLES)

    def rows(self) -> list[Row]:
        """Return all of it, the oldest first."""
        found = self.read(f"SELECT {', '.join(Row._fields)} FROM forwarded ORDER BY at_s, event_id")  # noqa: S608
        return [Row(*each) for each in found]

    def states(self) -> dict[str, State]:
        """Return what became of each signal, by its record's name."""
        return {each.event_id: State(each.state) for each in self.rows()}

    def went_to(self, contract: str) -> set[str]:
        """Return the municipalities that have a signal of this contract."""
        sql = "SELECT DISTINCT municipality FROM forwarded WHERE contract = ? AND state = ?"
        return {each[0] for each in self.read(sql, contract, State.TAKEN.value)}

    def note(self, row: Row) -> None:
        """Note what became of a signal."""
        values = ", ".join("?" for _ in Row._fields)
        self.write(f"INSERT OR REPLACE INTO forwarded VALUES ({values})", *row)  # noqa: S608

    def try_again(self) -> int:
        """Let what was refused be tried again; return how many."""
        return self.write("DELETE FROM forwarded WHERE state = ?", State.REFUSED.value)

    def forget_old(self, before_s: float) -> None:
        """Let go of what was tried before a moment."""
        if self.write("DELETE FROM forwarded WHERE at_s < ?", before_s):
            self.scrub()


def name_of(resident: str, creditor: str, contract: str) -> str:
    """Return a name of a resident's contract: always the same, and says nothing of either."""
    return hashlib.sha256(f"{resident}/{creditor}/{contract}".encode()).hexdigest()[:32]
