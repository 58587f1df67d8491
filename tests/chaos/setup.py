"""What a run with faults is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

SESSION_S = 3.0
COMMAND = ("-m", "eropaf.main", "run")
# What passes between brokers goes through the network as well, which is quick and not as quick as the kernel.
BETWEEN = {
    "broker.session.timeout.ms": "4000",
    "controller.quorum.fetch.timeout.ms": "2000",
}


@dataclass(frozen=True, slots=True)
class Setup:
    """What a run is made of."""

    seed: int
    brokers: int = 1
    workers: int = 2
    protocol: str = "consumer"
    per_second: int = 100
    command: tuple[str, ...] = COMMAND
    """How the workers are started."""
    with_registry: bool = False
    """Whether schema ids come from a registry over HTTP."""
    session_s: float = SESSION_S
    """After so long a silent worker is given up."""
    breakable_hosts: bool = False
    """Whether clocks and disks of brokers can be broken; needs a C compiler."""

    def broker_settings(self) -> dict[str, str]:
        """Return what brokers are told: how soon what is dead is noticed; and the cleaner looks often."""
        return {
            "group.consumer.session.timeout.ms": str(int(self.session_s * 1000)),
            "group.consumer.heartbeat.interval.ms": str(int(self.session_s * 1000 / 9)),
            "group.min.session.timeout.ms": "1000",
            "log.cleaner.backoff.ms": "300",
            **(BETWEEN if self.brokers > 1 else {}),
        }


class Front(NamedTuple):
    """Ports of a broker that lead through the network, and those behind it."""

    workers: int
    workers_behind: int
    brokers: int
    brokers_behind: int
    controller: int
    """What is behind it the broker chooses itself."""
