"""Stores what a file says, each entry under its key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eropaf.settings import Settings
from eropaf_client.errors import NotAcknowledged
from eropaf_client.files.understood import counted
from eropaf_client.sending import Sender


def store(
    settings: Settings, topic: str, record: str, entries: Sequence[tuple[str, dict[str, Any] | None]]
) -> None:
    """Store `entries`, each a key and a value (None: a tombstone); return once all of them are stored.

    Raises:
        NotAcknowledged: some are not; storing all of them again does no harm.
    """
    stored = 0

    def answered(error: Any, message: Any) -> None:
        nonlocal stored
        stored += error is None

    with Sender(settings.cluster(), topic, record) as sender:
        for key, entry in entries:
            sender.send(key, None if entry is None else sender.encode(entry), answered)
    if stored < len(entries):
        left = len(entries) - stored
        raise NotAcknowledged(
            f"{left} of {counted(len(entries), 'entry', 'entries')} not stored; load it again"
        )
