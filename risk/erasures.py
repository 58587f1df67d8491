"""What is remembered of an erasure: when it was, so that what was said before it brings nobody back.

A signal from before may come long after: it lay unread, or was set aside and is sent again (ADR 15).
"""

from __future__ import annotations

from eropaf.risk.feedback import Answer
from eropaf.risk.lawful import ASKING, unlawful
from eropaf.risk.people import ARRIVES
from eropaf.risk.policy import Policy
from eropaf.risk.records import NOWHERE, EpochMs, HouseholdEvent, Signal
from eropaf.risk.refusal import Reason
from eropaf.risk.rows import HouseholdRow
from eropaf.risk.value import replace

# What is set aside is kept for 90 days, and what is sent again lies unread for 30 at most.
ERASURE_REMEMBERED_DAYS = 120


def is_moment_alone(row: HouseholdRow) -> bool:
    """Return whether a row holds nothing but the moment of an erasure: not even an address."""
    return row.address == NOWHERE


def is_of_before(event: HouseholdEvent, erased_at: EpochMs) -> bool:
    """Return whether a signal is of up to an erasure.

    What came along with a move is of when the register told that: who moves here later was not erased here.
    """
    if not event.event_id.endswith(ARRIVES):
        return event.at <= erased_at
    # An older version did not say when.
    return event.moved_at is not None and event.moved_at <= erased_at


def bars(row: HouseholdRow, event: HouseholdEvent, policy: Policy) -> bool:
    """Return whether `event` tells of arrears of up to the erasure.

    Where the household came back, that they ended, or that the resident refused, still holds.
    """
    signal, erased_at = event.signal, row.erased_at
    if signal is None or erased_at is None or not is_of_before(event, erased_at):
        return False
    stands = signal.kind in ASKING and unlawful(signal, policy) is not Reason.RESIDENT_REFUSED
    return stands or is_moment_alone(row)


def answers(signal: Signal | None) -> tuple[Answer, ...]:
    """Return what a creditor hears of an earlier signal: nobody may learn why (DDAS 1.2, "andere reden")."""
    if signal is None or signal.kind not in ASKING:
        return ()
    return (Answer(signal.creditor, signal.contract, signal.signal_id, "NOT_PICKED_UP_OTHER"),)


def remembered(
    row: HouseholdRow | None, after: HouseholdRow | None, event: HouseholdEvent, policy: Policy
) -> HouseholdRow | None:
    """Return what is kept `after` an event, with the newest erasure's moment until its time is over.

    Either `row` knows an erasure, or the event is one.
    """
    known = [] if row is None or row.erased_at is None else [row.erased_at]
    at = max(known if event.erasure_requested_on is None else [*known, event.at])
    if after is not None:
        return after if after.erased_at == at else replace(after, erased_at=at)
    if event.tick is not None and event.tick.on >= policy.zone.day_of(at) + ERASURE_REMEMBERED_DAYS:
        return None
    if row is not None and is_moment_alone(row) and row.erased_at == at:
        return row
    return HouseholdRow(NOWHERE, at, 0, (), erased_at=at)
