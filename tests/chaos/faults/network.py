"""Networks that are cut, restarted and slow."""

from __future__ import annotations

from tests.chaos.faults.fault import Fault
from tests.chaos.system import System


class CutLink(Fault):
    """One worker's cable is pulled for longer than its session, and put back."""

    kind = "TCP cut of a worker for 5 s"
    holds_s = 5.0

    def inject(self, system: System, target: int) -> None:
        system.network.cut(frozenset({system.worker(target).pid}))

    def cure(self, system: System) -> None:
        system.network.mend()


class ResetLinks(Fault):
    """Every connection between workers and brokers ends at once."""

    kind = "TCP reset of every connection"

    def inject(self, system: System, target: int) -> None:
        system.network.reset()


class SlowLink(Fault):
    """Every answer takes its time, and little fits through."""

    kind = "slow link for 8 s"
    holds_s = 8.0

    def inject(self, system: System, target: int) -> None:
        system.network.delay_s = 0.05 + target % 4 / 20
        system.network.bytes_per_s = 200_000

    def cure(self, system: System) -> None:
        system.network.mend()


NETWORK: tuple[type[Fault], ...] = (CutLink, ResetLinks, SlowLink)
