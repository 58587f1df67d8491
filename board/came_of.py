"""Outcomes per household: each once, and none from before the household was erased."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eropaf.board.kept import EVENTS_KEPT_MS, now_ms
from eropaf_client.outcomes import OutreachOutcome


class CameOf:
    """The outcomes that were read, by household, for as long as their topic keeps them.

    Outcomes and erasures are read from two topics, without an order between them: the time of storage
        decides, in milliseconds since 1970 UTC. An erasure is retained longer than any outcome.
    """

    def __init__(self, now: Callable[[], int] = now_ms) -> None:
        self._now = now
        self._stored_at: dict[str, int] = {}
        self._of: dict[str, list[tuple[int, OutreachOutcome]]] = {}
        self._erased_at: dict[str, int] = {}

    def take(self, stored_at_ms: int, outcome: OutreachOutcome) -> None:
        """Add an outcome. A repeated id counts once."""
        if outcome.outcome_id in self._stored_at:
            return
        self._stored_at[outcome.outcome_id] = stored_at_ms
        kept_after_ms = max(self._erased_at.get(outcome.household, -1), self._now() - EVENTS_KEPT_MS)
        if stored_at_ms > kept_after_ms:
            self._of.setdefault(outcome.household, []).append((stored_at_ms, outcome))

    def forget(self, household: str, at_ms: int) -> None:
        """Forget the outcomes of `household` up to that time, even those read later."""
        at_ms = self._erased_at[household] = max(at_ms, self._erased_at.get(household, -1))
        self._keep(household, at_ms)

    def forget_old(self) -> None:
        """Forget the outcomes that their topic keeps no longer, and the erasures before those."""
        at_ms = self._now() - EVENTS_KEPT_MS
        for household in list(self._of):
            self._keep(household, at_ms)
        self._stored_at = {each: stored for each, stored in self._stored_at.items() if stored > at_ms}
        self._erased_at = {each: erased for each, erased in self._erased_at.items() if erased > at_ms}

    def _keep(self, household: str, after_ms: int) -> None:
        kept = [(stored, each) for stored, each in self._of.pop(household, []) if stored > after_ms]
        if kept:
            self._of[household] = kept

    def knows(self, outcome_id: str) -> bool:
        """Return whether the outcome has been read."""
        return outcome_id in self._stored_at

    def has_result_since(self, household: str, at_ms: int) -> bool:
        """Return whether a result of `household` was stored then or later."""
        return any(
            stored >= at_ms and each.result is not None for stored, each in self._of.get(household, ())
        )

    def of(self, household: str) -> Sequence[OutreachOutcome]:
        """Return the outcomes of `household`, in reading order."""
        return [outcome for _, outcome in self._of.get(household, ())]
