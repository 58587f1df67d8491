"""The client and intake refuse the same signals: by one table, and by this test."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eropaf.risk.address import normalise
from eropaf.risk.bsn import ANY, BsnRules
from eropaf.risk.intake import take_in
from eropaf.risk.lawful import effort_missing
from eropaf.risk.records import Address, Signal
from eropaf.risk.refusal import Refused
from eropaf_client.files.cells import cleaned
from eropaf_client.files.ddas_contracts import Contracts
from eropaf_client.files.ddas_model import Model
from eropaf_client.files.fields import NotThis, Reader
from eropaf_client.records import (
    ArrearsSignal,
    ConsentOffer,
    Crisis,
    CrisisKind,
    OwnEffort,
    Resident,
    SignalKind,
)
from eropaf_client.schemas.limits import (
    EARLIEST_DAY,
    LARGEST_AMOUNT_CENTS,
    LARGEST_VERSION,
    LATEST_DAYS_AHEAD,
    LONGEST_TEXT,
)
from eropaf_client.validation import faults, unmet
from tests.builders import SECRET, an_arrears_signal

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
RECEIVED_MS = int(NOW.timestamp() * 1000)
EARLIEST = date(1970, 1, 1) + timedelta(EARLIEST_DAY)

# What is written in many ways, and what is nearly right.
ODD = st.text(st.sampled_from("0123456789AaBbSsDhz ²٣½-./, \tßİ"), max_size=40)
# What programs make of a text, and what nobody sees.
LOOKS = st.sampled_from(
    ["12.0", "2,00", "1E+03", "1.5E3", "1E3", "2-mrt", "mrt-12", "3-2-2026", "2026-02-03", "12-1-3", "3 mar",
     "NULL", "nan", "\\N", "12\u20133", "12\u200b", "\ufeff12", "12\x7f", "1\ufe0f2", "\u3164"]
)  # fmt: skip
POSTCODES = st.sampled_from(["1011AB", "1011 ab", "0011 AB", "1011SS", "1o11AB", "¹011AB", ""]) | ODD
NUMBERS = st.sampled_from(["7", "0012", "zeven", "12-3", "123456", "7²", "0", "²", ""]) | ODD | LOOKS
ADDITIONS = st.none() | st.sampled_from(["hs", "HS-2", "123456789", "é", "", " "]) | ODD | LOOKS
BSNS = st.none() | st.sampled_from(["999990019", "99999001", "99999001²", "٩٩٩٩٩٠٠١٩", "", "9" * 10])
DATES = st.none() | st.dates(EARLIEST - timedelta(3), NOW.date() + timedelta(3))
UNSEEN = [
    "S-1\u200b",
    "S-1\x7f",
    "S\x01-1",
    "S-1\ufe0f",
    "S-1\u3164",
    " S-1",
    "S\u00a01",
    "Zoe\u0308",
]
TEXTS = st.sampled_from(
    ["S-1", "", " ", "Zoë 1", "x" * LONGEST_TEXT, "x" * (LONGEST_TEXT + 1), *UNSEEN, "\u200b"]
)
residents = st.builds(Resident, BSNS, st.none() | POSTCODES, st.none() | NUMBERS, ADDITIONS)
crises = st.none() | st.builds(
    Crisis,
    st.sampled_from(CrisisKind),
    DATES | st.sampled_from([NOW.date() + timedelta(LATEST_DAYS_AHEAD + each) for each in (0, 1)]),
)
efforts = st.none() | st.builds(
    OwnEffort,
    st.booleans(),
    st.booleans(),
    st.sampled_from([-1, 0, 1000, 1001]),
    st.sampled_from(ConsentOffer),
)
MOMENTS = st.sampled_from(
    [
        *(NOW, datetime(1990, 1, 1, tzinfo=UTC), datetime(1989, 12, 31, tzinfo=UTC)),
        *(
            NOW + timedelta(days=1),
            NOW + timedelta(days=1, milliseconds=1),
            *(datetime(2062, 11, 28, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)),
        ),
    ]
)
signals = st.builds(
    an_arrears_signal,
    signal_id=TEXTS,
    contract=TEXTS,
    amount_cents=st.sampled_from([-1, 0, LARGEST_AMOUNT_CENTS, LARGEST_AMOUNT_CENTS + 1]),
    monthly_bill_cents=st.sampled_from([None, -1, 0, 1, LARGEST_AMOUNT_CENTS, LARGEST_AMOUNT_CENTS + 1]),
    version=st.sampled_from([-1, 0, LARGEST_VERSION]),
    reported_at=MOMENTS,
    arrears_since=DATES,
    crisis=crises,
    own_effort=efforts,
    resident=residents,
)
# All but one or two things are right, so that each rule decides alone.
nearly_right = st.one_of(
    st.builds(an_arrears_signal, resident=residents),
    st.builds(an_arrears_signal, crisis=crises, arrears_since=DATES),
    st.builds(an_arrears_signal, own_effort=efforts, kind=st.sampled_from(SignalKind)),
    st.builds(an_arrears_signal, reported_at=MOMENTS),
    st.builds(an_arrears_signal, signal_id=TEXTS),
    st.builds(an_arrears_signal, contract=TEXTS),
    signals,
)


def refused_by_intake(signal: ArrearsSignal, numbers: BsnRules = ANY) -> bool:
    """Return whether intake cannot use it; what the law forbids is another matter."""
    record = signal.to_record()
    if effort_missing(Signal.from_record(record, "rent")) is not None:
        record["own_effort"] = None if signal.own_effort is None else {**_met(record["own_effort"])}
    try:
        take_in(
            record, creditor="rent", event_id="e", received_at=RECEIVED_MS, secret=SECRET, numbers=numbers
        )
    except Refused:
        return True
    return False


def _met(effort: dict[str, Any]) -> dict[str, Any]:
    reminders = effort["written_reminders"]
    met = {"personal_contact": True, "debt_help_pointed_at": True, "offer": "AGREED"}
    return {**effort, **met, "written_reminders": 1 if reminders == 0 else reminders}


@given(st.builds(an_arrears_signal, own_effort=efforts, kind=st.sampled_from(SignalKind)))
def test_a_file_is_refused_for_the_duties_for_which_intake_refuses_a_signal(signal: ArrearsSignal) -> None:
    duty = effort_missing(Signal.from_record(signal.to_record(), "rent"))

    assert next((fault.code for fault in unmet(signal)), None) == (None if duty is None else duty.reason)


@given(nearly_right)
@example(an_arrears_signal(reported_at=datetime(2100, 1, 1, tzinfo=UTC)))
@example(an_arrears_signal(resident=Resident(bsn="99999001²")))
@example(an_arrears_signal(resident=Resident(postcode="0011 AB", house_number="7")))
@example(an_arrears_signal(resident=Resident(postcode="1011 AB", house_number="zeven")))
def test_the_client_refuses_what_intake_cannot_use_and_nothing_else(signal: ArrearsSignal) -> None:
    found = faults(signal, test_numbers=True, now=NOW)

    assert bool(found) == refused_by_intake(signal), list(map(str, found))


@given(st.one_of(BSNS.filter(lambda text: text is not None), ODD))
@example("99999001²")
@example("٩٩٩٩٩٠٠١٩")
@example("999990019\n")
@example("123456789")
@example("000000000")
def test_a_bsn_is_the_same_to_every_reader_of_files_to_the_client_and_to_intake(text: str) -> None:
    signal = an_arrears_signal(resident=Resident(bsn=text))

    for trial in (True, False):
        taken = {
            "client": not faults(signal, trial),
            "intake": not refused_by_intake(signal, BsnRules(ANY.kinds, trial)),
            "table": _reads_as_bsn(text, trial),
            "national model": Model(trial)._client("client", {"burgerservicenummer": text}),
        }

        assert len(set(taken.values())) == 1, (trial, taken)


def _reads_as_bsn(text: str, trial: bool) -> bool:
    try:
        return Reader(test_numbers=trial).bsn(text) == text
    except NotThis:
        return False


@given(residents.filter(lambda each: each.bsn is None), residents.filter(lambda each: each.bsn is None))
@example(Resident(None, "1011 ab", "012", "hs"), Resident(None, "1011AB", "12-huis", None))
@example(Resident(None, "1011AB", "12-3", None), Resident(None, "1011AB", "123", None))
def test_two_addresses_are_one_in_a_file_where_they_are_one_household_to_intake(
    one: Resident, other: Resident
) -> None:
    if any(faults(an_arrears_signal(resident=each)) for each in (one, other)):
        return

    same = _normalised(one) == _normalised(other)

    assert (_contract(one) == _contract(other)) == same


@given(residents.filter(lambda each: each.bsn is None))
@example(Resident(None, "1011AB", "12.0", None))
@example(Resident(None, "1011AB", "12", "12.0"))
@example(Resident(None, "1011AB", "12", "NULL"))
@example(Resident(None, "1011AB", "2-mrt", None))
@example(Resident(None, "1011AB", "12\u20133", None))
@example(Resident(None, "1011\u200bAB", "12", None))
def test_a_table_the_client_and_intake_read_the_same_address_or_none(resident: Resident) -> None:
    ways = {
        "intake": _at_intake(resident),
        "client": None if faults(an_arrears_signal(resident=resident)) else _at_intake(resident),
        "table": _in_a_table(resident),
    }

    assert len(set(ways.values())) == 1, ways


def _at_intake(resident: Resident) -> Address | None:
    try:
        return _normalised(resident)
    except Refused:
        return None


def _in_a_table(resident: Resident) -> Address | None:
    columns, found = Reader().columns, {}
    for name in ("postcode", "house_number", "addition"):
        said = cleaned(getattr(resident, name) or "", Counter())
        try:
            found[name] = columns[name](said) if said else None
        except NotThis:
            return None
    read = Resident(None, **found)
    return None if faults(an_arrears_signal(resident=read)) else _at_intake(read)


@pytest.mark.parametrize(
    ("number", "meant"),
    [
        ("12-3", Address("1011AB", 12, "3")),
        ("12 E3", Address("1011AB", 12, "E3")),
        ("1E3", Address("1011AB", 1, "E3")),
        ("12-1-3", Address("1011AB", 12, "13")),
        ("12.5", Address("1011AB", 12, "5")),
        ("3 decor", Address("1011AB", 3, "DECOR")),
        ("7 NAN", Address("1011AB", 7, "NAN")),
    ],
)
def test_an_address_that_was_typed_is_the_household_that_it_was(number: str, meant: Address) -> None:
    assert _at_intake(Resident(None, "1011AB", number)) == meant


@pytest.mark.parametrize("text", UNSEEN)
def test_ids_that_look_alike_are_one_in_files_and_refused_of_programs(text: str) -> None:
    for name in ("signal_id", "contract"):
        signal = an_arrears_signal(**{name: text})
        assert [each.code for each in faults(signal)] == ["text-unseen"]
        assert refused_by_intake(signal)
        paid = replace(signal, kind=SignalKind.PAID, amount_cents=0)
        assert not refused_by_intake(paid), "arrears of before may stand under it"
    assert cleaned(text, Counter()) in ("S-1", "S 1", "Zoë")


def _normalised(resident: Resident) -> Address:
    return normalise(resident.postcode, resident.house_number, resident.addition)


def _contract(resident: Resident) -> str:
    named = {
        "postcode": resident.postcode,
        "huisnummer": resident.house_number,
        "huisnummertoevoeging": resident.addition,
    }
    client = {name: text for name, text in named.items() if text is not None}
    return Contracts(None).of("V-1", {"client": client, "signaalpartner": {"type": "Energie"}}, NOW)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("handover_wish", "no"),
        ("amount_cents", 1.5),
        ("amount_cents", True),
        ("version", "1"),
        ("kind", "REPORTED"),
        ("reported_at", date(2026, 3, 2)),
        ("arrears_since", NOW),
        ("signal_id", 7),
        ("contract", "half \ud800"),
        ("resident", "1011AB 7"),
        ("monthly_bill_cents", 1.0),
    ],
)
def test_a_value_of_the_wrong_type_is_named_and_never_made_into_another(field: str, value: Any) -> None:
    (fault,) = faults(an_arrears_signal(**{field: value}))

    assert fault.field == field
    assert fault.code in ("wrong-type", "not-unicode")


def test_every_fault_is_told_not_the_first_alone() -> None:
    signal = an_arrears_signal(amount_cents=-1, version=-1, resident=Resident(postcode="1", house_number="x"))

    assert [each.field for each in faults(signal)] == [
        "amount_cents", "version", "resident.postcode", "resident.house_number",
    ]  # fmt: skip
