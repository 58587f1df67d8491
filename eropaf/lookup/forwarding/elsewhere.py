"""Which signals wait whose resident is registered in another municipality: followed on two topics."""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

from eropaf.risk.records import EpochMs
from eropaf.risk.rows import ResidentRow, Waiting

OTHER_MUNICIPALITY = "OTHER_MUNICIPALITY"


class Elsewhere(NamedTuple):
    """A signal that waits here, and the municipality in which its resident is registered."""

    resident: str
    municipality: str
    waiting: Waiting

    def __repr__(self) -> str:
        return f"Elsewhere({self.waiting.event_id!r}, {self.municipality!r})"


class _Said(NamedTuple):
    municipality: str
    holds_until: EpochMs


class Waiters:
    """What the flow keeps waiting, and what the register said last of whom it waits for.

    Who has an address here waits for nothing: of who moved away from it a person decides first, since others
    may stay behind. What the register said holds for signals of `fresh_ms` after it; of a later one it is
    asked again.
    """

    def __init__(self, municipalities: Container[str], fresh_ms: int) -> None:
        self._municipalities, self._fresh_ms = municipalities, fresh_ms
        self._said: dict[str, _Said] = {}
        self._waiting: dict[str, tuple[Waiting, ...]] = {}

    def mismatch(self, resident: str, reason: str | None, municipality: str | None, at: EpochMs) -> None:
        """Take in what the register said; without a reason: somebody decided, or it was erased."""
        self._said.pop(resident, None)
        if reason == OTHER_MUNICIPALITY and municipality in self._municipalities:
            self._said[resident] = _Said(str(municipality), at + self._fresh_ms)

    def row(self, resident: str, row: ResidentRow | None) -> None:
        """Take in what waits for a resident now."""
        self._waiting.pop(resident, None)
        if row is not None and row.waiting:
            self._waiting[resident] = row.waiting

    def all(self) -> list[Elsewhere]:
        """Return what waits to be forwarded, the longest waiting first."""
        found = [
            Elsewhere(resident, said.municipality, each)
            for resident, said in self._said.items()
            for each in self._waiting.get(resident, ())
            if each.timestamp_ms <= said.holds_until
        ]
        return sorted(found, key=lambda each: (each.waiting.timestamp_ms, each.waiting.event_id))
