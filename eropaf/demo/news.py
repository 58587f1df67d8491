"""Recent changes of the list: changed rows, and households that paid and left it."""

from __future__ import annotations

import time

from eropaf.rank.screen import written
from eropaf.risk.address import Address, normalise
from eropaf_client.records import ArrearsSignal, Band, PriorityUpdate, SignalKind

MARKED_FOR_S = 1.5


class News:
    """Learns of payments from the city itself: the list does not say why a row left.

    The publishing thread reports signals and the reading thread updates, under a lock.
    """

    def __init__(self) -> None:
        self._paid: set[Address] = set()
        self._changed_at: dict[str, float] = {}
        self.latest = ""

    def sends(self, signal: ArrearsSignal) -> None:
        """Record that `signal` is about to be published."""
        if signal.kind is SignalKind.PAID:
            who = signal.resident
            self._paid.add(normalise(who.postcode, who.house_number, who.addition))

    def told(self, update: PriorityUpdate, took_s: float) -> None:
        """Record that `update` reached the list, `took_s` after its cause was stored."""
        self._changed_at[update.household] = time.monotonic()
        address = Address(update.postcode, update.house_number, update.addition)
        if update.band is Band.NONE and address in self._paid:
            self.latest = f"paid: {written(update)}, off the list after {took_s:.1f} s"

    def changed(self) -> frozenset[str]:
        """Return the households whose rows just changed; forget the others."""
        since = time.monotonic() - MARKED_FOR_S
        self._changed_at = {who: at for who, at in self._changed_at.items() if at > since}
        return frozenset(self._changed_at)
