"""How far the processing log was told, on disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from eropaf_client.ledger import Ledger

TABLES = """
CREATE TABLE IF NOT EXISTS told (
    topic TEXT, part INTEGER, next_offset INTEGER NOT NULL, PRIMARY KEY (topic, part)
)
"""


class Book(Ledger):
    """Positions alone: nothing of a record is in it.

    Raises:
        LedgerInUse: another process has it open.
        LedgerDamaged, LedgerFull: see `Ledger`.
    """

    places = ("told",)

    def __init__(self, path: Path) -> None:
        super().__init__(path, "logboek", TABLES)

    def positions(self) -> dict[tuple[str, int], int]:
        """Return the next offset to tell of each topic and partition."""
        rows = self.read("SELECT topic, part, next_offset FROM told")
        return {(topic, part): offset for topic, part, offset in rows}

    def move(self, positions: Mapping[tuple[str, int], int]) -> None:
        """Store that all before these positions was told."""
        with self.transaction():
            for (topic, part), offset in positions.items():
                self.write("INSERT OR REPLACE INTO told VALUES (?, ?, ?)", topic, part, offset)
