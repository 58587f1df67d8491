"""What a signal must be before it is sent; intake holds the same rules, and more."""

from __future__ import annotations

from eropaf_client.errors import InvalidSignal
from eropaf_client.records import ArrearsSignal

LONGEST_TEXT = 200
LARGEST_AMOUNT_CENTS = 10_000_000_000
MOST_REMINDERS = 1000
LARGEST_VERSION = 2**63 - 1


def validate(signal: ArrearsSignal) -> None:
    """Check `signal`.

    Raises:
        InvalidSignal: the message names the field, and what it must hold.
    """
    for fault in faults(signal):
        raise InvalidSignal(fault)


def faults(signal: ArrearsSignal) -> list[str]:
    """Give everything that is wrong with `signal`, each naming its field."""
    resident = signal.resident
    has_address = any((resident.postcode, resident.house_number, resident.addition))
    bill = signal.monthly_bill_cents
    rules = [
        (not signal.signal_id.strip(), "signal_id: must not be empty"),
        (len(signal.signal_id) > LONGEST_TEXT, f"signal_id: at most {LONGEST_TEXT} characters"),
        (not signal.contract.strip(), "contract: must not be empty"),
        (len(signal.contract) > LONGEST_TEXT, f"contract: at most {LONGEST_TEXT} characters"),
        (
            not 0 <= signal.amount_cents <= LARGEST_AMOUNT_CENTS,
            "amount_cents: must be zero or more, and at most a hundred million euros",
        ),
        (
            bill is not None and not 0 < bill <= LARGEST_AMOUNT_CENTS,
            "monthly_bill_cents: must be above zero and at most a hundred million euros, or left out",
        ),
        (not 0 <= signal.version <= LARGEST_VERSION, "version: must be zero or more, within 63 bits"),
        (
            signal.own_effort is not None and not 0 <= signal.own_effort.written_reminders <= MOST_REMINDERS,
            "own_effort.written_reminders: must be zero to a thousand",
        ),
        (signal.reported_at.tzinfo is None, "reported_at: must say its time zone"),
        (resident.bsn is not None and has_address, "resident: give a bsn or an address, not both"),
        (resident.bsn is None and not has_address, "resident: give a bsn, or postcode and house_number"),
        (has_address and not resident.postcode, "resident.postcode: is missing"),
        (has_address and not resident.house_number, "resident.house_number: is missing"),
        (
            resident.bsn is not None and not (len(resident.bsn) == 9 and resident.bsn.isdigit()),
            "resident.bsn: must be nine digits",
        ),
    ]
    return [message for broken, message in rules if broken]
