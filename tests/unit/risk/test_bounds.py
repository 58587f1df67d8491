"""What a creditor may say at most: each field, its last value that is taken and the first that is not.

Source: `eropaf_client/schemas/limits.py`, which the client and intake share; for what the law asks,
`test_lawful.py`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from eropaf.risk.bsn import BY_LAW
from eropaf.risk.calendar import EPOCH
from eropaf.risk.intake import answer_to, take_in
from eropaf.risk.records import DAY_MS
from eropaf.risk.refusal import Reason, Refused
from tests.builders import NOON, SECRET, an_arrears_signal

TODAY = NOON // DAY_MS
FIRST = (date(1990, 1, 1) - EPOCH).days
BEYOND_MS = (date(2100, 1, 1) - EPOCH).days * DAY_MS
NOBODY = {"bsn": None, "postcode": None, "house_number": None, "addition": None}
DONE = {"personal_contact": True, "debt_help_pointed_at": True, "written_reminders": 1, "offer": "NO_ANSWER"}


def effort(**changes: Any) -> dict[str, Any]:
    return {"own_effort": DONE | changes}


def eviction(on: int | None) -> dict[str, Any]:
    return {"crisis": {"kind": "EVICTION", "on": on}}


def since(day: int) -> dict[str, Any]:
    return {"arrears_since": day}


def at(ms: int) -> dict[str, Any]:
    return {"reported_at": ms}


OF_AMOUNT = "amount_cents is negative, or over a hundred million euros"
OF_BILL = "monthly_bill_cents is not above zero, or over a hundred million euros; leave it out if unknown"
OF_EFFORT = "own_effort.written_reminders is below 0 or over 1000"
OF_SINCE = "arrears_since is before 1990 or after reported_at"
OF_CRISIS = "crisis.on is before 1990 or over ten years ahead"
OF_FUTURE = "reported_at is more than a day after it was received"
OF_REPORT = "reported_at is before 1990 or after 2099"
OF_LENGTH = "signal_id or contract is longer than 200 characters"

# The last that is taken, the first that is not, its reason, and what is said of it.
BOUNDS: list[tuple[dict[str, Any], dict[str, Any], Reason, str]] = [
    ({"signal_id": "s"}, {"signal_id": " "}, Reason.SIGNAL_ID_MISSING, "signal_id is empty"),
    ({"contract": "c"}, {"contract": ""}, Reason.CONTRACT_MISSING, "contract is empty"),
    ({"signal_id": "s" * 200}, {"signal_id": "s" * 201}, Reason.TEXT_TOO_LONG, OF_LENGTH),
    ({"contract": "c" * 200}, {"contract": "c" * 201}, Reason.TEXT_TOO_LONG, OF_LENGTH),
    ({"kind": "REPORTED"}, {"kind": "UNKNOWN"}, Reason.UNKNOWN_KIND,
     "kind is unknown to this version; upgrade, then replay"),
    ({"amount_cents": 0}, {"amount_cents": -1}, Reason.IMPOSSIBLE_AMOUNT, OF_AMOUNT),
    ({"amount_cents": 10**10}, {"amount_cents": 10**10 + 1}, Reason.IMPOSSIBLE_AMOUNT, OF_AMOUNT),
    ({"monthly_bill_cents": 1}, {"monthly_bill_cents": 0}, Reason.IMPOSSIBLE_BILL, OF_BILL),
    ({"monthly_bill_cents": 10**10}, {"monthly_bill_cents": 10**10 + 1}, Reason.IMPOSSIBLE_BILL, OF_BILL),
    ({"monthly_bill_cents": None}, {"monthly_bill_cents": -1}, Reason.IMPOSSIBLE_BILL, OF_BILL),
    ({"version": 0}, {"version": -1}, Reason.IMPOSSIBLE_VERSION, "version is negative"),
    (effort(written_reminders=1000), effort(written_reminders=1001), Reason.IMPOSSIBLE_EFFORT, OF_EFFORT),
    (effort(written_reminders=1), effort(written_reminders=-1), Reason.IMPOSSIBLE_EFFORT, OF_EFFORT),
    (at(NOON + DAY_MS), at(NOON + DAY_MS + 1), Reason.REPORTED_IN_THE_FUTURE, OF_FUTURE),
    (at(FIRST * DAY_MS), at(FIRST * DAY_MS - 1), Reason.IMPOSSIBLE_DATE, OF_REPORT),
    (since(TODAY + 1), since(TODAY + 2), Reason.IMPOSSIBLE_DATE, OF_SINCE),
    (since(FIRST), since(FIRST - 1), Reason.IMPOSSIBLE_DATE, OF_SINCE),
    (eviction(TODAY + 3653), eviction(TODAY + 3654), Reason.IMPOSSIBLE_DATE, OF_CRISIS),
    (eviction(FIRST), eviction(FIRST - 1), Reason.IMPOSSIBLE_DATE, OF_CRISIS),
    (eviction(None), eviction(0), Reason.IMPOSSIBLE_DATE, OF_CRISIS),
]  # fmt: skip


def take(**changes: Any) -> None:
    record = an_arrears_signal().to_record() | changes
    take_in(record, creditor="rent", event_id="e", received_at=NOON, secret=SECRET)


@pytest.mark.parametrize(("last", "first", "reason", "said"), BOUNDS)
def test_each_field_has_its_bound(
    last: dict[str, Any], first: dict[str, Any], reason: Reason, said: str
) -> None:
    take(**last)
    with pytest.raises(Refused) as refused:
        take(**first)

    assert (refused.value.reason, str(refused.value)) == (reason, said)


def test_no_signal_is_of_after_2099_whenever_it_is_said_to_have_been_received() -> None:
    def take_at(ms: int) -> None:
        record = an_arrears_signal().to_record() | at(ms)
        take_in(record, creditor="rent", event_id="e", received_at=10**15, secret=SECRET)

    take_at(BEYOND_MS - 1)
    with pytest.raises(Refused, match=OF_REPORT) as refused:
        take_at(BEYOND_MS)

    assert refused.value.reason is Reason.IMPOSSIBLE_DATE


# Of whom a signal is: what is wrong, and what is said of it.
RESIDENTS: list[tuple[dict[str, Any], Reason, str]] = [
    (NOBODY, Reason.RESIDENT_MISSING, "resident has neither a bsn nor an address; give one of the two"),
    (NOBODY | {"bsn": "1", "addition": "A"}, Reason.RESIDENT_TWICE,
     "resident has a bsn and an address; give one of the two"),
    (NOBODY | {"bsn": "111222333"}, Reason.BSN_WITHOUT_GROUND,
     "resident.bsn: a creditor of this kind may not send one (Uitvoeringswet AVG art. 46); send the "
     "address instead"),
    (NOBODY | {"house_number": "1"}, Reason.IMPOSSIBLE_POSTCODE,
     "resident.postcode is not four digits and two letters as issued by PostNL"),
    (NOBODY | {"postcode": "1011AB"}, Reason.IMPOSSIBLE_HOUSE_NUMBER,
     "resident.house_number does not begin with a number from 1 to 99999 as typed"),
    (NOBODY | {"postcode": "1011AB", "house_number": "1", "addition": "ABCDEFGHI"},
     Reason.IMPOSSIBLE_ADDITION,
     "resident.addition is longer than 8, holds characters other than letters and digits, or is not as "
     "typed"),
]  # fmt: skip


@pytest.mark.parametrize(("resident", "reason", "said"), RESIDENTS)
def test_whom_a_signal_is_about_is_said_once_and_can_be(
    resident: dict[str, Any], reason: Reason, said: str
) -> None:
    with pytest.raises(Refused) as refused:
        take(resident=resident)

    assert (refused.value.reason, str(refused.value)) == (reason, said)


@pytest.mark.parametrize(
    ("bsn", "said"),
    [("1", "resident.bsn is not nine digits"), ("123456789", "resident.bsn fails the eleven test")],
)
def test_a_bsn_that_is_none_is_told_by_what_is_wrong(bsn: str, said: str) -> None:
    record = an_arrears_signal().to_record() | {"partner_type": "HEALTH", "resident": NOBODY | {"bsn": bsn}}

    with pytest.raises(Refused) as refused:
        take_in(record, creditor="c", event_id="e", received_at=NOON, secret=SECRET, numbers=BY_LAW)

    assert (refused.value.reason, str(refused.value)) == (Reason.IMPOSSIBLE_BSN, said)


def test_an_effort_that_was_not_made_is_told_with_where_the_duty_stands() -> None:
    with pytest.raises(Refused) as refused:
        take(**effort(written_reminders=0))

    assert refused.value.reason is Reason.NO_WRITTEN_REMINDER
    assert str(refused.value) == (
        "own_effort reports a duty that was not met: Besluit gemeentelijke schuldhulpverlening art. 2 "
        "(Stb. 2020, 240) under c"
    )


# Reasons for which nobody is answered: the signal cannot be named, or the fault is not the creditor's.
SILENT = {Reason.SIGNAL_ID_MISSING, Reason.CONTRACT_MISSING, Reason.TEXT_TOO_LONG, Reason.UNKNOWN_KIND}


@pytest.mark.parametrize("reason", list(Reason))
def test_a_refusal_is_answered_where_the_signal_can_be_named(reason: Reason) -> None:
    answer = answer_to({"contract": "c-1", "signal_id": "s-1"}, "rent", reason)

    if reason in SILENT:
        assert answer is None
        return
    assert answer is not None
    assert (answer.creditor, answer.contract, answer.signal_id) == ("rent", "c-1", "s-1")
    assert (answer.status, answer.reason) == ("NOT_PICKED_UP_UNJUSTIFIED", reason)
