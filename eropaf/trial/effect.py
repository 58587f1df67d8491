"""What a trial found: the difference, its 95 % interval, and whether chance alone would give it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eropaf.simulate.backtest.summary import CONFIDENCE

Numbers = NDArray[np.float64]
# Of p: what rounding leaves of the same difference is the same.
AS_LARGE = 1e-9


class TooFew(ValueError):
    """A trial is too small for an interval that holds what it says; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A difference of shares with its 95 % interval; `p` is the chance of one as large by luck.

    Zero lies in the interval where `p` is 0.05 at least, and outside of it where it is less.
    """

    difference: float
    low: float
    high: float
    p: float

    @property
    def significant(self) -> bool:
        """Say whether it is beyond what luck gives one time in twenty."""
        return self.p < 1 - CONFIDENCE

    def covers(self, truth: float) -> bool:
        """Say whether the interval holds `truth`; zero is decided by p."""
        return self.low <= truth <= self.high if truth else not self.significant
