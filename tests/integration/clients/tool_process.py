"""An outreach tool that may be killed at any line: `… BOOTSTRAP JOURNAL`.

It counts each update in a table of its own, in the journal's database.
"""

from __future__ import annotations

import sys
from pathlib import Path

from eropaf_client.records import PriorityUpdate
from eropaf_client.subscriber import PrioritySubscriber


def main(bootstrap: str, path: str) -> None:
    with PrioritySubscriber(bootstrap, journal=Path(path)) as subscriber:
        journal = subscriber.journal
        assert journal is not None
        journal.db.execute("CREATE TABLE IF NOT EXISTS seen (household TEXT, sequence INTEGER)")

        def handle(update: PriorityUpdate) -> None:
            journal.db.execute("INSERT INTO seen VALUES (?, ?)", (update.household, update.sequence))

        subscriber.handle(handle, forget=lambda household: None)


if __name__ == "__main__":
    main(*sys.argv[1:])
