"""What it costs to find the households of a slice among rows in memory: `python -m bench.slices`."""

from __future__ import annotations

import os
import sys
import time

from eropaf.risk.events import HOUSEHOLDS_OF_A_SLICE, NUMBERS, Tick
from eropaf.streams.state.rows import keeper

HOUSEHOLDS = (31_250, 125_000)
SLICES_TIMED = 20


def main() -> None:
    """Write the processor time of a slice, and of a partition's day, for each number of households."""
    for households in HOUSEHOLDS:
        rows = keeper(None)()
        rows.take((os.urandom(16).hex().encode(), b"row") for _ in range(households))
        slices = min(NUMBERS, -(-households // HOUSEHOLDS_OF_A_SLICE))
        began = time.process_time()
        for number in range(SLICES_TIMED):
            first, beyond = Tick(0, number, slices).reach
            list(rows.between(first.encode(), beyond.encode()))
        each_s = (time.process_time() - began) / SLICES_TIMED
        sys.stdout.write(
            f"{households} households: {each_s * 1e3:.1f} ms a slice, "
            f"{each_s * slices:.2f} s a partition and day\n"
        )


if __name__ == "__main__":
    main()
