"""What differs between what the outside must see and what it sees, counted by column."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

LOST = "lost"
REPEATED = "repeated"
OUT_OF_ORDER = "out of order"
GAP = "gap in sequence"
CONFLICT = "conflicting content"
COLUMNS = (LOST, REPEATED, OUT_OF_ORDER, GAP, CONFLICT)

SHOWN = 5


@dataclass(slots=True)
class Verdict:
    """What differs, counted by column, with the first few places of each. All zero: nothing does."""

    inputs: int = 0
    events: int = 0
    updates: int = 0
    rejected: int = 0
    answers: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, column: str, place: str) -> None:
        """Count one difference at `place`."""
        self.counts[column] += 1
        if len(self.places[column]) < SHOWN:
            self.places[column].append(place)

    @property
    def clean(self) -> bool:
        """Whether nothing differs."""
        return not self.counts.total()

    def __str__(self) -> str:
        counts = ", ".join(f"{column} {self.counts[column]}" for column in COLUMNS)
        places = "".join(f"\n  {column}: {'; '.join(found)}" for column, found in self.places.items())
        return (
            f"{self.inputs} in, {self.events} events, {self.updates} updates, {self.rejected} rejected, "
            f"{self.answers} answers: {counts}{places}"
        )
