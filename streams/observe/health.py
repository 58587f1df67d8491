"""Whether a worker is ready, and the reason in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Health:
    """A worker's progress towards readiness, counted in shards: partitions that open together."""

    joined: bool
    ending: bool
    open: int
    taken: int
    """Shards that the group gave this worker, open or not."""
    lost: int
    """Shards of those that are not opened, as records of them were deleted before they were read."""
    broker_gone_since: float | None
    """Seconds since 1970 UTC; None while the broker answers."""

    @property
    def ready(self) -> bool:
        """Whether this worker has joined its group and opened every shard that it can."""
        opened = self.open + self.lost == self.taken
        return self.joined and not self.ending and opened and self.broker_gone_since is None

    def __str__(self) -> str:
        if self.ending:
            return "ending: what is in hand is saved, the partitions are given back"
        if self.broker_gone_since is not None:
            since = datetime.fromtimestamp(self.broker_gone_since, UTC)
            return f"no broker has answered since {since:%Y-%m-%dT%H:%M:%SZ}"
        if not self.joined:
            return "joining the group"
        if self.open + self.lost < self.taken:
            waiting = self.taken - self.open - self.lost
            return f"restoring: {waiting} of {self.taken} partitions are not open yet"
        if self.lost:
            return (
                f"{self.open} partitions open, {self.lost} not: records of them were deleted before they "
                "were read (docs/runbooks/EropafRecordsLost.md)"
            )
        return f"{self.open} partitions open"
