"""Checks a creditor's signal and turns it into a household event."""

from __future__ import annotations

from typing import Any

from eropaf.risk.address import normalise
from eropaf.risk.bsn import BY_LAW, BsnRules
from eropaf.risk.calendar import is_possible_day
from eropaf.risk.feedback import Answer
from eropaf.risk.identity import household_key, resident_key
from eropaf.risk.lawful import effort_missing
from eropaf.risk.positions import CLOSED
from eropaf.risk.records import (
    DAY_MS,
    FUTURE_TOLERANCE_MS,
    Address,
    EpochMs,
    HouseholdEvent,
    Signal,
    UnresolvedSignal,
)
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.value import value
from eropaf_client.schemas.limits import (
    EARLIEST_DAY,
    LARGEST_AMOUNT_CENTS,
    LATEST_DAYS_AHEAD,
    LONGEST_TEXT,
    MOST_REMINDERS,
)
from eropaf_client.schemas.looks import seen

NOT_TO_ANSWER = frozenset(
    {Reason.SIGNAL_ID_MISSING, Reason.CONTRACT_MISSING, Reason.TEXT_TOO_LONG, Reason.UNKNOWN_KIND}
)


@value(frozen=True, slots=True)
class ForHousehold:
    """The signal has an address: it goes to its household."""

    event: HouseholdEvent


@value(frozen=True, slots=True)
class ForResident:
    """The signal has a BSN: it is resolved through the register."""

    signal: UnresolvedSignal


def take_in(
    record: dict[str, Any],
    *,
    creditor: str,
    event_id: str,
    received_at: EpochMs,
    secret: bytes,
    numbers: BsnRules = BY_LAW,
) -> ForHousehold | ForResident:
    """Check one ArrearsSignal and return where it goes.

    `received_at` is when the broker stored it: the only clock here, so that a replay decides alike. `numbers`
    says who may send a BSN.

    Raises:
        Refused: it cannot be used; the reason says why.

    """
    signal = Signal.from_record(record, creditor)
    _check(signal, received_at)
    duty = effort_missing(signal)
    if duty is not None:
        raise Refused(
            duty.reason, f"own_effort reports a duty that was not met: {duty.sources[signal.partner_type]}"
        )
    resident = record["resident"]
    written = (resident["postcode"], resident["house_number"], resident["addition"])
    if resident["bsn"] is not None:
        if any(written):
            raise Refused(Reason.RESIDENT_TWICE, "resident has a bsn and an address; give one of the two")
        numbers.check(signal.partner_type, resident["bsn"])
        return ForResident(UnresolvedSignal(resident_key(resident["bsn"], secret), event_id, signal))
    if not any(written):
        raise Refused(
            Reason.RESIDENT_MISSING, "resident has neither a bsn nor an address; give one of the two"
        )
    return ForHousehold(of_household(normalise(*written), event_id, signal, secret))


def answer_to(record: dict[str, Any], creditor: str, reason: Reason) -> Answer | None:
    """Return what the creditor hears about a signal refused at intake.

    None if the fault is not its own, or the signal cannot be identified.
    """
    if reason in NOT_TO_ANSWER:
        return None
    return Answer(creditor, record["contract"], record["signal_id"], "NOT_PICKED_UP_UNJUSTIFIED", reason)


def of_household(address: Address, event_id: str, signal: Signal, secret: bytes) -> HouseholdEvent:
    """Return the event of `signal` for the household at `address`."""
    return HouseholdEvent(household_key(address, secret), event_id, signal.reported_at, address, signal)


def _check(signal: Signal, received_at: EpochMs) -> None:
    _check_texts(signal)
    if signal.kind == "UNKNOWN":
        raise Refused(Reason.UNKNOWN_KIND, "kind is unknown to this version; upgrade, then replay")
    if not 0 <= signal.amount_cents <= LARGEST_AMOUNT_CENTS:
        raise Refused(Reason.IMPOSSIBLE_AMOUNT, "amount_cents is negative, or over a hundred million euros")
    bill = signal.monthly_bill_cents
    if bill is not None and not 0 < bill <= LARGEST_AMOUNT_CENTS:
        raise Refused(
            Reason.IMPOSSIBLE_BILL,
            "monthly_bill_cents is not above zero, or over a hundred million euros; leave it out if unknown",
        )
    if signal.version < 0:
        raise Refused(Reason.IMPOSSIBLE_VERSION, "version is negative")
    effort = signal.own_effort
    if effort is not None and not 0 <= effort["written_reminders"] <= MOST_REMINDERS:
        raise Refused(Reason.IMPOSSIBLE_EFFORT, "own_effort.written_reminders is below 0 or over 1000")
    if signal.reported_at > received_at + FUTURE_TOLERANCE_MS:
        raise Refused(Reason.REPORTED_IN_THE_FUTURE, "reported_at is more than a day after it was received")
    reported_on = signal.reported_at // DAY_MS
    if not is_possible_day(reported_on):
        raise Refused(Reason.IMPOSSIBLE_DATE, "reported_at is before 1990 or after 2099")
    since = signal.arrears_since
    if since is not None and not EARLIEST_DAY <= since <= reported_on + 1:
        raise Refused(Reason.IMPOSSIBLE_DATE, "arrears_since is before 1990 or after reported_at")
    crisis_on = signal.crisis_on
    if crisis_on is not None and not EARLIEST_DAY <= crisis_on <= reported_on + LATEST_DAYS_AHEAD:
        raise Refused(Reason.IMPOSSIBLE_DATE, "crisis.on is before 1990 or over ten years ahead")


def _check_texts(signal: Signal) -> None:
    if not signal.signal_id.strip():
        raise Refused(Reason.SIGNAL_ID_MISSING, "signal_id is empty")
    if not signal.contract.strip():
        raise Refused(Reason.CONTRACT_MISSING, "contract is empty")
    if len(signal.signal_id) > LONGEST_TEXT or len(signal.contract) > LONGEST_TEXT:
        raise Refused(Reason.TEXT_TOO_LONG, f"signal_id or contract is longer than {LONGEST_TEXT} characters")
    # What ends arrears is taken as it is read: these may have come in under earlier rules.
    if signal.kind in CLOSED:
        return
    if signal.signal_id != seen(signal.signal_id) or signal.contract != seen(signal.contract):
        raise Refused(
            Reason.TEXT_UNSEEN,
            "signal_id or contract holds an invisible character or surrounding spaces: two that look alike "
            "would count as different",
        )
