"""For how long the board keeps what it read: as long as the topics do, of which it is a copy."""

from __future__ import annotations

import time

# Of claims and outcomes, as their topics (agents/topology.py, EVENTS_DAYS): a reader that starts later cannot
# know of older ones, so nobody does.
EVENTS_KEPT_DAYS = 62
EVENTS_KEPT_MS = EVENTS_KEPT_DAYS * 24 * 60 * 60 * 1000


def now_ms() -> int:
    """Return the current time, in milliseconds since 1970 UTC."""
    return int(time.time() * 1000)
