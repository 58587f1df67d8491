"""Every kind of fault, and which of them make sense where."""

from __future__ import annotations

from tests.chaos.faults.around import AROUND
from tests.chaos.faults.brokers import BROKERS, KillBroker
from tests.chaos.faults.fault import Fault
from tests.chaos.faults.hosts import HOSTS
from tests.chaos.faults.network import NETWORK, CutLink
from tests.chaos.faults.records import RECORDS, Poison
from tests.chaos.faults.state import STATE
from tests.chaos.faults.upgrades import UPGRADES
from tests.chaos.faults.workers import WORKERS, EndWorker, KillWorker, PauseThenKill, Rebalances

KINDS: dict[str, type[Fault]] = {
    fault.kind: fault
    for fault in (*WORKERS, *BROKERS, *HOSTS, *NETWORK, *RECORDS, *STATE, *AROUND, *UPGRADES)
}
# Those of the test suite: at least one of each sort.
SHORT = tuple(
    fault.kind for fault in (KillWorker, EndWorker, PauseThenKill, Rebalances, KillBroker, CutLink, Poison)
)


def kinds_for(brokers: int, breakable: bool = True) -> list[str]:
    """Return the kinds that make sense for so many brokers, on hosts that are `breakable` or not."""
    return [
        kind
        for kind, fault in KINDS.items()
        if fault.brokers <= brokers and (breakable or not fault.breaks_host)
    ]
