"""The rights of a resident whom the register does not know: what waits for them is theirs all the same.

Such a resident has no household, so what they say goes by their own key until the register's entry comes.
Source: GDPR art. 17 and 21.
"""

from __future__ import annotations

from eropaf.risk import erasures, objections
from eropaf.risk.feedback import Answer
from eropaf.risk.identity import household_key
from eropaf.risk.lawful import ASKING
from eropaf.risk.people import came_after
from eropaf.risk.records import NOWHERE, Address, EpochMs, HouseholdEvent, UnresolvedSignal
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.residency import NOBODY, Registered, Resolved, answers, what_is_left
from eropaf.risk.rows import ResidentRow
from eropaf.risk.value import replace

NOT_TAKEN = "NOT_PICKED_UP_OTHER"


def is_of_resident(event: HouseholdEvent) -> bool:
    """Return whether `event` is under a resident's own key, since no address was known."""
    return event.signal is None and event.address == NOWHERE


def said(row: ResidentRow | None, event: HouseholdEvent, secret: bytes) -> Registered:
    """Apply what a resident said: an objection, its withdrawal, or that what waits must go.

    So too that another municipality has a signal: it waits no longer.

    Raises:
        Refused: this version does not know what it says.

    """
    known = row or NOBODY
    if event.forwarded:
        return _forwarded(known, event.event_id)
    if known.address is not None:  # the entry came before the word was read
        return Registered(row, (_of_household(known.address, event, secret),))
    if event.erasure_requested_on is not None:
        return _erased(known, event.at)
    if event.objection_stands is None:
        raise Refused(Reason.UNKNOWN_EVENT, "the event's kind is unknown to this version")
    since = objections.newest(known.objected_at, event.at, event.objection_stands)
    if since is None or since == known.objected_at:
        return Registered(what_is_left(replace(known, objected_at=since)))
    objects = replace(known, waiting=(), objected_at=since)
    return Registered(objects, (), answers(known.waiting, NOT_TAKEN))


def barred(row: ResidentRow | None, unresolved: UnresolvedSignal) -> tuple[Answer, ...] | None:
    """Return what a creditor hears whose signal an objection or an erasure bars; None: neither does.

    An erasure bars what was reported up to it. Once an address is known, that arrears ended still holds.
    """
    if row is None:
        return None
    signal = unresolved.signal
    before = row.erased_at is not None and signal.reported_at <= row.erased_at
    if row.objected_at is None and not (before and (row.address is None or signal.kind in ASKING)):
        return None
    return erasures.answers(signal)


def _forwarded(row: ResidentRow, event_id: str) -> Registered:
    """Answer a signal that was sent on; of one that waits no more there is nothing to say.

    Its creditor hears that it was, and not to whom: nobody learns from us where somebody lives.
    Source: Algemene wet bestuursrecht art. 2:3 lid 1: what is for another body is sent on, its sender told.
    """
    gone = [each for each in row.waiting if each.event_id == event_id]
    waiting = tuple([each for each in row.waiting if each.event_id != event_id])
    after = what_is_left(replace(row, waiting=waiting))
    return Registered(after, (), answers(gone, "NOT_A_RESIDENT", Reason.FORWARDED))


def _erased(row: ResidentRow, at: EpochMs) -> Registered:
    """Forget what waits, and remember when; an objection is a right of its own."""
    gone = [each for each in row.waiting if not came_after(each.signal.reported_at, at)]
    waiting = tuple([each for each in row.waiting if came_after(each.signal.reported_at, at)])
    after = replace(row, waiting=waiting, erased_at=max(at, row.erased_at or at))
    return Registered(after, (), answers(gone, NOT_TAKEN))


def _of_household(address: Address, event: HouseholdEvent, secret: bytes) -> Resolved:
    household = household_key(address, secret)
    at_home = None if event.erasure_requested_on is not None else address
    return Resolved(replace(event, household=household, address=at_home), event.at)
