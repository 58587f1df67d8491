"""Whose signals may carry a BSN, which numbers are taken, and how long an unknown one waits."""

from __future__ import annotations

from typing import Any

import pytest

from eropaf.risk.bsn import ANY, BY_LAW, GROUNDS, BsnRules
from eropaf.risk.events import ResidencyTick, Tick
from eropaf.risk.feedback import Answer
from eropaf.risk.intake import ForResident, answer_to, take_in
from eropaf.risk.policy import PARTNER_TYPES, Policy
from eropaf.risk.records import DAY_MS, UnresolvedSignal
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.residency import Entry, let_go, register, resolve
from eropaf.risk.rows import ResidentRow
from tests.builders import AMSTERDAM_EXAMPLE, HOME, MARCH_2, NOON, SECRET, a_signal, an_arrears_signal
from tests.builders import amsterdam_example as shipped

# Passes the eleven test, and fails it, as numbers of examples do.
REAL, OF_AN_EXAMPLE = "111222333", "123456789"

UAVG = "GDPR art. 87; Uitvoeringswet AVG art. 46: only where a law says so"
WABB = "Wet algemene bepalingen burgerservicenummer art. 10: public bodies, for their public task"
AP = "the AP's page on the BSN: health insurers have a legal basis"
KST = "Kamerstuk 36379, nr. 3: a ground for housing corporations is proposed for tests of income alone"
# kind of creditor, whether a BSN of it is taken, source
WHOSE: list[tuple[str, bool, str]] = [
    ("RENT",              False, f"{UAVG}; {KST}"),
    ("HEALTH",            True,  AP),
    ("ENERGY",            False, UAVG),
    ("WATER",             False, UAVG),
    ("MORTGAGE",          False, UAVG),
    ("INCOME_TAX",        True,  WABB),
    ("BENEFITS_RECLAIM",  True,  WABB),
    ("STUDENT_DEBT",      True,  WABB),
    ("CARE_CONTRIBUTION", True,  WABB),
    ("HEALTH_DEFAULTERS", True,  WABB),
    ("MUNICIPAL_TAX",     True,  WABB),
    ("OTHER",             False, UAVG),
]  # fmt: skip

# number, taken in a trial, taken otherwise, why
WHICH: list[tuple[str, bool, bool, str]] = [
    ("111222333",  True,  True,  "passes the eleven test: 9+8+7 + 12+10+8 + 9+6-3 = 66"),
    ("123456782",  True,  True,  "passes: 9+16+21+24+25+24+21+16-2 = 154"),
    ("123456789",  True,  False, "fails: 147"),
    ("111111111",  True,  False, "fails: 43; stands in the national model's own example"),
    ("000000000",  True,  False, "is nobody's, though zero is a multiple of eleven"),
    ("010000008",  True,  True,  "begins with a zero: 8-8 = 0"),
    ("11122233",   False, False, "eight digits"),
    ("1112223330", False, False, "ten digits"),
    ("",           False, False, "none"),
    ("１１１２２２３３３", False, False, "digits, but not of ASCII"),
]  # fmt: skip


def taken(partner_type: str, bsn: str, numbers: BsnRules, **changes: Any) -> ForResident:
    nowhere = {"postcode": None, "house_number": None, "addition": None}
    record = an_arrears_signal().to_record() | {
        "partner_type": partner_type,
        "resident": {"bsn": bsn, **nowhere},
    }
    result = take_in(
        record | changes, creditor="some", event_id="e", received_at=NOON, secret=SECRET, numbers=numbers
    )
    assert isinstance(result, ForResident)
    return result


@pytest.mark.parametrize(("kind", "may", "source"), WHOSE)
def test_a_bsn_is_taken_from_those_alone_who_have_a_ground(kind: str, may: bool, source: str) -> None:
    if may:
        assert taken(kind, REAL, BY_LAW).signal.signal.partner_type == kind
        return
    with pytest.raises(Refused) as refused:
        taken(kind, REAL, BY_LAW)

    assert refused.value.reason is Reason.BSN_WITHOUT_GROUND
    assert REAL not in str(refused.value)


def test_the_table_is_of_every_kind_and_each_ground_names_its_source() -> None:
    assert [kind for kind, _, _ in WHOSE] == list(PARTNER_TYPES)
    assert {kind for kind, may, _ in WHOSE if may} == GROUNDS.keys()
    assert all("art. 10" in source or "AP" in source for source in GROUNDS.values())


@pytest.mark.parametrize("says", ["PAID", "WITHDRAWN", "PLAN_AGREED", "REPORTED"])
def test_without_a_ground_not_even_good_news_is_taken_on_a_bsn(says: str) -> None:
    with pytest.raises(Refused) as refused:
        taken("RENT", REAL, BY_LAW, **{"kind": says})

    assert refused.value.reason is Reason.BSN_WITHOUT_GROUND


def test_without_a_ground_the_number_itself_is_not_looked_at() -> None:
    with pytest.raises(Refused) as refused:
        taken("RENT", "1", BY_LAW)

    assert refused.value.reason is Reason.BSN_WITHOUT_GROUND


def test_the_creditor_hears_why_so_that_it_can_give_the_address() -> None:
    record = an_arrears_signal().to_record()

    assert answer_to(record, "rent", Reason.BSN_WITHOUT_GROUND) == Answer(
        "rent", "contract-1", "signal-1", "NOT_PICKED_UP_UNJUSTIFIED", Reason.BSN_WITHOUT_GROUND
    )


@pytest.mark.parametrize(("bsn", "in_a_trial", "otherwise", "why"), WHICH)
def test_a_test_number_is_taken_in_a_trial_alone(
    bsn: str, in_a_trial: bool, otherwise: bool, why: str
) -> None:
    for numbers, may in ((BsnRules(BY_LAW.kinds, test_numbers=True), in_a_trial), (BY_LAW, otherwise)):
        if may:
            assert taken("HEALTH", bsn, numbers)
            continue
        with pytest.raises(Refused) as refused:
            taken("HEALTH", bsn, numbers)
        assert refused.value.reason is Reason.IMPOSSIBLE_BSN, why


def test_the_municipalitys_own_file_may_hold_any() -> None:
    assert all(taken(kind, OF_AN_EXAMPLE, ANY) for kind in PARTNER_TYPES)


# Under the shipped policy a signal waits 30 days (`retention.unknown_days`; to be chosen by the municipality:
# the law names no period, months and not years: Handreiking Wgs, AP).
# stored on (days after 2 March), on the day (after it), goes
WAITS: list[tuple[int, int, bool]] = [
    (0, 0, False),
    (0, 29, False),
    (0, 30, False),
    (0, 31, True),
    (5, 31, False),
    (5, 36, True),
]


def waiting(*stored: int, kind: str = "REPORTED") -> ResidentRow:
    row = None
    for number, day in enumerate(stored):
        said = a_signal(creditor="health", contract=f"c-{number}", signal_id=f"s-{number}", kind=kind)
        unresolved = UnresolvedSignal("resident", f"arrears.health-0-{number}", said)
        row, _ = resolve(row, unresolved, NOON + day * DAY_MS, SECRET)
    assert row is not None
    return row


def after(row: ResidentRow, days: int, policy: Policy | None = None) -> Any:
    holds, today = policy or shipped(), MARCH_2 + days
    return let_go(
        row, ResidencyTick(Tick(today, 0, 1), holds.waits_since(today), holds.knows_contracts_since(today))
    )


@pytest.mark.parametrize(("stored", "days", "goes"), WAITS)
def test_what_nobody_knows_waits_no_longer_than_the_policy_says(stored: int, days: int, goes: bool) -> None:
    row = waiting(stored)

    left = after(row, days)

    assert left.row is (None if goes else row)
    answer = Answer("health", "c-0", "s-0", "NOT_A_RESIDENT")
    assert left.answers == ((("arrears.health-0-0", answer),) if goes else ())
    assert left.resolved == ()


def test_each_signal_waits_by_itself() -> None:
    left = after(waiting(0, 10), 31)

    assert [each.event_id for each in left.row.waiting] == ["arrears.health-0-1"]
    assert [answered for answered, _ in left.answers] == ["arrears.health-0-0"]


def test_good_news_that_waited_in_vain_goes_without_an_answer() -> None:
    left = after(waiting(0, kind="PAID"), 31)

    assert (left.row, left.answers) == (None, ())


def test_a_resident_who_is_known_stays_known() -> None:
    known = register(None, Entry("resident", "residents-0-1", NOON, HOME), SECRET).row
    assert known is not None

    assert after(known, 3_000).row is known


def test_how_long_it_waits_is_the_policys_number() -> None:
    shorter = Policy.parse(AMSTERDAM_EXAMPLE.replace("unknown_days = 30", "unknown_days = 7"))

    assert after(waiting(0), 8, shorter).row is None


def test_a_policy_from_before_there_was_the_number_waits_a_month() -> None:
    assert Policy.parse(AMSTERDAM_EXAMPLE.replace("unknown_days = 30\n", "")).unknown_days == 30


def test_a_day_ends_where_the_law_is_applied() -> None:
    # 30 days before 2 April are 3 March, and that begins at 23:00 UTC of the day before.
    assert shipped().waits_since(MARCH_2 + 31) == (MARCH_2 + 1) * DAY_MS - 60 * 60 * 1000


def test_the_day_goes_through_a_partitions_residents_slice_by_slice() -> None:
    first = ResidencyTick(Tick(MARCH_2, 0, 0), NOON)

    told = [first]
    while (following := told[-1].follow(600)) is not None:
        told.append(following)

    assert [(each.tick.slice, each.tick.slices, each.stored_before) for each in told] == [
        (0, 0, NOON), (0, 3, NOON), (1, 3, NOON), (2, 3, NOON),
    ]  # fmt: skip
    assert ResidencyTick.from_record(first.to_record()) == first
