"""An outreach tool on a topic in memory: killed and started again at will."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eropaf_client.inbox import Inbox, Received
from eropaf_client.journal import Journal
from tests.fakes import FakeSource, decoded


class Tool:
    """A topic, and a tool that reads it; killed and started again at will."""

    def __init__(self, path: Path, partitions: int = 1) -> None:
        self.path = path
        self.source = FakeSource(partitions)
        self.journal: Journal | None = None
        self.db: Any = None

    def tell(self, *updates: str, partition: int = 0) -> None:
        """Write updates, `household sequence`, and erasures, `household` alone."""
        for each in updates:
            household, _, sequence = each.partition(" ")
            self.source.write(household, each.encode() if sequence else None, partition)

    def start(self) -> Tool:
        self.journal = Journal(self.path)
        self.db = self.journal.db
        self.db.execute("CREATE TABLE IF NOT EXISTS seen (what TEXT)")
        self.inbox = Inbox(self.source, decoded, self.journal)
        return self

    def kill(self) -> None:
        assert self.journal is not None
        self.journal.db.shut()

    def take(self) -> str | None:
        self.received = self.inbox.take(0)
        return None if self.received is None else said(self.received)

    def complete(self) -> None:
        assert self.received is not None
        self.inbox.complete(self.received)

    def everything(self) -> list[str]:
        """Complete all that there is."""
        found = []
        while (each := self.take()) is not None:
            found.append(each)
            self.complete()
        return found

    def see_everything(self) -> None:
        """Note each record in the journal's database, together with its position."""
        while (received := self.inbox.take(0)) is not None:
            with self.inbox.completing(received):
                self.db.execute("INSERT INTO seen VALUES (?)", (said(received),))

    @property
    def seen(self) -> list[str]:
        return [row[0] for row in self.db.execute("SELECT what FROM seen ORDER BY rowid")]


def said(received: Received) -> str:
    return received.household + ("" if received.update is None else f" {received.update.sequence}")
