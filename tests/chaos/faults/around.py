"""What stands around the flow: the schema registry."""

from __future__ import annotations

from tests.chaos.faults.fault import Fault
from tests.chaos.system import System


class RegistryDown(Fault):
    """The registry is gone while a worker starts, which needs it: nothing is skipped, all of it waits."""

    kind = "registry down, and kill -9 of a worker"
    holds_s = 6.0

    def inject(self, system: System, target: int) -> None:
        assert system.registry_server is not None
        system.registry_server.kill()
        system.worker(target).kill()

    def cure(self, system: System) -> None:
        assert system.registry_server is not None
        system.registry_server.start()


AROUND: tuple[type[Fault], ...] = (RegistryDown,)
