"""Brokers that die, restart and sleep."""

from __future__ import annotations

import time

from eropaf.deploy.embedded import Node
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS
from tests.chaos.faults.fault import Fault, Struck
from tests.chaos.quorum import active_controller
from tests.chaos.system import PARTITIONS, System
from tests.integration.processes import PATIENCE_S

FALTERS_S = 8.0
STANDS_S, RUNS_S = 0.4, 0.4


class KillBroker(Fault):
    """A broker is gone from one instant to the next, and comes back on its data."""

    kind = "kill -9 of a broker"
    holds_s = 1.0
    strikes = frozenset({Struck.BROKERS})

    def inject(self, system: System, target: int) -> None:
        self.node = self.chosen(system, target)
        self.node.kill()

    def cure(self, system: System) -> None:
        self.node.start()

    def chosen(self, system: System, target: int) -> Node:
        """Return the broker that it happens to."""
        return system.node(target)


class KillLeader(KillBroker):
    """The broker that leads a partition of the flow is killed."""

    kind = "kill -9 of a partition's leader"
    brokers = 3

    def chosen(self, system: System, target: int) -> Node:
        found = system.ask(lambda admin: admin.list_topics(HOUSEHOLD_EVENTS, timeout=PATIENCE_S))
        partitions = found.topics[HOUSEHOLD_EVENTS].partitions
        return system.node(partitions[target % PARTITIONS].leader - 1)


class KillController(KillBroker):
    """The broker that leads the cluster's own quorum is killed."""

    kind = "kill -9 of the controller"
    brokers = 3

    def chosen(self, system: System, target: int) -> Node:
        return system.node(active_controller(system.node(target).port) - 1)


class KillMost(Fault):
    """Two brokers of three are gone: nothing can be acknowledged, nothing elected, until they are back."""

    kind = "kill -9 of two brokers of three"
    holds_s = 3.0
    strikes = frozenset({Struck.BROKERS})
    brokers = 3
    killed = 2

    def inject(self, system: System, target: int) -> None:
        self.nodes = [system.node(target + number) for number in range(self.killed)]
        for node in self.nodes:
            node.kill()

    def cure(self, system: System) -> None:
        for node in self.nodes:
            node.start(wait=False)
        system.await_brokers()


class KillAll(KillMost):
    """The power fails where all brokers stand."""

    kind = "kill -9 of every broker"
    killed = 3


class RestartBroker(KillBroker):
    """A broker is stopped in order, and started again."""

    kind = "clean restart of a broker"

    def inject(self, system: System, target: int) -> None:
        self.node = self.chosen(system, target)
        self.node.terminate()


class PauseBroker(KillBroker):
    """A broker freezes for ten seconds: connections stay, nothing is answered."""

    kind = "SIGSTOP of a broker for 10 s"
    holds_s = 10.0

    def inject(self, system: System, target: int) -> None:
        self.node = self.chosen(system, target)
        self.node.pause()

    def cure(self, system: System) -> None:
        self.node.resume()


class FalteringBroker(Fault):
    """A broker stands still for half of each second, too short for anybody to count it as gone."""

    kind = "a broker that falters for 8 s"
    strikes = frozenset({Struck.BROKERS})

    def inject(self, system: System, target: int) -> None:
        node, ends_at = system.node(target), time.monotonic() + FALTERS_S
        while time.monotonic() < ends_at:
            node.pause()
            time.sleep(STANDS_S)
            node.resume()
            time.sleep(RUNS_S)


BROKERS: tuple[type[Fault], ...] = (
    *(KillBroker, KillLeader, KillController, KillMost, KillAll),
    *(RestartBroker, PauseBroker, FalteringBroker),
)
