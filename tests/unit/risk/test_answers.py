"""What a creditor hears at once of each signal, and what of it is kept: often nothing at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eropaf.risk.events import Outcome
from eropaf.risk.feedback import FEEDBACK, Answer
from eropaf.risk.household import fold
from eropaf.risk.names import id_of
from eropaf.risk.positions import AGREED
from eropaf.risk.records import DAY_MS, HouseholdEvent
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.rows import HouseholdRow
from eropaf.risk.signalled import MONTHS_KEPT
from tests.builders import HOME, HOUSEHOLD, MARCH_2, NOON, amsterdam_example, an_event
from tests.story import on, result, story, tick

POLICY = amsterdam_example()
SMALL: dict[str, Any] = {"amount_cents": 4_999}
WATER: dict[str, Any] = {"creditor": "water", "partner_type": "WATER", "contract": "w", "signal_id": "w-1"}
ENERGY: dict[str, Any] = {"creditor": "energy", "partner_type": "ENERGY", "contract": "e"}
ENDS: dict[str, Any] = {"crisis_kind": "END_OF_DELIVERY", "crisis_on": MARCH_2 + 30}
PICKED_UP = HouseholdEvent(HOUSEHOLD, "o", NOON, outcome=Outcome("o-9", MARCH_2))
REPEATED = ("NOT_PICKED_UP_REPEATED", None)
UNVERSIONED = ("NOT_YET_PICKED_UP", Reason.CHANGED_WITHOUT_VERSION)
TOO_LITTLE = ("NOT_PICKED_UP_UNJUSTIFIED", Reason.TOO_LITTLE)

# What happened before; what comes; what its creditor hears of that.
HEARD: list[tuple[str, list[HouseholdEvent], HouseholdEvent, list[tuple[str, str | None]]]] = [
    ("a first signal", [], on(0), []),
    ("one too little", [], on(0, **SMALL), [TOO_LITTLE]),
    ("too little alone, and enough together", [on(0, **WATER, amount_cents=1)], on(0, **SMALL), []),
    ("and a cent short together", [on(0, **WATER, amount_cents=1)], on(0, amount_cents=4_998), [TOO_LITTLE]),
    ("little, but a threat", [], on(0, **SMALL, crisis_kind="EVICTION"), []),
    ("a repeat of what was handled", [on(0), result(1, "NO_CONTACT")], on(9, version=2), [REPEATED]),
    ("a repeat that is small too", [on(0), result(1, "NO_CONTACT")], on(9, version=2, **SMALL), [REPEATED]),
    ("more than was handled", [on(0), result(1, "NO_CONTACT")], on(9, version=2, amount_cents=110_001), []),
    ("while somebody is on it", [on(0), PICKED_UP], on(1, **WATER), [("PICKED_UP", None)]),
    ("a little beside much while somebody is on it", [on(0), PICKED_UP], on(1, **WATER, amount_cents=1),
     [("PICKED_UP", None)]),
    ("an end of delivery out of nothing", [], on(0, **ENERGY, **ENDS),
     [("NOT_YET_PICKED_UP", Reason.NO_EARLIER_SIGNAL)]),
    ("an end of delivery after a signal", [on(0, **ENERGY)], on(1, **ENERGY, **ENDS, version=2), []),
    ("an end of delivery of another contract", [on(0, **ENERGY)],
     on(1, **ENERGY | {"contract": "e-2"}, **ENDS), [("NOT_YET_PICKED_UP", Reason.NO_EARLIER_SIGNAL)]),
    ("an end of delivery where another supplier signalled", [on(0, **ENERGY)],
     on(1, **ENERGY | {"creditor": "other"}, **ENDS), [("NOT_YET_PICKED_UP", Reason.NO_EARLIER_SIGNAL)]),
    ("an end of water", [], on(0, **WATER, **ENDS), []),
    ("a disconnection out of nothing", [], on(0, **ENERGY, crisis_kind="DISCONNECTION"), []),
    ("days too few", [], on(0, arrears_since=MARCH_2), [("NOT_PICKED_UP_UNJUSTIFIED", Reason.TOO_FEW_DAYS)]),
    ("the same again", [on(0)], on(0), []),
    ("less under the same name", [on(0)], on(0, amount_cents=50_00), [UNVERSIONED]),
    ("more under the same name", [on(0)], on(0, amount_cents=9_000_00), [UNVERSIONED]),
    ("a threat under the same name", [on(0)], on(0, crisis_kind="EVICTION"), [UNVERSIONED]),
    ("the same name at another moment", [on(0)], on(1, amount_cents=50_00), []),
    ("the same name after a result", [on(0), result(1, "NO_CONTACT")], on(0), []),
    ("a payment under the same name", [on(0)], on(0, kind="PAID"), []),
    ("arrears under the name of a payment", [on(0, kind="PAID")], on(0), []),
    ("a payment", [on(0)], on(1, version=2, kind="PAID"), []),
    ("a payment while somebody is on it", [on(0), PICKED_UP], on(1, version=2, kind="PAID"), []),
    ("a plan", [on(0)], on(1, version=2, kind="PLAN_AGREED"), []),
]  # fmt: skip


@pytest.mark.parametrize(("case", "before", "comes", "heard"), HEARD, ids=[row[0] for row in HEARD])
def test_what_a_creditor_hears_at_once(
    case: str, before: list[HouseholdEvent], comes: HouseholdEvent, heard: list[tuple[str, str | None]]
) -> None:
    row = None
    for event in before:
        row = fold(row, event, POLICY).row

    answers = fold(row, comes, POLICY).answers

    assert comes.signal is not None
    assert [(answer.status, answer.reason) for answer in answers] == heard
    for answer in answers:
        assert (answer.creditor, answer.contract, answer.signal_id) == (
            comes.signal.creditor, comes.signal.contract, comes.signal.signal_id,
        )  # fmt: skip


def test_an_answer_is_named_after_all_that_makes_it_one() -> None:
    answer = Answer("rent", "c-1", "s-1", "PICKED_UP", None, "PAUSE", MARCH_2)

    assert answer.to_record("e-1", NOON) == {
        "feedback_id": id_of(FEEDBACK, "e-1:rent:c-1:s-1:PICKED_UP"), "contract": "c-1", "signal_id": "s-1",
        "status": "PICKED_UP", "reason": None, "collection": "PAUSE", "pause_until": MARCH_2, "at": NOON,
    }  # fmt: skip
    with pytest.raises(ValueError, match="may not learn why a signal was not picked up for another"):
        Answer("rent", "c-1", "s-1", "NOT_PICKED_UP_OTHER", "x")
    assert Answer("rent", "c-1", "s-1", "PICKED_UP", "x").reason == "x"


# A whole row before, and what a later word of one contract leaves as it was.
BEFORE = HouseholdRow(
    HOME, NOON, 5, (), (672,), MARCH_2, "HELP", ("o-1",), False, None, MARCH_2, MARCH_2 + 9, MARCH_2 + 3,
    POLICY.version, (), MARCH_2 - 1, ("ann",), (),
)  # fmt: skip


def test_a_signal_changes_its_contract_its_month_and_the_moment_and_nothing_else() -> None:
    row = fold(BEFORE, an_event(reported_at=NOON + DAY_MS, resident_key="bob"), POLICY).row

    assert row is not None
    assert (row.positions[0].amount_cents, row.months, row.at) == (110_000, (672, 674), NOON + DAY_MS)
    assert replace(
        row, positions=(), months=(672,), at=NOON, sequence=5, due_on=MARCH_2 + 9, settle_on=MARCH_2 + 3
    ) == BEFORE  # fmt: skip


def test_a_signal_that_comes_late_makes_nothing_older() -> None:
    row = fold(replace(BEFORE, objectors=()), an_event(reported_at=NOON - DAY_MS), POLICY).row

    assert row is not None
    assert row.at == NOON


# Months with a signal that asks, whatever came first; good news and refused signals are none.
def test_months_are_kept_rising_once_each_and_the_newest_of_them() -> None:
    days = [900, 0, 31, 0, 850, 30]
    row = None
    for number, day in enumerate(days):
        row = fold(row, on(day, version=number + 1), POLICY).row

    assert row is not None
    assert list(row.months) == sorted(set(row.months))
    assert len(row.months) == 4

    full = tuple(range(600, 600 + MONTHS_KEPT))
    newer = fold(replace(BEFORE, months=full, objectors=()), on(0), POLICY).row
    assert newer is not None
    assert newer.months == (*full[1:], 674)
    later = tuple(range(675, 675 + MONTHS_KEPT))
    older = fold(replace(BEFORE, months=later, objectors=()), on(0), POLICY).row
    assert older is not None
    assert older.months == later


@pytest.mark.parametrize("kind", ["PAID", "WITHDRAWN", "PLAN_AGREED"])
def test_good_news_makes_no_month(kind: str) -> None:
    row = fold(None, on(0), POLICY).row
    row = fold(row, on(40, version=2, kind=kind), POLICY).row

    assert row is not None
    assert row.months == (674,)


def test_a_signal_without_an_address_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        fold(None, replace(an_event(), address=None), POLICY)

    assert (refused.value.reason, str(refused.value)) == (
        Reason.UNKNOWN_EVENT, "a signal came without its address",
    )  # fmt: skip


def test_a_refusal_by_the_resident_bars_what_was_said_before_it() -> None:
    refusal = on(5, version=3, own_effort=AGREED | {"offer": "REFUSED"})

    history = story(refusal, on(9, version=2))

    assert [answer.reason for answer in history.answers] == [Reason.RESIDENT_REFUSED]
    assert history.risks[-1].ended_by == "WITHDRAWN"
    assert history.updates == []
    assert story(refusal, on(9, version=4)).risks[-1].open_positions == 1


def test_after_its_days_a_small_signal_is_not_answered_as_too_little() -> None:
    history = story(on(0), tick(100), on(1, **WATER, **SMALL))

    assert history.answers == []
