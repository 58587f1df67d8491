"""Networks that are cut, restarted and slow."""

from __future__ import annotations

from typing import ClassVar

from tests.chaos.faults.fault import Fault, Struck
from tests.chaos.proxy import END_TXN, PRODUCE, TXN_OFFSET_COMMIT
from tests.chaos.system import System


class CutLink(Fault):
    """One worker's cable is pulled for longer than its session, then plugged back in."""

    kind = "TCP cut of a worker for 5 s"
    holds_s = 5.0
    strikes = frozenset({Struck.NETWORK})

    def inject(self, system: System, target: int) -> None:
        system.network.cut(frozenset({system.worker(target).pid}))

    def cure(self, system: System) -> None:
        system.network.mend()


class ResetLinks(Fault):
    """Every connection of workers, and between brokers, ends at once."""

    kind = "TCP reset of every connection"
    strikes = frozenset({Struck.NETWORK})

    def inject(self, system: System, target: int) -> None:
        system.network.reset()


class SlowLink(Fault):
    """Every answer takes its time, and little fits through."""

    kind = "slow link for 8 s"
    holds_s = 8.0
    strikes = frozenset({Struck.NETWORK})

    def inject(self, system: System, target: int) -> None:
        system.network.delay_s = 0.05 + target % 4 / 20
        system.network.bytes_per_s = 200_000

    def cure(self, system: System) -> None:
        system.network.mend()


class Late(Fault):
    """A request of a transaction reaches the broker when its worker has long asked again: in the next one."""

    holds_s = 2.0
    strikes = frozenset({Struck.NETWORK})
    api: ClassVar[int]
    until: ClassVar[int]

    def inject(self, system: System, target: int) -> None:
        # Between them others of this or another worker go by, a few or many.
        system.network.hold_back(self.api, self.until, passed_by=1 + target % 40)

    def cure(self, system: System) -> None:
        system.network.deliver()


class LateCommit(Late):
    """The end of a transaction, which would end another that is half filled."""

    kind = "a commit that comes late"
    api, until = END_TXN, TXN_OFFSET_COMMIT


class LateRecords(Late):
    """Records of a transaction that is over."""

    kind = "records that come late"
    api, until = PRODUCE, TXN_OFFSET_COMMIT


class LateOffsets(Late):
    """Offsets of a transaction that is over, which would put the next one's back."""

    kind = "offsets that come late"
    api, until = TXN_OFFSET_COMMIT, END_TXN


class CutOff(Fault):
    """A broker and the others do not reach each other; clients still reach all of them."""

    kind = "a broker cut off from the others for 8 s"
    holds_s = 8.0
    strikes = frozenset({Struck.NETWORK, Struck.BROKERS})
    brokers = 3

    def inject(self, system: System, target: int) -> None:
        node = system.node(target)
        system.network.cut(frozenset({node.pid}), system.between(node))

    def cure(self, system: System) -> None:
        system.network.mend()


class CutOneWay(CutOff):
    """A broker does not reach the others, who reach it: its lease runs out, and it goes on answering."""

    kind = "a broker that does not reach the others for 8 s"

    def inject(self, system: System, target: int) -> None:
        system.network.cut(frozenset({system.node(target).pid}))


NETWORK: tuple[type[Fault], ...] = (
    *(CutLink, ResetLinks, SlowLink, LateCommit, LateRecords, LateOffsets),
    *(CutOff, CutOneWay),
)
