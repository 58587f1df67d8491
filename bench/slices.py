"""What it costs to find the households of slices among rows in memory: `python -m bench.slices`.

A whole round of slices, as a day makes it, in which every row it finds grows and therefore moves.
"""

from __future__ import annotations

import os
import sys
import time

from eropaf.risk.events import HOUSEHOLDS_OF_A_SLICE, NUMBERS, Tick
from eropaf.streams.state.rows import keeper

HOUSEHOLDS = (31_250, 125_000)
ROW = bytes(183)


def main() -> None:
    """Write the processor time of finding, a slice and a partition's day, for each number of households."""
    for households in HOUSEHOLDS:
        rows = keeper(None)()
        rows.take((os.urandom(16).hex().encode(), ROW) for _ in range(households))
        slices = min(NUMBERS, -(-households // HOUSEHOLDS_OF_A_SLICE))
        spent = []
        for number in range(slices):
            first, beyond = Tick(0, number, slices).reach
            began = time.process_time()
            keys = list(rows.between(first.encode(), beyond.encode()))
            spent.append(time.process_time() - began)
            rows.take((key, ROW + b"1") for key in keys)
        sys.stdout.write(
            f"{households} households: {sum(spent) / slices * 1e3:.2f} ms a slice, "
            f"{max(spent) * 1e3:.0f} at most, {sum(spent):.2f} s a partition and day\n"
        )


if __name__ == "__main__":
    main()
