"""Outcomes per household: each once, and none from before the household was erased."""

from __future__ import annotations

from collections.abc import Sequence

from eropaf_client.outcomes import OutreachOutcome


class CameOf:
    """The outcomes that were read, by household.

    Outcomes and erasures are read from two topics, without an order between them: the time of storage
        decides, in milliseconds since 1970 UTC. An erasure is retained longer than any outcome.
    """

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._of: dict[str, list[tuple[int, OutreachOutcome]]] = {}
        self._erased_at: dict[str, int] = {}

    def take(self, stored_at_ms: int, outcome: OutreachOutcome) -> None:
        """Add an outcome. A repeated id counts once."""
        if outcome.outcome_id in self._ids:
            return
        self._ids.add(outcome.outcome_id)
        if stored_at_ms > self._erased_at.get(outcome.household, -1):
            self._of.setdefault(outcome.household, []).append((stored_at_ms, outcome))

    def forget(self, household: str, at_ms: int) -> None:
        """Forget the outcomes of `household` up to that time, even those read later."""
        at_ms = self._erased_at[household] = max(at_ms, self._erased_at.get(household, -1))
        since = [(stored, each) for stored, each in self._of.pop(household, []) if stored > at_ms]
        if since:
            self._of[household] = since

    def knows(self, outcome_id: str) -> bool:
        """Return whether the outcome has been read."""
        return outcome_id in self._ids

    def of(self, household: str) -> Sequence[OutreachOutcome]:
        """Return the outcomes of `household`, in reading order."""
        return [outcome for _, outcome in self._of.get(household, ())]
