"""Brokers that die, restart and sleep."""

from __future__ import annotations

from eropaf.deploy.embedded import Node
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS
from tests.chaos.faults.fault import Fault
from tests.chaos.quorum import active_controller
from tests.chaos.system import PARTITIONS, System


class KillBroker(Fault):
    """A broker is gone from one instant to the next, and comes back on its data."""

    kind = "kill -9 of a broker"
    holds_s = 1.0

    def inject(self, system: System, target: int) -> None:
        self.node = self.chosen(system, target)
        self.node.kill()

    def cure(self, system: System) -> None:
        self.node.start()

    def chosen(self, system: System, target: int) -> Node:
        """Give the broker that it happens to."""
        return system.node(target)


class KillLeader(KillBroker):
    """The broker that leads a partition of the flow is killed."""

    kind = "kill -9 of a partition's leader"

    def chosen(self, system: System, target: int) -> Node:
        found = system.ask(lambda admin: admin.list_topics(HOUSEHOLD_EVENTS, timeout=10))
        partitions = found.topics[HOUSEHOLD_EVENTS].partitions
        return system.node(partitions[target % PARTITIONS].leader - 1)


class KillController(KillBroker):
    """The broker that leads the cluster's own quorum is killed."""

    kind = "kill -9 of the controller"

    def chosen(self, system: System, target: int) -> Node:
        return system.node(active_controller(system.node(target).port) - 1)


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


BROKERS: tuple[type[Fault], ...] = (KillBroker, RestartBroker, PauseBroker)
QUORUM: tuple[type[Fault], ...] = (KillLeader, KillController)
