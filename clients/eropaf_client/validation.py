"""Validates a signal before it is sent, by the same limits and patterns as intake.

A test holds the two together (tests/property/test_same_rules.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

from eropaf_client.errors import Fault, InvalidSignal
from eropaf_client.records import (
    EPOCH,
    EPOCH_UTC,
    ArrearsSignal,
    ConsentOffer,
    Crisis,
    CrisisKind,
    OwnEffort,
    PartnerType,
    Resident,
    SignalKind,
)
from eropaf_client.schemas.addresses import number_of, postcode_of, whole_addition_of
from eropaf_client.schemas.bsn import is_nine_digits, is_taken
from eropaf_client.schemas.limits import (
    EARLIEST_DAY,
    LARGEST_AMOUNT_CENTS,
    LARGEST_VERSION,
    LATEST_DAY,
    LATEST_DAYS_AHEAD,
    LONGEST_ADDITION,
    LONGEST_TEXT,
    MOST_REMINDERS,
)
from eropaf_client.schemas.looks import seen

# Field, type, and whether it is optional. A value of another type is never converted.
SIGNAL = (
    ("signal_id", str, False),
    ("contract", str, False),
    ("kind", SignalKind, False),
    ("partner_type", PartnerType, False),
    ("amount_cents", int, False),
    ("reported_at", datetime, False),
    ("version", int, False),
    ("resident", Resident, False),
    ("monthly_bill_cents", int, True),
    ("arrears_since", date, True),
    ("own_effort", OwnEffort, True),
    ("crisis", Crisis, True),
    ("handover_wish", bool, False),
)
RESIDENT = tuple((name, str, True) for name in ("bsn", "postcode", "house_number", "addition"))
CRISIS = (("kind", CrisisKind, False), ("on", date, True))
OWN_EFFORT = (
    ("personal_contact", bool, False),
    ("debt_help_pointed_at", bool, False),
    ("written_reminders", int, False),
    ("offer", ConsentOffer, False),
)


# For these the law requires the creditor's own effort; signals that end arrears are always accepted.
ASKING = frozenset({SignalKind.REPORTED, SignalKind.CHANGED, SignalKind.PLAN_BROKEN})
# A creditor's duties before a signal, as the Bgs (Stb. 2020, 240), art. 2 a to d, has them for landlords; the
# sources for the others are intake's (`eropaf.risk.lawful`).
PERSONAL_CONTACT = "an effort to reach the resident in person"
DEBT_HELP = "that the resident is pointed at debt help"
REMINDER = "a written reminder"
OFFER = "an offer to pass on the resident's contact data"
# Clocks differ, and a date without a time is midnight of some zone.
AHEAD = timedelta(days=1)


def validate(signal: ArrearsSignal, test_numbers: bool = False) -> None:
    """Check `signal`; with `test_numbers` its BSN may be that of an example.

    Raises:
        InvalidSignal: lists every fault; `field` names the first.
    """
    wrong = faults(signal, test_numbers)
    if wrong:
        raise InvalidSignal(wrong)


def faults(signal: ArrearsSignal, test_numbers: bool = False, now: datetime | None = None) -> list[Fault]:
    """Return every fault of `signal`, each naming its field, never its content.

    With `test_numbers` a BSN need not pass the eleven test. `now` is the moment at which it would be stored;
    left out: this one.
    """
    wrong = [*of_type(signal, SIGNAL)]
    if not wrong:
        wrong = [*of_type(signal.resident, RESIDENT, "resident.")]
        wrong += of_type(signal.crisis, CRISIS, "crisis.") if signal.crisis else ()
        wrong += of_type(signal.own_effort, OWN_EFFORT, "own_effort.") if signal.own_effort else ()
    return wrong or [
        *_texts(signal),
        *_numbers(signal),
        *_dates(signal, now or datetime.now(timezone.utc)),
        *_resident(signal.resident, test_numbers),
    ]


def unmet(signal: ArrearsSignal) -> Iterator[Fault]:
    """Yield the duties that the creditor itself reports as unmet: intake refuses such a signal.

    A file must not hold one. A program may send it, and hears from intake which duty it was.
    """
    effort = signal.own_effort
    if effort is None or signal.kind not in ASKING:
        return
    if not effort.personal_contact:
        yield Fault("own_effort.personal_contact", "no-personal-contact", refusal(PERSONAL_CONTACT))
    if not effort.debt_help_pointed_at:
        yield Fault("own_effort.debt_help_pointed_at", "debt-help-not-pointed-at", refusal(DEBT_HELP))
    if effort.written_reminders <= 0:
        yield Fault("own_effort.written_reminders", "no-written-reminder", refusal(REMINDER))
    if effort.offer is ConsentOffer.NOT_OFFERED:
        yield Fault("own_effort.offer", "no-offer-made", refusal(OFFER))


def refusal(duty: str) -> str:
    """Return what is said of a duty that the creditor reports as unmet."""
    return f"says no: the law asks {duty} before a signal (Bgs art. 2)"


def of_type(value: Any, fields: tuple[tuple[str, type, bool], ...], at: str = "") -> Iterator[Fault]:
    """Yield a fault for each field of `value` with a wrong type or text that cannot be encoded."""
    for name, kind, optional in fields:
        held = getattr(value, name)
        # To Python a bool is an int, and a datetime a date; neither is meant here.
        right = type(held) is kind or (kind not in (int, date) and isinstance(held, kind))
        if not right and not (held is None and optional):
            yield Fault(f"{at}{name}", "wrong-type", f"must be {kind.__name__}, not {type(held).__name__}")
        elif kind is str and held and not encodable(held):
            yield Fault(
                f"{at}{name}", "not-unicode", "holds half a character; read its source in the right encoding"
            )


def needed(name: str, text: str) -> Iterator[Fault]:
    """Yield the faults of a required text."""
    if not text.strip():
        yield Fault(name, "empty", "must not be empty")
    if len(text) > LONGEST_TEXT:
        yield Fault(name, "too-long", f"at most {LONGEST_TEXT} characters")


def possible(name: str, day: int) -> Iterator[Fault]:
    """Yield a fault where nothing can have happened on `day`, counted from 1970 UTC."""
    if not EARLIEST_DAY <= day <= LATEST_DAY:
        yield Fault(name, "impossible-date", "must not be before 1990 or after 2099")


def encodable(text: str) -> bool:
    """Return whether `text` has a form in UTF-8: half a character has none."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _texts(signal: ArrearsSignal) -> Iterator[Fault]:
    yield from needed("signal_id", signal.signal_id)
    yield from needed("contract", signal.contract)
    for name, text in (("signal_id", signal.signal_id), ("contract", signal.contract)):
        if text.strip() and text != seen(text):  # empty was meant
            yield Fault(name, "text-unseen", "holds a character that nobody sees, or a space around it")


def _numbers(signal: ArrearsSignal) -> Iterator[Fault]:
    bill, effort = signal.monthly_bill_cents, signal.own_effort
    if not 0 <= signal.amount_cents <= LARGEST_AMOUNT_CENTS:
        message = "must be zero or more, and at most a hundred million euros"
        yield Fault("amount_cents", "impossible-amount", message)
    if bill is not None and not 0 < bill <= LARGEST_AMOUNT_CENTS:
        message = "must be above zero and at most a hundred million euros, or left out"
        yield Fault("monthly_bill_cents", "impossible-bill", message)
    if not 0 <= signal.version <= LARGEST_VERSION:
        yield Fault("version", "impossible-version", "must be zero or more, within 63 bits")
    if effort is not None and not 0 <= effort.written_reminders <= MOST_REMINDERS:
        yield Fault("own_effort.written_reminders", "impossible-effort", "must be zero to a thousand")


def _dates(signal: ArrearsSignal, now: datetime) -> Iterator[Fault]:
    if signal.reported_at.tzinfo is None:
        yield Fault("reported_at", "no-zone", "must say its time zone")
        return
    reported_on = (signal.reported_at - EPOCH_UTC).days
    since, crisis = signal.arrears_since, signal.crisis
    if signal.reported_at > now + AHEAD:
        message = "must not be more than a day ahead; is this machine's clock right?"
        yield Fault("reported_at", "reported-in-the-future", message)
    yield from possible("reported_at", reported_on)
    if since is not None and not EARLIEST_DAY <= (since - EPOCH).days <= reported_on + 1:
        yield Fault("arrears_since", "impossible-date", "must not be before 1990 or after reported_at")
    if crisis is None or crisis.on is None:
        return
    if not EARLIEST_DAY <= (crisis.on - EPOCH).days <= reported_on + LATEST_DAYS_AHEAD:
        yield Fault("crisis.on", "impossible-date", "must not be before 1990 or over ten years ahead")


def _resident(resident: Resident, test_numbers: bool) -> Iterator[Fault]:
    has_address = any((resident.postcode, resident.house_number, resident.addition))
    if resident.bsn is not None and has_address:
        yield Fault("resident", "resident-twice", "give a bsn or an address, not both")
    elif resident.bsn is not None and not is_taken(resident.bsn, test_numbers):
        said = "fails the eleven test" if is_nine_digits(resident.bsn) else "must be nine digits"
        yield Fault("resident.bsn", "impossible-bsn", said)
    elif resident.bsn is None and not has_address:
        yield Fault("resident", "resident-missing", "give a bsn, or postcode and house_number")
    elif has_address:
        yield from _address(resident)


def _address(resident: Resident) -> Iterator[Fault]:
    if not resident.postcode:
        yield Fault("resident.postcode", "impossible-postcode", "is missing")
    elif postcode_of(resident.postcode) is None:
        message = "must be four digits and two letters as PostNL gives out"
        yield Fault("resident.postcode", "impossible-postcode", message)
    number = number_of(resident.house_number)
    if not resident.house_number:
        yield Fault("resident.house_number", "impossible-house-number", "is missing")
    elif number is None:
        message = "must begin with a number from 1 to 99999, as it was typed: 12.0 or a date is none"
        yield Fault("resident.house_number", "impossible-house-number", message)
    if whole_addition_of(number[1] if number else "", resident.addition) is None:
        message = (
            f"must be letters and digits, {LONGEST_ADDITION} at most, with what stands behind the number, as "
            "they were typed: 12.0 or a date is none"
        )
        yield Fault("resident.addition", "impossible-addition", message)
