"""The kinds of fault, one small class each."""

from tests.chaos.faults.fault import Fault
from tests.chaos.faults.kinds import KINDS, SHORT, kinds_for

__all__ = ["KINDS", "SHORT", "Fault", "kinds_for"]
