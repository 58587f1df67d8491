"""What stands around the flow: the schema registry."""

from __future__ import annotations

from tests.chaos.faults.fault import Fault, Struck
from tests.chaos.registry_front import WRONG
from tests.chaos.system import System


class RegistryDown(Fault):
    """The registry is gone while a worker starts, which needs it: nothing is skipped, all of it waits."""

    kind = "registry down, and kill -9 of a worker"
    holds_s = 6.0
    strikes = frozenset({Struck.REGISTRY, Struck.WORKERS})

    def inject(self, system: System, target: int) -> None:
        assert system.registry_server is not None
        system.registry_server.kill()
        system.worker(target).kill()

    def cure(self, system: System) -> None:
        assert system.registry_server is not None
        system.registry_server.start()


class SlowRegistry(Fault):
    """Every answer of the registry takes seconds, now less and now more than is waited for."""

    kind = "a registry that answers slowly, and kill -9 of a worker"
    holds_s = 8.0
    strikes = frozenset({Struck.REGISTRY, Struck.WORKERS})

    def inject(self, system: System, target: int) -> None:
        assert system.registry_front is not None
        system.registry_front.delay_s = 1.0 + target % 6
        system.worker(target).kill()

    def cure(self, system: System) -> None:
        assert system.registry_front is not None
        system.registry_front.be_well()


class WrongRegistry(SlowRegistry):
    """Something answers in the registry's place: pages, empty objects, errors."""

    kind = "a registry that answers wrongly, and kill -9 of a worker"

    def inject(self, system: System, target: int) -> None:
        assert system.registry_front is not None
        system.registry_front.wrong = WRONG
        system.worker(target).kill()


AROUND: tuple[type[Fault], ...] = (RegistryDown, SlowRegistry, WrongRegistry)
