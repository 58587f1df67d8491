"""Signals on a BSN meet the municipality's register, and move along when the resident moves."""

from __future__ import annotations

from risk.feedback import Answer
from risk.frozen import dataclass
from risk.identity import household_key
from risk.intake import of_household
from risk.lawful import ASKING
from risk.records import (
    Address,
    Departure,
    EpochMs,
    HouseholdEvent,
    ResidentRow,
    Signal,
    UnresolvedSignal,
    Waiting,
)
from risk.refusal import Reason, Refused

NOBODY = ResidentRow(None, ())
# Signals that wait for one resident, or contracts that are known of one. With the longest texts that
# intake lets in they fill 1.2 MB: a row must fit into one record of its changelog (2 MiB).
MOST_WAITING = 500


@dataclass(frozen=True, slots=True)
class Resolved:
    """An event that found its household. `timestamp_ms` is that of the record behind it."""

    event: HouseholdEvent
    timestamp_ms: EpochMs


@dataclass(frozen=True, slots=True)
class Registered:
    """What an entry of the register leads to: the row (None: nothing is kept), events and answers."""

    row: ResidentRow | None
    resolved: tuple[Resolved, ...] = ()
    answers: tuple[tuple[str, Answer], ...] = ()
    """With the id of the creditor's record that each answers."""


def register(
    row: ResidentRow | None, address: Address | None, entry_id: str, timestamp_ms: EpochMs, secret: bytes
) -> Registered:
    """Take in an entry of the register, or its end (None).

    Signals that waited find their household. Those of a resident who moved leave the old one, and
    move along: arrears of who moved inside the municipality are still picked up, and of who left it
    the creditor is told (DDAS 1.2).
    """
    row = row or NOBODY
    if address is None:
        return _left(row, entry_id, timestamp_ms, secret)
    waited = [
        Resolved(of_household(address, each.event_id, each.signal, secret), each.timestamp_ms)
        for each in row.waiting
    ]
    sent = row.sent
    for each in row.waiting:
        sent = _with(sent, each.signal)
    moved: list[Resolved] = []
    if row.address is not None and row.address != address:
        moved = _departures(row, row.address, address, entry_id, timestamp_ms, secret)
    return Registered(ResidentRow(address, (), sent), (*waited, *moved))


def resolve(
    row: ResidentRow | None, unresolved: UnresolvedSignal, timestamp_ms: EpochMs, secret: bytes
) -> tuple[ResidentRow, Resolved | None]:
    """Send a signal to the household where its resident lives, or let it wait.

    Raises:
        Refused: too many wait, or are known, already.

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
    sent = _with(row.sent, unresolved.signal)
    if len(sent) > max(MOST_WAITING, len(row.sent)):
        raise Refused(
            Reason.RESIDENT_TOO_LARGE, f"{MOST_WAITING} contracts are known of the resident already"
        )
    after = row if sent is row.sent else ResidentRow(row.address, (), sent)
    return after, Resolved(event, timestamp_ms)


def _left(row: ResidentRow, entry_id: str, timestamp_ms: EpochMs, secret: bytes) -> Registered:
    """Forget a resident who left: positions go, and who signalled in vain is told."""
    answers = [
        (
            each.event_id,
            Answer(each.signal.creditor, each.signal.contract, each.signal.signal_id, "NOT_A_RESIDENT"),
        )
        for each in row.waiting
        if each.signal.kind in ASKING
    ]
    if row.address is None:
        return Registered(None, (), tuple(answers))
    return Registered(
        None, tuple(_departures(row, row.address, None, entry_id, timestamp_ms, secret)), tuple(answers)
    )


def _departures(
    row: ResidentRow,
    old: Address,
    new: Address | None,
    entry_id: str,
    timestamp_ms: EpochMs,
    secret: bytes,
) -> list[Resolved]:
    there = None if new is None else household_key(new, secret)
    return [
        Resolved(
            HouseholdEvent(
                household_key(old, secret),
                f"{entry_id}/{number}",
                timestamp_ms,
                departure=Departure(creditor, contract, there, new),
            ),
            timestamp_ms,
        )
        for number, (creditor, contract) in enumerate(row.sent)
    ]


def _with(sent: tuple[tuple[str, str], ...], signal: Signal) -> tuple[tuple[str, str], ...]:
    place = (signal.creditor, signal.contract)
    return sent if place in sent else (*sent, place)
