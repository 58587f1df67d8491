"""Garbage collection, rarely: a worker creates next to no cyclic garbage."""

from __future__ import annotations

import gc

# A poll's records and their results are tens of thousands of objects that live until the next checkpoint,
# none of them in a cycle. Traversing them every 700 allocations, Python's default, costs an eighth of the CPU
# (ADR 10).
NEW_OBJECTS = 50_000
YOUNG_ROUNDS = 20
MIDDLE_ROUNDS = 100


def collect_young() -> None:
    """Collect among what was created lately: some `NEW_OBJECTS`, in milliseconds."""
    gc.collect(1)


def collect_seldom() -> None:
    """Freeze everything created so far, which lives on; collect rarely from now on."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, YOUNG_ROUNDS, MIDDLE_ROUNDS)
