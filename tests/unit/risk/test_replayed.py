"""What an operator sends again undoes nothing that came since: of an erasure, a departure, an objection.

A letter of `processing-failed` is sent again weeks later, when the same was done by hand meanwhile.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from eropaf.risk.erasures import is_moment_alone
from eropaf.risk.events import Outcome, Overrule
from eropaf.risk.household import fold
from eropaf.risk.records import DAY_MS, Departure, HouseholdEvent
from eropaf.risk.rows import HouseholdRow
from tests.builders import HOME, HOUSEHOLD, MARCH_2, NOON, a_signal, an_event
from tests.story import POLICY, result, story

ELSEWHERE = "f" * 32


def on(day: int, contract: str = "contract-1", whose: str | None = None) -> HouseholdEvent:
    signal = a_signal(reported_at=NOON + day * DAY_MS, version=day + 1, contract=contract, resident_key=whose)
    return an_event(signal)


def erasure(day: int) -> HouseholdEvent:
    return HouseholdEvent(
        HOUSEHOLD, f"erasure-{day}", NOON + day * DAY_MS, erasure_requested_on=MARCH_2 + day
    )


def objection(day: int, whose: str | None = None, stands: bool = True) -> HouseholdEvent:
    at = NOON + day * DAY_MS
    return HouseholdEvent(HOUSEHOLD, f"objection-{day}", at, HOME, objection_stands=stands, objector=whose)


def departure(day: int, contract: str, whose: str | None, to: str | None = None) -> HouseholdEvent:
    there = None if to is None else replace(HOME, house_number=99)
    left = Departure("rent" if contract else "", contract, to, there, whose)
    return HouseholdEvent(HOUSEHOLD, f"left-{day}", NOON + day * DAY_MS, departure=left)


def kept(*events: HouseholdEvent) -> HouseholdRow | None:
    row = story(*events).households.get(HOUSEHOLD)
    return None if row is None or is_moment_alone(row) else row


# An erasure of day 9; on which day the newest arrears were reported, and whether it forgets them. What is
# reported may be dated a day ahead, and two clocks differ.
NEWEST = [(0, True), (9, True), (10, True), (11, True), (12, False), (60, False)]


@pytest.mark.parametrize(("day", "forgets"), NEWEST)
def test_an_erasure_forgets_what_may_have_come_before_it_and_nothing_later(day: int, forgets: bool) -> None:
    assert (kept(on(day), erasure(9)) is None) == forgets


def test_an_erasure_that_is_sent_again_leaves_what_came_since_as_it_is_alone() -> None:
    decided = HouseholdEvent(
        HOUSEHOLD, "d", NOON + 41 * DAY_MS, overrule=Overrule("RAISE", MARCH_2 + 60, "seen")
    )
    picked_up = HouseholdEvent(HOUSEHOLD, "p", NOON + 42 * DAY_MS, outcome=Outcome("o-2", MARCH_2 + 42))
    since = (on(40), decided, picked_up)

    again = kept(*since, erasure(9))
    late = kept(on(0, "old"), result(1, "HELP"), *since, erasure(9))

    first = kept(*since)
    assert first is not None
    assert again == replace(first, sequence=4, erased_at=erasure(9).at)
    assert late is not None
    assert ([each.contract for each in late.positions], late.months) == (["contract-1"], first.months)
    assert (late.overrule, late.picked_up_on) == (first.overrule, first.picked_up_on)
    assert (late.handled_by, late.handled_at) == (None, None)


def test_before_a_household_came_back_an_erasure_keeps_no_decision_on_it() -> None:
    decided = HouseholdEvent(
        HOUSEHOLD, "d", NOON + 2 * DAY_MS, overrule=Overrule("RAISE", MARCH_2 + 60, "seen")
    )
    picked_up = HouseholdEvent(HOUSEHOLD, "p", NOON + 3 * DAY_MS, outcome=Outcome("o-2", MARCH_2 + 3))

    row = kept(on(0), decided, picked_up, result(4, "HELP"), on(40, "new"), erasure(9))

    assert row is not None
    assert (row.overrule, row.picked_up_on, row.reached_on, row.handled_by) == (None, None, None, None)


def test_a_departure_that_is_sent_again_takes_no_arrears_of_who_came_back() -> None:
    came_back = (on(40, whose="ann"),)

    again = story(*came_back, departure(9, "contract-1", "ann"))
    first = story(on(0, whose="ann"), departure(9, "contract-1", "ann"))

    assert again.households == story(*came_back).households
    assert again.answers == story(*came_back).answers
    assert first.households[HOUSEHOLD].positions == ()


@pytest.mark.parametrize("contract", ["", "contract-1"])
def test_a_departure_that_is_sent_again_ends_no_later_objection_nor_doubts_it(contract: str) -> None:
    of_ann, of_all = objection(40, "ann"), objection(40)

    for objects in (of_ann, of_all):
        before = kept(on(30), objects)
        assert before is not None
        moved = departure(9, contract, "ann", ELSEWHERE)
        assert kept(on(30), objects, moved) == before
        assert fold(before, moved, POLICY).onward == ()
        left = kept(on(30), objects, departure(41, contract, "ann", ELSEWHERE))
        assert left is None or (left.objected, left.objectors, left.in_doubt_since) != (
            before.objected, before.objectors, None,
        )  # fmt: skip


def test_an_objection_of_a_resident_ends_by_no_older_word() -> None:
    """Of one moment that it stands: whichever arrives first."""
    assert kept(objection(5, "ann"), objection(4, "ann", stands=False)) == kept(objection(5, "ann"))
    assert kept(objection(5, "ann"), objection(5, "ann", stands=False)) == kept(objection(5, "ann"))
    assert kept(objection(5, "ann"), objection(6, "ann", stands=False)) is None
    again = kept(objection(5, "ann"), objection(7, "ann"), objection(6, "ann", stands=False))
    assert again is not None
    assert (again.objectors, again.objectors_at) == (("ann",), (NOON + 7 * DAY_MS,))


def test_each_residents_objection_keeps_its_own_moment() -> None:
    row = kept(objection(5, "bob"), objection(6, "ann"), objection(4, "carl"), objection(5, "carl", False))

    assert row is not None
    assert (row.objectors, row.objectors_at) == (("ann", "bob"), (NOON + 6 * DAY_MS, NOON + 5 * DAY_MS))


def test_of_objections_of_before_no_moment_is_known_and_any_later_word_ends_one() -> None:
    before = HouseholdRow(HOME, NOON, 0, (), objectors=("ann", "bob"))

    after = fold(before, objection(1, "ann", stands=False), POLICY).row
    left = fold(before, departure(1, "", "bob"), POLICY).row

    assert after is not None
    assert (after.objectors, after.objectors_at) == (("bob",), (0,))
    assert left is not None
    assert left.objectors == ("ann",)
