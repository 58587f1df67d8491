"""Hosts of brokers on which something is wrong: the clock, the disk."""

from __future__ import annotations

from typing import ClassVar

from tests.chaos.faults.fault import Fault, Struck
from tests.chaos.host import WELL, Broken, break_host
from tests.chaos.system import System
from tests.integration.processes import until

MINUTE_S = 60
ENDS_WITHIN_S = 60.0


class ClockAhead(Fault):
    """The clock of a broker's host steps a minute ahead, and back: open transactions are suddenly old."""

    kind = "a broker's clock a minute ahead for 8 s"
    holds_s = 8.0
    strikes = frozenset({Struck.BROKERS})
    breaks_host = True
    broken: ClassVar[Broken] = Broken(clock_ahead_s=MINUTE_S)

    def inject(self, system: System, target: int) -> None:
        self.node = system.node(target)
        break_host(self.node.plan.folder, self.broken)

    def cure(self, system: System) -> None:
        break_host(self.node.plan.folder, WELL)


class ClockBehind(ClockAhead):
    """The clock of a broker's host steps a minute back, and ahead again."""

    kind = "a broker's clock a minute behind for 8 s"
    broken = Broken(clock_ahead_s=-MINUTE_S)


class DiskFull(ClockAhead):
    """Not a byte more fits on a broker's disk: it ends, and is started again when there is room."""

    kind = "a broker's disk full"
    holds_s = 3.0
    broken = Broken(disk_full=True)

    def inject(self, system: System, target: int) -> None:
        super().inject(system, target)
        until(lambda: not self.node.running, ENDS_WITHIN_S, "the broker ends, whose disk is full")

    def cure(self, system: System) -> None:
        super().cure(system)
        self.node.start()


class DiskUnreadable(ClockAhead):
    """Nothing can be read from a broker's disk. Its host is put right, and the broker restarted."""

    kind = "a broker's disk unreadable"
    holds_s = 5.0
    broken = Broken(disk_unreadable=True)

    def cure(self, system: System) -> None:
        super().cure(system)
        if self.node.running:
            self.node.terminate()
        self.node.start()


HOSTS: tuple[type[Fault], ...] = (ClockAhead, ClockBehind, DiskFull, DiskUnreadable)
