"""What each creditor last said about each contract: the newest wins, whatever the order of arrival."""

from __future__ import annotations

from typing import Any

from eropaf.risk.events import EpochDay, EpochMs
from eropaf.risk.lawful import agreed
from eropaf.risk.policy import Policy
from eropaf.risk.records import Signal, new_signal
from eropaf.risk.rows import Position, new_position
from eropaf.risk.value import replace
from eropaf_client.schemas.epoch import DAY_MS
from eropaf_client.schemas.looks import seen

# A position that is closed gives no points, but is kept: a late, older signal must not reopen it.
CLOSED = frozenset({"PAID", "WITHDRAWN"})

# The end of a delivery is announced twenty working days ahead, and the grid operator comes weeks
# later: no threatening situation by itself, but ranked by the time left (NVVK, 1 November 2023).
NOT_THREATENING = "END_OF_DELIVERY"

# What of the creditor's effort goes along with a resident who agreed to be passed on: no more than that.
AGREED: dict[str, Any] = {
    "personal_contact": True,
    "debt_help_pointed_at": True,
    "written_reminders": 1,
    "offer": "AGREED",
}

# What is known of an effort without which the signal would have been refused: each duty met, and an offer
# that the resident neither took nor turned down.
ACCEPTED: dict[str, Any] = AGREED | {"offer": "NO_ANSWER"}


def position_of(signal: Signal) -> Position:
    """Return the position described by `signal`."""
    if signal.kind in CLOSED:
        return closed(signal, signal.kind)
    return new_position(
        creditor=signal.creditor,
        contract=signal.contract,
        partner_type=signal.partner_type,
        kind=signal.kind,
        amount_cents=signal.amount_cents,
        monthly_bill_cents=signal.monthly_bill_cents,
        reported_at=signal.reported_at,
        version=signal.version,
        signal_id=signal.signal_id,
        crisis=signal.crisis_kind is not None and signal.crisis_kind != NOT_THREATENING,
        crisis_on=signal.crisis_on,
        arrears_since=signal.arrears_since,
        first_version=signal.version,
        first_cents=signal.amount_cents,
        crisis_kind=signal.crisis_kind,
        handover=signal.handover_wish,
        agreed=agreed(signal),
        resident_key=signal.resident_key,
    )


def signal_of(position: Position) -> Signal:
    """Return a signal equivalent to `position`, for a resident who moves and takes it along."""
    return new_signal(
        signal_id=position.signal_id,
        creditor=position.creditor,
        contract=position.contract,
        kind=position.kind,
        partner_type=position.partner_type,
        amount_cents=position.amount_cents,
        monthly_bill_cents=position.monthly_bill_cents,
        arrears_since=position.arrears_since,
        reported_at=position.reported_at,
        version=position.version,
        own_effort=AGREED if position.agreed else None,
        crisis_kind=position.crisis_kind,
        crisis_on=position.crisis_on,
        handover_wish=position.handover,
        resident_key=position.resident_key,
    )


def closed(signal: Signal, kind: str) -> Position:
    """Return the closed position after `signal`: no amount, no bill, no date."""
    return new_position(
        creditor=signal.creditor,
        contract=signal.contract,
        partner_type=signal.partner_type,
        kind=kind,
        amount_cents=0,
        monthly_bill_cents=None,
        reported_at=signal.reported_at,
        version=signal.version,
        signal_id=signal.signal_id,
        crisis=False,
        crisis_on=None,
        resident_key=signal.resident_key,
    )


def is_newer(position: Position, standing: Position) -> bool:
    """Return whether `position` replaces `standing`, of the same contract.

    The higher version is newer. Two signals with one version have an order that does not depend on arrival;
    of two with one id, the one that closes the contract wins.
    """
    return (*_name(position), position.kind in CLOSED) > (*_name(standing), standing.kind in CLOSED)


def is_unversioned_change(said: Position, standing: tuple[Position, ...]) -> bool:
    """Return whether arrears stand under the name of `said` that say something else: it is not taken in."""
    return any(
        [
            (each.creditor, each.contract) == (said.creditor, said.contract)
            and _name(each) == _name(said)
            and is_open(each)
            and _what_is_said(each) != _what_is_said(said)
            for each in standing
        ]
    )


def with_end(positions: tuple[Position, ...], end: Position) -> tuple[Position, ...]:
    """Return `positions` without the arrears that `end` closes, or the same object where nothing changes.

    A contract ends under its own name. Where none has it, characters that nobody sees make no other contract:
    earlier rules let them in, and a file leaves them out. So the only one that is read alike ends too; of
    several nobody knows which is meant.
    """
    alike = _read_alike(positions, end)
    if end.contract in alike:
        return with_position(positions, end)
    read = seen(end.contract)
    if read not in alike and len(alike) == 1:
        positions = with_position(positions, replace(end, contract=alike[0]))
    return with_position(positions, replace(end, contract=read))


def _read_alike(positions: tuple[Position, ...], end: Position) -> list[str]:
    """Return the names of the creditor's contracts that nobody can tell from that of `end`."""
    read = seen(end.contract)
    return [
        each.contract for each in positions if each.creditor == end.creditor and seen(each.contract) == read
    ]


def with_position(positions: tuple[Position, ...], position: Position) -> tuple[Position, ...]:
    """Return `positions` with `position` in its place, or the same object if nothing changes."""
    contract = (position.creditor, position.contract)
    for index, standing in enumerate(positions):
        other = (standing.creditor, standing.contract)
        if other == contract:
            merged = _merged(position, standing)
            if merged is standing:
                return positions
            return (*positions[:index], merged, *positions[index + 1 :])
        if other > contract:
            return (*positions[:index], position, *positions[index:])
    return (*positions, position)


def without(positions: tuple[Position, ...], creditor: str, contract: str) -> tuple[Position, ...]:
    """Return `positions` without one contract's."""
    return tuple([each for each in positions if (each.creditor, each.contract) != (creditor, contract)])


def is_open(position: Position) -> bool:
    """Return whether arrears stand."""
    return position.kind not in CLOSED and position.amount_cents > 0


def is_repeat(position: Position, today: EpochDay) -> bool:
    """Return whether the arrears are only those that a case was about.

    Source: DDAS 1.2, "herhaalde melding": the same arrears of the same partner, recently handled,
    and not higher. Arrears that grew must be picked up.
    """
    return (
        position.handled_until is not None
        and position.handled_cents is not None
        and today < position.handled_until
        and position.amount_cents <= position.handled_cents
    )


def is_valid(position: Position, today: EpochDay, policy: Policy) -> bool:
    """Return whether a signal is young enough to count: each ages by itself, whatever others repeat."""
    return (
        today < policy.zone.day_of(position.reported_at) + policy.partners[position.partner_type].valid_days
    )


def is_asked(position: Position, policy: Policy) -> bool:
    """Return whether help is to be offered for the arrears: not while a plan is kept that ends them."""
    return is_open(position) and (position.kind != "PLAN_AGREED" or policy.plan_agreed_percent > 0)


def counts(position: Position, today: EpochDay, policy: Policy) -> bool:
    """Return whether arrears stand that ask for help, are not out of date, and that nobody has handled."""
    return is_asked(position, policy) and is_valid(position, today, policy) and not is_repeat(position, today)


def threatens(position: Position, today: EpochDay) -> bool:
    """Return whether a threatening situation stands: it ends with its date."""
    return position.crisis and (position.crisis_on is None or position.crisis_on >= today)


def is_ahead(position: Position, today: EpochDay) -> bool:
    """Return whether something threatens, or is to happen on a day that is not over."""
    return threatens(position, today) or (position.crisis_on is not None and position.crisis_on >= today)


def stood_since(position: Position) -> EpochMs:
    """Return the earliest known moment since which arrears stand that are at least as bad as these.

    Versions that arrive out of order may make it later than it is, never earlier.
    """
    if position.stood_since is None:
        return position.reported_at
    return min(position.stood_since, position.reported_at)


def _merged(position: Position, standing: Position) -> Position:
    """Return the newer of two of one contract, growth measured from the lowest version of both.

    What was handled stays so, until the creditor says something that is new in kind.
    """
    newer, older = (position, standing) if is_newer(position, standing) else (standing, position)
    if newer is standing and standing.kind not in CLOSED and _name(position) == _name(standing):
        # The first of two with one name: the other is no version that arrears could grow from.
        return standing
    version, cents = _first(newer, older)
    handled_at, handled_by, since = standing.handled_at, standing.handled_by, standing.stood_since
    handled_cents, handled_until = standing.handled_cents, standing.handled_until
    if newer is position:
        since = stood_since(standing)
        if standing.kind in CLOSED:
            # What a result closed is known for as long as that says, whatever closes it again.
            handled_cents = None
            handled_until = standing.handled_until if position.kind in CLOSED else None
        elif _is_new_in_kind(position, standing):
            handled_cents = handled_until = None
    if newer.kind in CLOSED:
        since = handled_at = handled_by = None
    elif _is_worse(newer, older):
        since = None
    grown = (newer.first_version, newer.first_cents, newer.stood_since)
    handled = (newer.handled_cents, newer.handled_until, newer.handled_at, newer.handled_by)
    if grown == (version, cents, since) and handled == (handled_cents, handled_until, handled_at, handled_by):
        return newer
    return replace(
        newer,
        first_version=version,
        first_cents=cents,
        handled_cents=handled_cents,
        handled_until=handled_until,
        handled_at=handled_at,
        handled_by=handled_by,
        stood_since=since,
    )


def _name(position: Position) -> tuple[int, EpochMs, str]:
    """Return what a creditor names what it says by: nothing else may be said under it."""
    return (position.version, position.reported_at, position.signal_id)


def _what_is_said(position: Position) -> tuple[Any, ...]:
    """Return all of `position` that is its creditor's word; `agreed` is not in rows of the first version."""
    return (
        position.kind,
        position.amount_cents,
        position.monthly_bill_cents,
        position.crisis_kind,
        position.crisis_on,
        position.arrears_since,
        position.handover,
    )


def _first(one: Position, other: Position) -> tuple[int | None, int | None]:
    if one.first_version is None or one.first_cents is None:
        return other.first_version, other.first_cents
    if other.first_version is None or other.first_cents is None:
        return one.first_version, one.first_cents
    # Two of one version are put in an order that does not depend on which came first.
    return min((one.first_version, one.first_cents), (other.first_version, other.first_cents))


def _is_new_in_kind(position: Position, standing: Position) -> bool:
    """Return whether a creditor says more than how much: that ends the quiet about what was handled.

    A plan broke, something threatens or ends, or the resident wants help ("please pick this person up").
    The law has a supplier signal first and announce the end of the delivery after it, so the second is no
    repeat of the first (Energieregeling of 2026, by NVVK, 26 January 2026).
    """
    return (
        position.kind in CLOSED
        or (position.kind == "PLAN_BROKEN" and standing.kind != "PLAN_BROKEN")
        or (position.handover and not standing.handover)
        or (position.agreed and not standing.agreed)
        or (position.crisis_kind is not None and position.crisis_kind != standing.crisis_kind)
        or _is_nearer(position, standing)
    )


def _is_nearer(position: Position, standing: Position) -> bool:
    """Return whether something happens sooner than was known, or is set again after its day.

    What is set again is reported on that day or later, by the day in UTC: between the Netherlands' midnight
    and UTC's it is still the day itself, and nothing that passed is missed.
    """
    on, before = position.crisis_on, standing.crisis_on
    if on is None or on == before:
        return False
    return before is None or on < before or before <= position.reported_at // DAY_MS


def _is_worse(newer: Position, older: Position) -> bool:
    """Return whether a version says anything that asks for more than the older one did.

    Whoever looked at a household while the older stood has not looked at it.
    """
    return (
        newer.amount_cents > older.amount_cents
        or not is_open(older)
        or (older.kind == "PLAN_AGREED" and newer.kind != "PLAN_AGREED")
        or _is_new_in_kind(newer, older)
    )
