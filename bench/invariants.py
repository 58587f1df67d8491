"""What the checks that stay on cost an event: `python -m bench.invariants`.

They look at a batch, a checkpoint and an update; see `streams/runtime/invariants.py`. Processor time, the
least of some rounds, as the rest of the machine only ever adds to it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from eropaf.streams.runtime.invariants import ReadOn, forward, in_sequence, one_term
from eropaf.streams.topic_partition import TP

CALLS = 20_000
ROUNDS = 15
STAGES = 3
IN_A_BATCH = 100
AT = TP("household-events", 0)


class Read:
    """A record whose offset is all that the checks need."""

    def __init__(self, at: int) -> None:
        self._at = at

    def offset(self) -> int:
        """Return its place in its partition."""
        return self._at


def handed_out() -> Callable[[int], object]:
    """Return a check of one batch after the other."""
    read_on = ReadOn()
    read_on.begin({AT: 0})
    batches = [[Read(number)] for number in range(CALLS)]
    return lambda number: read_on.hand_out(AT, batches[number])


def least_us(check: Callable[[], Callable[[int], object]]) -> float:
    """Return the processor time of a call of what `check` makes, microseconds."""
    took = []
    for _ in range(ROUNDS):
        call, began = check(), time.process_time()
        for number in range(CALLS):
            call(number)
        took.append((time.process_time() - began) / CALLS * 1e6)
    return min(took)


def main() -> None:
    """Measure, and tell."""
    batch = least_us(handed_out)
    offset = least_us(lambda: lambda number: forward(AT, number, number + 1))
    term = least_us(lambda: lambda number: one_term(AT, 3, 3))
    update = least_us(lambda: lambda number: in_sequence("update", number, number + 1))
    a_batch = STAGES * (batch + offset + term)
    for what, us in (
        ("a batch", batch),
        ("its offset in a checkpoint", offset),
        ("a partition of a checkpoint", term),
        ("an update", update),
        (f"an event that passes {STAGES} stages, {IN_A_BATCH} in a batch", a_batch / IN_A_BATCH + update),
        (f"an event that passes {STAGES} stages alone", a_batch + update),
    ):
        sys.stdout.write(f"{us:5.2f} us {what}\n")


if __name__ == "__main__":
    main()
