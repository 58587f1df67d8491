"""Whether a reader is worth waiting for, or a new start would help: what liveness goes by."""

from __future__ import annotations

from dataclasses import dataclass

# A reader that did not end one round within this time will not.
STUCK_AFTER_S = 60.0
# A start that reads nothing more for so long, and has not read all, is one that never ends.
NEVER_READY_AFTER_S = 120.0


@dataclass(slots=True)
class Pulse:
    """When a reader last ended a round, and last read something; in monotonic seconds."""

    turned_at: float
    moved_at: float
    caught_up: bool = False
    """Whether it ever read all that there was."""

    def beat(self, now: float, *, moved: bool, caught_up: bool) -> None:
        """Note that a round has ended."""
        self.turned_at = now
        if moved:
            self.moved_at = now
        self.caught_up |= caught_up

    def stuck(self, now: float, *, alive: bool) -> str | None:
        """Return why a new start would help; None where all is well, or a broker is merely away."""
        if not alive:
            return "the reader ended"
        if now - self.turned_at > STUCK_AFTER_S:
            return "the reader hangs"
        if now - self.moved_at > NEVER_READY_AFTER_S and not self.caught_up:
            return "never ready"
        return None
