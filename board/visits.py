"""Who is at a door, by their own word, and who did not check out in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eropaf.board.kept import now_ms
from eropaf.board.state import State

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Visit:
    """A worker who is checked in, and where; `overdue`: for longer than was agreed."""

    household: str
    name: str
    since: datetime
    overdue: bool
    address: str | None  # None once the household is forgotten


def visits(state: State, check_out_minutes: int) -> list[Visit]:
    """Return everybody who is checked in, the longest first."""
    late = now_ms() - check_out_minutes * MINUTE_MS
    found = []
    for household, holder in state.claims.held().items():
        since = holder.at_the_door_since
        if since is not None:
            at = datetime.fromtimestamp(since / 1000, state.zone)
            found.append(Visit(household, holder.name, at, since < late, state.address(household)))
    return sorted(found, key=lambda visit: visit.since)
