"""Signals with a BSN are resolved by the municipality's register, and move along when the resident moves."""

from __future__ import annotations

from collections.abc import Iterable

from eropaf.risk.erasures import ERASURE_REMEMBERED_DAYS
from eropaf.risk.events import ResidencyTick
from eropaf.risk.feedback import Answer
from eropaf.risk.identity import household_key
from eropaf.risk.intake import of_household
from eropaf.risk.lawful import ASKING
from eropaf.risk.records import (
    DAY_MS,
    Address,
    Departure,
    EpochMs,
    HouseholdEvent,
    MinorChildren,
    Signal,
    UnresolvedSignal,
)
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.rows import ResidentRow, Sent, Waiting
from eropaf.risk.value import replace, value

NOBODY = ResidentRow(None, ())
# Signals that wait for one resident, or contracts that are known of one. With the longest texts that
# intake lets in they fill 1.2 MB: a row must fit into one record of its changelog (2 MiB).
MOST_SIGNALS_WAITING = 500


@value(frozen=True, slots=True)
class Resolved:
    """An event with its household. `timestamp_ms` is its record's."""

    event: HouseholdEvent
    timestamp_ms: EpochMs


@value(frozen=True, slots=True)
class Registered:
    """The result of a register entry: the row (None: nothing is kept), events and answers."""

    row: ResidentRow | None
    resolved: tuple[Resolved, ...] = ()
    answers: tuple[tuple[str, Answer], ...] = ()
    """With the id of the creditor's record that each answers."""


@value(frozen=True, slots=True)
class Entry:
    """The register's entry for one resident: address, and minor children or not. None: it has ended.

    `timestamp_ms` is when it was stored first: of one that is replayed, long before.
    """

    resident: str
    entry_id: str
    timestamp_ms: EpochMs
    address: Address | None
    minor_children: bool = False


def register(row: ResidentRow | None, entry: Entry, secret: bytes) -> Registered:
    """Apply an entry of the register, or its removal.

    Waiting signals are sent to their household. Those of a resident who moved leave the old one and move
    along: after a move within the municipality arrears are still picked up; if the resident left it, the
    creditor is told (DDAS 1.2). Minor children are passed on only if the register mentions, or mentioned,
    them.
    """
    row, address = row or NOBODY, entry.address
    children = _minor_children(row, entry, secret)
    if address is None:
        return _left(row, entry, children, secret)
    waited = [
        Resolved(
            of_household(address, each.event_id, _of(each.signal, entry.resident), secret), each.timestamp_ms
        )
        for each in row.waiting
    ]
    sent = row.sent
    for each in row.waiting:
        sent = _with(sent, each.signal, each.timestamp_ms)
    moved: list[Resolved] = []
    if row.address is not None and row.address != address:
        moved = _departures(row, row.address, entry, secret)
    after = ResidentRow(address, (), sent, entry.minor_children, erased_at=row.erased_at)
    return Registered(after, (*_objection(row, address, entry, secret), *waited, *moved, *children))


def resolve(
    row: ResidentRow | None, unresolved: UnresolvedSignal, timestamp_ms: EpochMs, secret: bytes
) -> tuple[ResidentRow, Resolved | None]:
    """Send a signal to its resident's household, or keep it waiting.

    Raises:
        Refused: too many already wait or are known.

    """
    row = row or NOBODY
    if row.address is None:
        if len(row.waiting) >= MOST_SIGNALS_WAITING:
            raise Refused(
                Reason.RESIDENT_TOO_LARGE,
                f"{MOST_SIGNALS_WAITING} signals are already waiting for the register's entry",
            )
        entry = Waiting(unresolved.event_id, timestamp_ms, unresolved.signal)
        return replace(row, waiting=(*row.waiting, entry)), None
    signal = _of(unresolved.signal, unresolved.resident)
    event = of_household(row.address, unresolved.event_id, signal, secret)
    sent = _with(row.sent, unresolved.signal, timestamp_ms)
    if len(sent) > max(MOST_SIGNALS_WAITING, len(row.sent)):
        raise Refused(
            Reason.RESIDENT_TOO_LARGE, f"{MOST_SIGNALS_WAITING} contracts of this resident are already known"
        )
    after = row if sent is row.sent else replace(row, sent=sent)
    return after, Resolved(event, timestamp_ms)


def let_go(row: ResidentRow, told: ResidencyTick) -> Registered:
    """Answer and forget signals that waited too long for an entry, and forget contracts that had their time.

    The creditor is told the same as for a resident who left the municipality (DDAS 1.2, "Persoon is geen
    inwoner (meer)"): the register does not know the resident. Of a contract that had its time nothing is
    left at the address that could move along.
    """
    waited = [each for each in row.waiting if each.timestamp_ms < told.stored_before]
    waiting = tuple([each for each in row.waiting if each.timestamp_ms >= told.stored_before])
    erased_at = row.erased_at
    if erased_at is not None and told.tick.on >= erased_at // DAY_MS + ERASURE_REMEMBERED_DAYS:
        erased_at = None
    sent = _still_known(row.sent, told)
    if not waited and sent == row.sent and erased_at == row.erased_at:
        return Registered(row)
    after = what_is_left(replace(row, waiting=waiting, sent=sent, erased_at=erased_at))
    return Registered(after, (), answers(waited, "NOT_A_RESIDENT"))


def _still_known(sent: tuple[Sent, ...], told: ResidencyTick) -> tuple[Sent, ...]:
    """Return the contracts whose time has not come. Without a day, it starts with the day being told."""
    before = told.sent_before
    if before is None:
        return sent
    known = []
    for each in sent:
        sent_on = told.tick.on if each.sent_on is None else each.sent_on
        if sent_on >= before:
            known.append(Sent(each.creditor, each.contract, sent_on))
    return tuple(known)


def what_is_left(row: ResidentRow) -> ResidentRow | None:
    """Return a row, or None where it holds nothing."""
    holds = row.waiting or row.objected_at is not None or row.erased_at is not None
    return row if row.address is not None or holds else None


def answers(
    waiting: Iterable[Waiting], status: str, reason: Reason | None = None
) -> tuple[tuple[str, Answer], ...]:
    """Answer signals that wait no longer, but for those of good news, which needs no answer."""
    return tuple(
        [
            (
                each.event_id,
                Answer(each.signal.creditor, each.signal.contract, each.signal.signal_id, status, reason),
            )
            for each in waiting
            if each.signal.kind in ASKING
        ]
    )


def _left(row: ResidentRow, entry: Entry, children: list[Resolved], secret: bytes) -> Registered:
    """Forget a resident who left: positions are removed, and creditors still waiting are told.

    What was said while the register did not know the resident stands.
    """
    left = what_is_left(replace(NOBODY, objected_at=row.objected_at, erased_at=row.erased_at))
    if row.address is None:
        return Registered(left, (), answers(row.waiting, "NOT_A_RESIDENT"))
    return Registered(left, (*_departures(row, row.address, entry, secret), *children))


def _objection(row: ResidentRow, address: Address, entry: Entry, secret: bytes) -> list[Resolved]:
    """Tell the household of an objection that waited for its address, before anything else is told."""
    if row.objected_at is None:
        return []
    objects = HouseholdEvent(
        household_key(address, secret),
        f"{entry.entry_id}/objection",
        row.objected_at,
        address,
        objection_stands=True,
        objector=entry.resident,
    )
    return [Resolved(objects, entry.timestamp_ms)]


def _departures(row: ResidentRow, old: Address, entry: Entry, secret: bytes) -> list[Resolved]:
    """Tell the old household about each contract that leaves it, and finally about the resident."""
    new = entry.address
    there = None if new is None else household_key(new, secret)
    return [
        Resolved(
            HouseholdEvent(
                household_key(old, secret),
                f"{entry.entry_id}/{number}",
                entry.timestamp_ms,
                departure=Departure(left.creditor, left.contract, there, new, entry.resident),
            ),
            entry.timestamp_ms,
        )
        for number, left in enumerate((*row.sent, Sent("", "")))
    ]


def _of(signal: Signal, resident: str) -> Signal:
    return replace(signal, resident_key=resident)


def _minor_children(row: ResidentRow, entry: Entry, secret: bytes) -> list[Resolved]:
    """Tell the previous and the current household, at every entry."""
    told: list[tuple[Address, bool]] = []
    if row.minor_children and row.address is not None and row.address != entry.address:
        told.append((row.address, False))
    if entry.address is not None and (entry.minor_children or row.minor_children):
        told.append((entry.address, entry.minor_children))
    return [
        Resolved(
            HouseholdEvent(
                household_key(address, secret),
                f"{entry.entry_id}/children/{number}",
                entry.timestamp_ms,
                address,
                minor_children=MinorChildren(entry.resident, at_home),
            ),
            entry.timestamp_ms,
        )
        for number, (address, at_home) in enumerate(told)
    ]


def _with(sent: tuple[Sent, ...], signal: Signal, stored_at: EpochMs) -> tuple[Sent, ...]:
    """Return `sent` with the contract of `signal`, as of the day on which it was stored."""
    now = Sent(signal.creditor, signal.contract, stored_at // DAY_MS)
    for index, each in enumerate(sent):
        if (each.creditor, each.contract) == (now.creditor, now.contract):
            if each.sent_on is not None and each.sent_on >= stored_at // DAY_MS:
                return sent
            return (*sent[:index], now, *sent[index + 1 :])
    return (*sent, now)
