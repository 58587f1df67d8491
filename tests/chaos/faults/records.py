"""Records that nobody can use, and clocks that jump."""

from __future__ import annotations

from tests.chaos.faults.fault import Fault, Struck
from tests.chaos.system import System

MINUTE_MS = 60_000
# A broker refuses what is stamped more than an hour ahead.
JUMPS_MS = (50 * MINUTE_MS, -60 * MINUTE_MS, -24 * 60 * MINUTE_MS)


class Poison(Fault):
    """A creditor sends bursts of records that nobody can use."""

    kind = "poison in bursts"
    holds_s = 1.0
    strikes = frozenset({Struck.RECORDS})

    def inject(self, system: System, target: int) -> None:
        for number in range(3):
            system.feed.poison(60 + 20 * number)


class JumpingClock(Fault):
    """Creditors' clocks jump ahead and back, so timestamps do."""

    kind = "a creditor's clock jumps both ways"
    holds_s = 1.0
    strikes = frozenset({Struck.RECORDS})

    def inject(self, system: System, target: int) -> None:
        for number in range(6):
            system.feed.jump(20, JUMPS_MS[(target + number) % len(JUMPS_MS)])


RECORDS: tuple[type[Fault], ...] = (Poison, JumpingClock)
