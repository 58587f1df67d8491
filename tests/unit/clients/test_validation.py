"""Each fault of a signal as a program is told it: field, code, what to do; and the last value without one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from eropaf_client.errors import InvalidSignal
from eropaf_client.records import ConsentOffer, Crisis, CrisisKind, OwnEffort, Resident, SignalKind
from eropaf_client.schemas.limits import LARGEST_AMOUNT_CENTS, LARGEST_VERSION
from eropaf_client.validation import faults, unmet, validate
from tests.builders import an_arrears_signal

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = NOW.date()
TEN_YEARS = timedelta(days=3653)


def living_at(postcode: str | None, number: str | None, addition: str | None = None) -> Resident:
    return Resident(postcode=postcode, house_number=number, addition=addition)


def a_crisis(on: Any = None, kind: Any = CrisisKind.EVICTION) -> Crisis:
    return Crisis(kind, on)


def an_effort(**changes: Any) -> OwnEffort:
    met = {"personal_contact": True, "debt_help_pointed_at": True, "written_reminders": 1}
    return OwnEffort(**{**met, "offer": ConsentOffer.AGREED, **changes})


FAULTY = [
    ("signal_id", "", "empty", "signal_id: must not be empty"),
    ("contract", " ", "empty", "contract: must not be empty"),
    ("signal_id", "x" * 201, "too-long", "signal_id: at most 200 characters"),
    ("contract", "x" * 201, "too-long", "contract: at most 200 characters"),
    ("signal_id", "S-1 ", "text-unseen",
     "signal_id: holds a character that nobody sees, or a space around it"),
    ("contract", "C\u200b1", "text-unseen",
     "contract: holds a character that nobody sees, or a space around it"),
    ("contract", "half \ud800", "not-unicode",
     "contract: holds half a character; read its source in the right encoding"),
    ("amount_cents", -1, "impossible-amount",
     "amount_cents: must be zero or more, and at most a hundred million euros"),
    ("amount_cents", 10_000_000_001, "impossible-amount",
     "amount_cents: must be zero or more, and at most a hundred million euros"),
    ("monthly_bill_cents", 0, "impossible-bill",
     "monthly_bill_cents: must be above zero and at most a hundred million euros, or left out"),
    ("monthly_bill_cents", 10_000_000_001, "impossible-bill",
     "monthly_bill_cents: must be above zero and at most a hundred million euros, or left out"),
    ("version", -1, "impossible-version", "version: must be zero or more, within 63 bits"),
    ("version", 2**63, "impossible-version", "version: must be zero or more, within 63 bits"),
    ("own_effort", an_effort(written_reminders=-1), "impossible-effort",
     "own_effort.written_reminders: must be zero to a thousand"),
    ("own_effort", an_effort(written_reminders=1001), "impossible-effort",
     "own_effort.written_reminders: must be zero to a thousand"),
    ("reported_at", datetime(2026, 3, 2), "no-zone", "reported_at: must say its time zone"),
    ("reported_at", NOW + timedelta(days=1, seconds=1), "reported-in-the-future",
     "reported_at: must not be more than a day ahead; is this machine's clock right?"),
    ("reported_at", datetime(1989, 12, 31, 23, 59, tzinfo=UTC), "impossible-date",
     "reported_at: must not be before 1990 or after 2099"),
    ("arrears_since", date(1989, 12, 31), "impossible-date",
     "arrears_since: must not be before 1990 or after reported_at"),
    ("arrears_since", TODAY + timedelta(days=2), "impossible-date",
     "arrears_since: must not be before 1990 or after reported_at"),
    ("crisis", a_crisis(date(1989, 12, 31)), "impossible-date",
     "crisis.on: must not be before 1990 or over ten years ahead"),
    ("crisis", a_crisis(TODAY + TEN_YEARS + timedelta(days=1)), "impossible-date",
     "crisis.on: must not be before 1990 or over ten years ahead"),
    ("resident", Resident(bsn="123456782", postcode="1011AB"), "resident-twice",
     "resident: give a bsn or an address, not both"),
    ("resident", Resident(bsn="123456782", house_number="7"), "resident-twice",
     "resident: give a bsn or an address, not both"),
    ("resident", Resident(bsn="123456782", addition="A"), "resident-twice",
     "resident: give a bsn or an address, not both"),
    ("resident", Resident(bsn="123456789"), "impossible-bsn", "resident.bsn: fails the eleven test"),
    ("resident", Resident(bsn="12345678"), "impossible-bsn", "resident.bsn: must be nine digits"),
    ("resident", Resident(), "resident-missing", "resident: give a bsn, or postcode and house_number"),
    ("resident", living_at(None, "7"), "impossible-postcode", "resident.postcode: is missing"),
    ("resident", living_at("1011SS", "7"), "impossible-postcode",
     "resident.postcode: must be four digits and two letters as PostNL gives out"),
    ("resident", living_at("1011AB", None), "impossible-house-number", "resident.house_number: is missing"),
    ("resident", living_at("1011AB", "12.0"), "impossible-house-number",
     "resident.house_number: must begin with a number from 1 to 99999, as it was typed: 12.0 or a date is "
     "none"),
    ("resident", living_at("1011AB", "7", "123456789"), "impossible-addition",
     "resident.addition: must be letters and digits, 8 at most, with what stands behind the number, as they "
     "were typed: 12.0 or a date is none"),
    ("resident", living_at("1011AB", "7é", None), "impossible-addition",
     "resident.addition: must be letters and digits, 8 at most, with what stands behind the number, as they "
     "were typed: 12.0 or a date is none"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "code", "told"), FAULTY)
def test_a_fault_is_told_by_field_and_code_and_with_what_to_do(
    field: str, value: Any, code: str, told: str
) -> None:
    (fault,) = faults(an_arrears_signal(**{field: value}), now=NOW)

    assert (fault.code, str(fault)) == (code, told)


def test_a_moment_that_no_calendar_knows_is_also_ahead() -> None:
    signal = an_arrears_signal(reported_at=datetime(2100, 1, 1, tzinfo=UTC))

    assert [each.code for each in faults(signal, now=NOW)] == ["reported-in-the-future", "impossible-date"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("signal_id", "x" * 200),
        ("amount_cents", 0),
        ("amount_cents", LARGEST_AMOUNT_CENTS),
        ("monthly_bill_cents", None),
        ("monthly_bill_cents", 1),
        ("monthly_bill_cents", LARGEST_AMOUNT_CENTS),
        ("version", 0),
        ("version", LARGEST_VERSION),
        ("own_effort", an_effort(written_reminders=0)),
        ("own_effort", an_effort(written_reminders=1000)),
        ("reported_at", datetime(1990, 1, 1, tzinfo=UTC)),
        ("reported_at", NOW + timedelta(days=1)),
        ("arrears_since", date(1990, 1, 1)),
        ("arrears_since", TODAY + timedelta(days=1)),  # midnight of another zone
        ("crisis", a_crisis(None)),
        ("crisis", a_crisis(date(1990, 1, 1))),
        ("crisis", a_crisis(TODAY + TEN_YEARS)),
        ("resident", Resident(bsn="123456782")),
        ("resident", living_at("1011 ab", "99999", "12345678")),
    ],
)
def test_the_last_possible_value_is_sent(field: str, value: Any) -> None:
    assert faults(an_arrears_signal(**{field: value}), now=NOW) == []


def test_the_last_day_of_the_calendar_is_possible_until_its_midnight() -> None:
    last = datetime(2099, 12, 31, 23, 59, tzinfo=UTC)

    assert faults(an_arrears_signal(reported_at=last), now=last) == []


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("signal_id", 7, "signal_id: must be str, not int"),
        ("contract", None, "contract: must be str, not NoneType"),
        ("kind", "REPORTED", "kind: must be SignalKind, not str"),
        ("partner_type", "RENT", "partner_type: must be PartnerType, not str"),
        ("amount_cents", 1.5, "amount_cents: must be int, not float"),
        ("amount_cents", True, "amount_cents: must be int, not bool"),
        ("reported_at", date(2026, 3, 2), "reported_at: must be datetime, not date"),
        ("version", "1", "version: must be int, not str"),
        ("resident", "1011AB 7", "resident: must be Resident, not str"),
        ("monthly_bill_cents", 1.0, "monthly_bill_cents: must be int, not float"),
        ("arrears_since", NOW, "arrears_since: must be date, not datetime"),
        ("own_effort", {}, "own_effort: must be OwnEffort, not dict"),
        ("crisis", "EVICTION", "crisis: must be Crisis, not str"),
        ("handover_wish", "no", "handover_wish: must be bool, not str"),
        ("resident", Resident(bsn=123456782), "resident.bsn: must be str, not int"),  # type: ignore[arg-type]
        ("resident", living_at("1011AB", 7), "resident.house_number: must be str, not int"),  # type: ignore[arg-type]
        ("resident", living_at("half \ud800", "7"),
         "resident.postcode: holds half a character; read its source in the right encoding"),
        ("crisis", a_crisis(kind="EVICTION"), "crisis.kind: must be CrisisKind, not str"),
        ("crisis", a_crisis(on="2026-03-02"), "crisis.on: must be date, not str"),
        ("own_effort", an_effort(personal_contact=1), "own_effort.personal_contact: must be bool, not int"),
        ("own_effort", an_effort(debt_help_pointed_at=None),
         "own_effort.debt_help_pointed_at: must be bool, not NoneType"),
        ("own_effort", an_effort(written_reminders=True),
         "own_effort.written_reminders: must be int, not bool"),
        ("own_effort", an_effort(offer="AGREED"), "own_effort.offer: must be ConsentOffer, not str"),
    ],
)  # fmt: skip
def test_a_value_of_a_wrong_type_is_named_by_both_types(field: str, value: Any, told: str) -> None:
    assert [*map(str, faults(an_arrears_signal(**{field: value})))] == [told]


@pytest.mark.parametrize(
    ("reported", "code", "told"),
    [
        ({"personal_contact": False}, "no-personal-contact",
         "own_effort.personal_contact: says no: the law asks an effort to reach the resident in person "
         "before a signal (Bgs art. 2)"),
        ({"debt_help_pointed_at": False}, "debt-help-not-pointed-at",
         "own_effort.debt_help_pointed_at: says no: the law asks that the resident is pointed at debt help "
         "before a signal (Bgs art. 2)"),
        ({"written_reminders": 0}, "no-written-reminder",
         "own_effort.written_reminders: says no: the law asks a written reminder before a signal "
         "(Bgs art. 2)"),
        ({"offer": ConsentOffer.NOT_OFFERED}, "no-offer-made",
         "own_effort.offer: says no: the law asks an offer to pass on the resident's contact data before a "
         "signal (Bgs art. 2)"),
    ],
)  # fmt: skip
def test_a_duty_that_the_creditor_reports_as_unmet_is_told_with_the_law(
    reported: dict[str, Any], code: str, told: str
) -> None:
    asking = [SignalKind.REPORTED, SignalKind.CHANGED, SignalKind.PLAN_BROKEN]
    for kind in SignalKind:
        found = [*unmet(an_arrears_signal(kind=kind, own_effort=an_effort(**reported)))]

        assert [(each.code, str(each)) for each in found] == ([(code, told)] if kind in asking else [])


def test_duties_of_which_nothing_is_said_or_that_are_met_are_no_fault() -> None:
    for effort in (None, an_effort(), an_effort(offer=ConsentOffer.REFUSED)):
        assert [*unmet(an_arrears_signal(own_effort=effort))] == []


def test_a_signal_is_refused_with_all_its_faults_and_by_the_first() -> None:
    with pytest.raises(InvalidSignal) as refused:
        validate(an_arrears_signal(version=-1, amount_cents=-1))

    assert (refused.value.field, refused.value.code) == ("amount_cents", "impossible-amount")
    assert [each.field for each in refused.value.faults] == ["amount_cents", "version"]


def test_numbers_of_examples_are_taken_where_asked_and_refused_otherwise() -> None:
    signal = an_arrears_signal(resident=Resident(bsn="123456789"))

    validate(signal, test_numbers=True)
    with pytest.raises(InvalidSignal):
        validate(signal)


def test_without_a_moment_it_is_judged_by_the_clock() -> None:
    # In a zone ahead of UTC: a clock without one could not be compared.
    now = datetime.now(timezone(timedelta(hours=9)))

    assert faults(an_arrears_signal(reported_at=now + timedelta(hours=23))) == []
    assert [each.code for each in faults(an_arrears_signal(reported_at=now + timedelta(hours=25)))] == [
        "reported-in-the-future"
    ]
