"""A rehearsal before the month begins: a handful of households, reported and paid.

The first records of a new cluster find everything cold: no client knows a leader, no producer has begun a
    transaction, the broker has run none of its code. A system in operation shows none of that, so the month's
    clock starts after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from threading import Event
from time import monotonic

from eropaf_client.records import (
    ArrearsSignal,
    Band,
    ConsentOffer,
    OwnEffort,
    PartnerType,
    PriorityUpdate,
    Resident,
    SignalKind,
)

# Of no household in the city; enough to reach every partition of every topic.
AREA = "1111"
HOUSEHOLDS = 64
REHEARSED_WITHIN_S = 10.0


class Rehearsal:
    """Signals sent before `first`, and whether all came through. They are not counted."""

    def __init__(self, creditors: Sequence[str], first: date) -> None:
        self._creditors = creditors
        self._at = datetime.combine(first - timedelta(days=1), time(12), UTC)
        self._left = set(range(1, HOUSEHOLDS + 1))
        self._through = Event()

    def acts(self) -> Iterator[list[tuple[str, ArrearsSignal]]]:
        """Yield what is sent together, by creditor: all are reported, then all have paid."""
        for version, kind in enumerate((SignalKind.REPORTED, SignalKind.PAID), 1):
            yield [
                (self._creditors[number % len(self._creditors)], self._signal(number, version, kind))
                for number in range(1, HOUSEHOLDS + 1)
            ]

    def takes(self, update: PriorityUpdate) -> bool:
        """Return whether `update` belongs to the rehearsal, and record it."""
        if update.area != AREA:
            return False
        if update.band is Band.NONE:
            self._left.discard(update.house_number)
            if not self._left:
                self._through.set()
        return True

    def wait(self, stopped: Callable[[], bool]) -> None:
        """Return once all came through, or after a time limit: the month can begin without them."""
        deadline = monotonic() + REHEARSED_WITHIN_S
        while not stopped() and monotonic() < deadline and not self._through.wait(0.05):
            pass

    def _signal(self, number: int, version: int, kind: SignalKind) -> ArrearsSignal:
        at = self._at + timedelta(hours=version)
        return ArrearsSignal(
            signal_id=f"rehearsal-{number}-{version}",
            contract=f"rehearsal-{number}",
            kind=kind,
            partner_type=PartnerType.RENT,
            amount_cents=100_000 if kind is SignalKind.REPORTED else 0,
            monthly_bill_cents=50_000,
            reported_at=at,
            version=version,
            resident=Resident(None, f"{AREA}AA", str(number), None),
            arrears_since=at.date() - timedelta(days=60),
            own_effort=OwnEffort(True, True, 1, ConsentOffer.NO_ANSWER),
        )
