"""What is known of a tool beside the journal, in the journal's own file: tries, and who it was told of."""

from __future__ import annotations

from typing import NamedTuple

from eropaf_client.inbox import Received
from eropaf_client.journal import Journal

TABLES = (
    "CREATE TABLE IF NOT EXISTS webhook_try (part INTEGER, at_offset INTEGER, since_s REAL NOT NULL,"
    " tries INTEGER NOT NULL, PRIMARY KEY (part, at_offset))",
    "CREATE TABLE IF NOT EXISTS webhook_told (household TEXT PRIMARY KEY)",
)


class Tries(NamedTuple):
    """How often a record was tried in vain, and since when (s since 1970)."""

    tried: int
    since_s: float


class Book:
    """Survives what the journal survives. Used by the thread that has the journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        for each in TABLES:
            journal.write(each)

    def failed(self, received: Received, now_s: float) -> Tries:
        """Note that a record was tried in vain; return how often. The tool may have it all the same."""
        if received.update is not None:
            self._may_have(received.household)
        place = (received.partition, received.offset)
        self._journal.write(
            "INSERT INTO webhook_try VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET tries = tries + 1",
            *place,
            now_s,
        )
        ((tried, since_s),) = self._journal.read(
            "SELECT tries, since_s FROM webhook_try WHERE part = ? AND at_offset = ?", *place
        )
        return Tries(tried, since_s)

    def told(self, received: Received) -> None:
        """Note, within the transaction that moves the position, that the tool has it."""
        self.settled(received)
        if received.update is None:
            self._journal.write("DELETE FROM webhook_told WHERE household = ?", received.household)
        else:
            self._may_have(received.household)

    def settled(self, received: Received) -> None:
        """Forget the tries of a record."""
        self._journal.write(
            "DELETE FROM webhook_try WHERE part = ? AND at_offset = ?", received.partition, received.offset
        )

    def may_have(self, household: str) -> bool:
        """Return whether the tool may keep something of a household.

        It was told of it, or nothing of it is known: what another journal told, nobody knows any more.
        """
        told = self._journal.read("SELECT 1 FROM webhook_told WHERE household = ?", household)
        return bool(told) or self._journal.told(household) == 0

    def _may_have(self, household: str) -> None:
        self._journal.write("INSERT OR IGNORE INTO webhook_told VALUES (?)", household)
