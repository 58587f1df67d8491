"""Signals on a BSN meet the municipality's register: they wait until it says where they belong."""

from __future__ import annotations

from dataclasses import dataclass

from risk.intake import of_household
from risk.records import Address, EpochMs, HouseholdEvent, ResidentRow, UnresolvedSignal, Waiting
from risk.refusal import Reason, Refused

NOBODY = ResidentRow(None, ())
# Signals that wait for one resident. With the longest texts that intake lets in they fill 1.2 MB: a
# row must fit into one record of its changelog (2 MiB).
MOST_WAITING = 500


@dataclass(frozen=True, slots=True)
class Resolved:
    """A signal that found its household. `timestamp_ms` is that of the creditor's record."""

    event: HouseholdEvent
    timestamp_ms: EpochMs


def register(
    row: ResidentRow | None, address: Address | None, secret: bytes
) -> tuple[ResidentRow, list[Resolved]]:
    """Take in an entry of the register, or its end (None); give the signals that waited for it."""
    row = row or NOBODY
    if address is None:
        return ResidentRow(None, row.waiting), []
    resolved = [
        Resolved(of_household(address, entry.event_id, entry.signal, secret), entry.timestamp_ms)
        for entry in row.waiting
    ]
    return ResidentRow(address, ()), resolved


def resolve(
    row: ResidentRow | None, unresolved: UnresolvedSignal, timestamp_ms: EpochMs, secret: bytes
) -> tuple[ResidentRow, Resolved | None]:
    """Send a signal to the household where its resident lives, or let it wait.

    Raises:
        Refused: too many wait already.

    """
    row = row or NOBODY
    if row.address is None:
        if len(row.waiting) >= MOST_WAITING:
            raise Refused(
                Reason.RESIDENT_TOO_LARGE, f"{MOST_WAITING} signals wait already for the register's entry"
            )
        entry = Waiting(unresolved.event_id, timestamp_ms, unresolved.signal)
        return ResidentRow(None, (*row.waiting, entry)), None
    event = of_household(row.address, unresolved.event_id, unresolved.signal, secret)
    return row, Resolved(event, timestamp_ms)
