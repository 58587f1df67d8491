"""Before somebody rings or visits, the creditors whose arrears count are asked whether they still stand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eropaf.risk.found import OUTCOMES_KEPT
from eropaf.risk.household import Folded, fold
from eropaf.risk.policy import Policy
from eropaf.risk.records import DAY_MS, HouseholdEvent
from eropaf.risk.rows import HouseholdRow
from eropaf.risk.still_open import ASKED_ONCE_IN_MS, Question
from tests.builders import AMSTERDAM_EXAMPLE, HOME, HOUSEHOLD, NOON, STILL_OPEN, a_signal, an_event

OFF = Policy.parse(AMSTERDAM_EXAMPLE)
ON = Policy.parse(AMSTERDAM_EXAMPLE + STILL_OPEN)
# The first moment of a quarter of a day, by UTC.
SETS_OUT = NOON // ASKED_ONCE_IN_MS * ASKED_ONCE_IN_MS
RENT = Question("rent", "contract-1", "signal-1")
WATER = Question("water", "contract-2", "2")


def asked(row: HouseholdRow | None, at: int = SETS_OUT, policy: Policy = ON) -> Folded:
    return fold(row, HouseholdEvent(HOUSEHOLD, "outcome/asks", at, asks_still_open=True), policy)


@pytest.fixture
def row() -> HouseholdRow:
    """Return a household with arrears of rent and of water."""
    water = a_signal(signal_id="2", creditor="water", partner_type="WATER", contract="contract-2")
    row = fold(fold(None, an_event(), ON).row, an_event(water), ON).row
    assert row is not None
    return row


def test_each_contract_that_counts_is_asked_of_and_nothing_else_changes(row: HouseholdRow) -> None:
    folded = asked(row)

    assert folded.questions == (RENT, WATER)
    assert (folded.risk, folded.answers, folded.assessment, folded.onward) == (None, (), None, ())
    assert folded.row is not None
    assert replace(folded.row, outcomes=()) == row


def test_a_household_is_asked_of_once_in_a_quarter_of_a_day(row: HouseholdRow) -> None:
    first = asked(row).row

    again = asked(first, SETS_OUT + ASKED_ONCE_IN_MS - 1)

    assert (again.row, again.questions) == (first, ())
    assert again.row is first
    assert asked(first, SETS_OUT + ASKED_ONCE_IN_MS).questions == (RENT, WATER)


def test_asking_for_weeks_forgets_no_outcome_that_came(row: HouseholdRow) -> None:
    """An outcome that comes twice counts once, however often somebody set out in between."""
    ids = tuple([f"o-{each}" for each in range(OUTCOMES_KEPT - 2)])
    asking: HouseholdRow | None = replace(row, outcomes=ids)

    for quarter in range(40):
        asking = asked(asking, SETS_OUT + quarter * ASKED_ONCE_IN_MS).row

    assert asking is not None
    assert asking.outcomes[: len(ids)] == ids
    assert len(asking.outcomes) <= OUTCOMES_KEPT


def test_a_question_that_came_late_lets_nobody_be_asked_twice(row: HouseholdRow) -> None:
    first = asked(row, SETS_OUT).row
    later = asked(first, SETS_OUT + ASKED_ONCE_IN_MS).row

    assert asked(later, SETS_OUT + 1).row is later
    assert asked(later, SETS_OUT + ASKED_ONCE_IN_MS + 1).row is later


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "PAID", "amount_cents": 0},
        {"kind": "WITHDRAWN", "amount_cents": 0},
        {"kind": "PLAN_AGREED"},
    ],
)
def test_who_has_said_that_it_is_over_is_not_asked(row: HouseholdRow, changes: dict[str, object]) -> None:
    said = an_event(a_signal(version=2, reported_at=NOON, **changes))

    assert asked(fold(row, said, ON).row).questions == (WATER,)


def test_where_nothing_counts_nobody_is_asked_and_nothing_is_kept(row: HouseholdRow) -> None:
    objected = fold(row, HouseholdEvent(HOUSEHOLD, "o", NOON, HOME, objection_stands=True), ON).row
    long_ago = asked(row, SETS_OUT + 400 * DAY_MS)

    assert asked(None) == Folded(None, None)
    assert asked(objected) == Folded(objected, None)
    assert long_ago.row is row
    assert long_ago.questions == ()


def test_without_a_ground_in_the_policy_nobody_is_asked(row: HouseholdRow) -> None:
    folded = asked(row, policy=OFF)

    assert folded.row is row
    assert folded.questions == ()


def test_a_question_has_an_id_of_its_event_and_contract_and_says_no_more() -> None:
    record = RENT.to_record("outcome/asks", NOON)

    assert record == {
        "question_id": record["question_id"],
        "contract": "contract-1",
        "signal_id": "signal-1",
        "asked_at": NOON,
    }
    assert record == RENT.to_record("outcome/asks", NOON)
    others = [WATER.to_record("outcome/asks", NOON), RENT.to_record("another/asks", NOON)]
    assert len({each["question_id"] for each in (record, *others)}) == 3


def test_what_counts_after_a_question_is_what_counted_before_it(row: HouseholdRow) -> None:
    """The row that was asked of goes on as if nobody had."""
    paid = an_event(a_signal(kind="PAID", amount_cents=0, version=2, reported_at=NOON + DAY_MS))

    with_it, without = fold(asked(row).row, paid, ON), fold(row, paid, ON)

    assert with_it.risk == without.risk
    assert with_it.answers == without.answers
