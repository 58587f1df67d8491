"""Applies a creditor's signal: its effect on the household, and the creditor's immediate answer."""

from __future__ import annotations

from eropaf.risk import objections
from eropaf.risk.calendar import month_of
from eropaf.risk.changed import Changed
from eropaf.risk.events import EpochDay
from eropaf.risk.feedback import Answer
from eropaf.risk.lawful import ASKING, too_little, unlawful
from eropaf.risk.policy import Policy
from eropaf.risk.positions import (
    CLOSED,
    closed,
    counts,
    is_repeat,
    is_unversioned_change,
    position_of,
    with_end,
    with_position,
)
from eropaf.risk.records import NOWHERE, HouseholdEvent, Signal
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.rows import HouseholdRow, Position
from eropaf.risk.score import accepted
from eropaf.risk.value import replace

# Months of earlier signals that are kept: as many as any policy may look back, and the newest.
MONTHS_KEPT = 25
# A household has a few contracts; an address with a thousand is an institution, or the office of an
# administrator for many. With the longest texts that intake lets in, as many positions fill 1.9 MB: a
# row must fit into one record of its changelog (2 MiB).
MOST_POSITIONS = 1_000


def signalled(row: HouseholdRow | None, event: HouseholdEvent, signal: Signal, policy: Policy) -> Changed:
    """Apply a creditor's signal on one contract.

    A signal that may not be used is answered, but has no effect: what its creditor lawfully said before
        stands. Only a resident's refusal ends that too, and bars everything said before it.
    """
    if event.address is None:
        raise Refused(Reason.UNKNOWN_EVENT, "a signal came without its address")
    asks, fault = signal.kind in ASKING, unlawful(signal, policy)
    if row is not None and (row.objected or row.objectors):
        heard = _despite_objections(row, signal, fault, policy)
        if isinstance(heard, Changed):
            return heard
        row = heard
    before = () if row is None else row.positions
    if fault is not None and fault is not Reason.RESIDENT_REFUSED:
        return Changed(row, (_answer(signal, "NOT_PICKED_UP_UNJUSTIFIED", fault),))
    position = position_of(signal) if fault is None else closed(signal, "WITHDRAWN")
    positions = (with_end if position.kind in CLOSED else with_position)(before, position)
    _refuse_too_many(positions, before)
    if positions is before and fault is None and is_unversioned_change(position, before):
        return Changed(row, (_answer(signal, "NOT_YET_PICKED_UP", Reason.CHANGED_WITHOUT_VERSION),))
    months = () if row is None else row.months
    if asks and fault is None:
        months = _with_month(months, month_of(policy.zone.day_of(signal.reported_at)))
    if row is not None and positions is before and months is row.months and event.at <= row.at:
        return Changed(row)
    after = _with_signals(row, event, positions, months)
    if fault is not None:
        return Changed(after, (_answer(signal, "NOT_PICKED_UP_UNJUSTIFIED", fault),))
    if not asks:
        return Changed(after)
    return Changed(after, (*_unannounced(signal, before), *_heard(signal, after, policy)))


def _despite_objections(
    row: HouseholdRow, signal: Signal, fault: Reason | None, policy: Policy
) -> HouseholdRow | Changed:
    """Return the row to apply a signal to, or the change if an objection bars it."""
    asks = signal.kind in ASKING
    barred = objections.barred(row, signal)
    if barred is None:
        return row
    if objections.is_in_doubt(row, signal):
        if fault is not None:
            return Changed(row, (_answer(signal, "NOT_PICKED_UP_UNJUSTIFIED", fault),))
        # Only arrears that may be picked up suggest that somebody else lives there now.
        if asks:
            barred = objections.doubted(row, signal, policy.zone.day_of(signal.reported_at))
    # Nothing else of it is kept, and nobody may learn why (DDAS 1.2, "andere reden").
    return Changed(barred, (_answer(signal, "NOT_PICKED_UP_OTHER"),) if asks else ())


def _refuse_too_many(positions: tuple[Position, ...], before: tuple[Position, ...]) -> None:
    if len(positions) > max(MOST_POSITIONS, len(before)):
        raise Refused(
            Reason.HOUSEHOLD_TOO_LARGE,
            f"the address already has {MOST_POSITIONS} contracts, and this is a new one",
        )


def _unannounced(signal: Signal, before: tuple[Position, ...]) -> tuple[Answer, ...]:
    """Tell a supplier that it announced the end of a delivery without an earlier signal.

    The household is helped all the same. Source: Energieregeling of 2026, by NVVK (26 January 2026):
    always an early signal first, then the end of the delivery.
    """
    if signal.crisis_kind != "END_OF_DELIVERY" or signal.partner_type != "ENERGY":
        return ()
    if any([(each.creditor, each.contract) == (signal.creditor, signal.contract) for each in before]):
        return ()
    return (_answer(signal, "NOT_YET_PICKED_UP", Reason.NO_EARLIER_SIGNAL),)


def _with_signals(
    row: HouseholdRow | None,
    event: HouseholdEvent,
    positions: tuple[Position, ...],
    months: tuple[int, ...],
) -> HouseholdRow:
    if row is None:
        return HouseholdRow(event.address or NOWHERE, event.at, 0, positions, months)
    return replace(row, at=max(row.at, event.at), positions=positions, months=months)


def _heard(signal: Signal, row: HouseholdRow, policy: Policy) -> tuple[Answer, ...]:
    """Return a creditor's immediate answer to an accepted signal: often none."""
    today = policy.zone.day_of(row.at)
    for position in row.positions:
        if position.signal_id != signal.signal_id or position.creditor != signal.creditor:
            continue
        if is_repeat(position, today):
            return (_answer(signal, "NOT_PICKED_UP_REPEATED"),)
        if _is_too_little(position, row, today, policy):
            return (_answer(signal, "NOT_PICKED_UP_UNJUSTIFIED", Reason.TOO_LITTLE),)
        if row.picked_up_on is not None:
            return (_answer(signal, "PICKED_UP"),)
    return ()


def _is_too_little(position: Position, row: HouseholdRow, today: EpochDay, policy: Policy) -> bool:
    if not counts(position, today, policy):
        return False
    if position.amount_cents >= policy.household_minimum_cents:
        return too_little(position, policy)
    return position not in accepted(row.positions, today, policy)


def _with_month(months: tuple[int, ...], month: int) -> tuple[int, ...]:
    """Return `months` with `month` added, ascending; the same object if already present."""
    if month in months:
        return months
    kept = tuple(sorted((*months, month))[-MONTHS_KEPT:])
    return months if kept == months else kept


def _answer(signal: Signal, status: str, reason: Reason | None = None) -> Answer:
    return Answer(signal.creditor, signal.contract, signal.signal_id, status, reason)
