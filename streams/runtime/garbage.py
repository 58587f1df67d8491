"""How often Python looks for garbage: as seldom as a worker needs, which makes next to none."""

from __future__ import annotations

import gc

# A poll's records and what becomes of them are some tens of thousands of objects that all live until
# the next checkpoint, and none in a circle. Looked through each 700 new ones, as is Python's default,
# they cost an eighth of the processor (ADR 10).
NEW_OBJECTS = 50_000
YOUNG_ROUNDS = 20
MIDDLE_ROUNDS = 100


def collect_seldom() -> None:
    """Set aside all that was made up to now, which stays for good; then look seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, YOUNG_ROUNDS, MIDDLE_ROUNDS)
