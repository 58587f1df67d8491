"""Residents' actions and the register's facts: objections, moves, minor children."""

from __future__ import annotations

from eropaf.risk import objections
from eropaf.risk.calendar import month_of
from eropaf.risk.changed import Changed, told
from eropaf.risk.policy import Policy
from eropaf.risk.positions import ACCEPTED, is_open, signal_of, without
from eropaf.risk.records import (
    FUTURE_TOLERANCE_MS,
    Departure,
    EpochDay,
    EpochMs,
    HouseholdEvent,
    MinorChildren,
    Signal,
)
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.rows import HouseholdRow, Position
from eropaf.risk.value import replace

# Residents whose entries say that minor children live here: beyond these, of a shelter, one more says
# nothing new.
MOST_PARENTS = 100
# How the id of an event ends by which arrears come along with a resident who moves.
ARRIVES = "/in"


def objected(row: HouseholdRow | None, event: HouseholdEvent, stands: bool, objector: str | None) -> Changed:
    """Apply an objection or its withdrawal (GDPR art. 21): a resident's, or an address's.

    Data on the arrears concerned is deleted; the objection itself is kept, or it could not be honoured.
    """
    if row is None:
        if event.address is None:
            raise Refused(Reason.UNKNOWN_HOUSEHOLD, "nothing is kept about this household")
        if not stands:
            return Changed(None)
        objects = HouseholdRow(event.address, event.at, 0, ())
        if objector is None:
            return Changed(replace(objects, objected=True, objected_at=event.at))
        return Changed(replace(objects, objectors=(objector,), objectors_at=(event.at,)))
    after, gone = objections.taken_in(row, event.at, stands, objector)
    answers = [told(position, "NOT_PICKED_UP_OTHER") for position in gone if is_open(position)]
    return Changed(after, tuple(answers))


def erased(row: HouseholdRow | None, event: HouseholdEvent, policy: Policy) -> Changed:
    """Forget everything about a household but its objections (GDPR art. 17): these are rights of their own.

    They stand as they stood, with what is in doubt, until they are taken back or end. What a creditor
    reported after the erasure stays: it may be sent again, long after the household came back.
    """
    if row is None:
        return Changed(None)
    newer = tuple([position for position in row.positions if came_after(position.reported_at, event.at)])
    if newer:
        return Changed(_of_after(row, newer, event.at, policy))
    return Changed(forgotten(row, event.at))


def forgotten(row: HouseholdRow, at: EpochMs) -> HouseholdRow | None:
    """Return what an erasure leaves of a row but its moment; None: nobody objects."""
    if not objections.stand(row):
        return None
    return replace(objections.alone(row, at), erased_at=max(at, row.erased_at or at))


def came_after(reported_at: EpochMs, at: EpochMs) -> bool:
    """Return whether arrears are of after a moment for certain: what they follow is an event sent again."""
    return reported_at > at + 2 * FUTURE_TOLERANCE_MS


def _of_after(
    row: HouseholdRow, positions: tuple[Position, ...], at: EpochMs, policy: Policy
) -> HouseholdRow:
    """Return a row without what it has of before an erasure, where the household came back since."""
    on = policy.zone.day_of(at)
    came_back_on = policy.zone.day_of(min([position.reported_at for position in positions]))
    since = min(month_of(on) + 1, month_of(came_back_on))
    handled = row.handled_at is not None and row.handled_at > at
    return replace(
        row,
        positions=positions,
        months=tuple([month for month in row.months if month >= since]),
        overrule=row.overrule if row.overruled_at is not None and row.overruled_at > at else None,
        picked_up_on=_after(on, row.picked_up_on),
        reached_on=_after(on, row.reached_on),
        handled_by=row.handled_by if handled else None,
        handled_at=row.handled_at if handled else None,
    )


def departed(
    row: HouseholdRow | None, event: HouseholdEvent, departure: Departure, policy: Policy
) -> Changed:
    """Remove the position of a resident who left, and with it an objection.

    A resident who moved within the municipality takes both along; if one left it, the creditor is told (DDAS
    1.2). If no arrears remain, what else is known of the case was about the one who left. Where there is no
    such address nobody left: an objection stands, and the creditor hears what is wrong.
    """
    if row is None:
        return Changed(None)
    on = policy.zone.day_of(event.at)
    after = row if departure.address_unknown else objections.without(row, departure, event.at, on)
    arrivals: list[HouseholdEvent] = []
    if objections.leaves(row, departure, event.at) and departure.household is not None:
        arrivals.append(
            HouseholdEvent(
                departure.household,
                f"{event.event_id}/objection",
                event.at,
                departure.address,
                objection_stands=True,
                objector=departure.resident_key,
            )
        )
    creditor, contract = departure.creditor, departure.contract
    gone = [
        each
        for each in row.positions
        if (each.creditor, each.contract) == (creditor, contract)
        and not came_after(each.reported_at, event.at)
    ]
    if gone:
        left = replace(after, positions=without(after.positions, creditor, contract))
        after = of_the_next(left, event.at, on)
    if departure.household is None:
        # Of an erasure's moment the erasure ended the register's entry: nobody left, so nobody is told.
        away = gone if event.at != row.erased_at else []
        status, reason = _of_no_address(departure)
        return Changed(after, tuple([told(position, status, reason) for position in away]))
    arrivals += [
        HouseholdEvent(
            departure.household,
            f"{event.event_id}{ARRIVES}",
            position.reported_at,
            departure.address,
            _goes_along(position, policy),
            moved_at=event.at,
        )
        for position in gone
    ]
    return Changed(after, (), tuple(arrivals))


def _of_no_address(departure: Departure) -> tuple[str, Reason | None]:
    """Return what a creditor hears whose contract has no address here any more, or never had one."""
    if departure.address_unknown:
        return "NOT_PICKED_UP_UNJUSTIFIED", Reason.ADDRESS_UNKNOWN
    return "NOT_A_RESIDENT", None


def _goes_along(position: Position, policy: Policy) -> Signal:
    """Return what a resident who moves takes along: as lawful there as it was here.

    What the creditor did was judged when it signalled, and is not kept in full.
    """
    signal = signal_of(position)
    if signal.own_effort is not None or policy.own_effort_may_be_unsaid:
        return signal
    return replace(signal, own_effort=ACCEPTED)


def of_the_next(row: HouseholdRow, at: EpochMs, on: EpochDay) -> HouseholdRow:
    """Return the row after somebody is gone: if no arrears stand, whoever comes next starts afresh.

    Months with a signal, and talks, a pick-up and a worker's decision of up to then, were about whoever was
    there. That somebody is gone may be told late.
    """
    if any([is_open(position) for position in row.positions]):
        return row
    return replace(
        row,
        months=(),
        overrule=row.overrule if row.overruled_at is not None and row.overruled_at > at else None,
        picked_up_on=_after(on, row.picked_up_on),
        reached_on=_after(on, row.reached_on),
    )


def _after(on: EpochDay, day: EpochDay | None) -> EpochDay | None:
    return day if day is not None and day > on else None


def registered(
    row: HouseholdRow | None, event: HouseholdEvent, children: MinorChildren, policy: Policy
) -> Changed:
    """Apply the register's word on minor children, if the policy counts them.

    It carries no time: it neither makes the row newer nor extends retention. After an objection is withdrawn,
    or once a policy counts it, the next load of the register repeats it.
    """
    if event.address is None:
        raise Refused(Reason.UNKNOWN_EVENT, "the register's entry came without its address")
    if not policy.minor_children or (row is not None and row.objected):
        return Changed(row)
    before = () if row is None else row.minor_children
    if children.at_home == (children.resident in before):
        return Changed(row)
    if children.at_home and len(before) >= MOST_PARENTS:
        return Changed(row)
    after = tuple(sorted({*before} ^ {children.resident}))
    if row is not None and (row.sequence or after):
        return Changed(replace(row, minor_children=after))
    return Changed(without_arrears(row or HouseholdRow(event.address, 0, 0, ()), after, policy))


def without_arrears(
    row: HouseholdRow, minor_children: tuple[str, ...], policy: Policy
) -> HouseholdRow | None:
    """Return the row of a household without arrears: the register's facts, and objections."""
    counted = minor_children if policy.minor_children else ()
    if not counted and not objections.stand(row):
        return None
    kept = objections.alone(row, row.at)
    # What the register says carries no time.
    at = row.at if row.objected else 0
    return replace(kept, at=at, policy_version=policy.version, minor_children=counted)
