"""What a fault is: how it comes, how it goes, and when the flow must be well again."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

from tests.chaos.setup import SESSION_S
from tests.chaos.system import System

# kill -9 of a worker: noticed by its silence, then its rows are read back elsewhere.
KILLED_BOUND_S = 10.0
# Anything that takes brokers or both workers away for a while; back-off comes on top.
BOUND_S = 45.0
# Faults at once: one's recovery may begin when another's is over.
AT_ONCE_BOUND_S = 60.0


class Struck(IntEnum):
    """What a fault strikes, in the order in which faults at once come: who needs a well cluster first."""

    STATE = 1
    RECORDS = 2
    REGISTRY = 3
    WORKERS = 4
    NETWORK = 5
    BROKERS = 6


class Fault:
    """One fault. Made anew each time; what it must remember between `inject` and `cure` it keeps.

    Recovery is counted from the end of `cure` until, on every partition and at every stage, records
    that were stored after it have been taken in.
    """

    kind: ClassVar[str]
    strikes: ClassVar[frozenset[Struck]]
    """Of two faults at once each strikes something else."""
    holds_s: ClassVar[float] = 0.0
    """How long it lasts."""
    bound_s: ClassVar[float] = BOUND_S
    """Longest recovery."""
    brokers: ClassVar[int] = 1
    """With fewer it makes no sense."""
    breaks_host: ClassVar[bool] = False
    """Whether brokers must be on hosts that can be broken."""

    def inject(self, system: System, target: int) -> None:
        """Do it; `target` chooses on whom."""
        raise NotImplementedError

    def cure(self, system: System) -> None:
        """Undo what does not pass by itself."""


__all__ = ["AT_ONCE_BOUND_S", "BOUND_S", "KILLED_BOUND_S", "SESSION_S", "Fault", "Struck"]
