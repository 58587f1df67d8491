"""The kinds of fault, one small class each."""

from tests.chaos.faults.fault import AT_ONCE_BOUND_S, Fault
from tests.chaos.faults.kinds import KINDS, SHORT, kinds_for

__all__ = ["AT_ONCE_BOUND_S", "KINDS", "SHORT", "Fault", "kinds_for"]
