"""Minor children at the address: not looked at, unless a municipality states on what ground.

The figures behind it: 15 % of municipalities look at household composition, mostly at minor children
("Kunnen we je helpen?", Divosa 2024). Everything below is off in the shipped policy.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from eropaf.risk.events import Outcome, Tick
from eropaf.risk.explanation import Explained
from eropaf.risk.history import History, tell
from eropaf.risk.household import fold
from eropaf.risk.people import MOST_PARENTS
from eropaf.risk.plain_words import in_words
from eropaf.risk.policy import Policy, PolicyError
from eropaf.risk.records import DAY_MS, HouseholdEvent, MinorChildren
from eropaf.risk.refusal import Reason
from eropaf.risk.rows import HouseholdRow
from eropaf_client.schemas import catalogue
from tests.builders import (
    AMSTERDAM_EXAMPLE,
    HOME,
    HOUSEHOLD,
    MARCH_2,
    MINOR_CHILDREN,
    NOON,
    amsterdam_example,
    an_event,
    families_count,
)

OFF = amsterdam_example()
ON = families_count()
FAMILY = HouseholdRow(HOME, 0, 0, (), policy_version="families-1", minor_children=("mother",))


def register_says(at_home: bool, resident: str = "mother") -> HouseholdEvent:
    children = MinorChildren(resident, at_home)
    return HouseholdEvent(HOUSEHOLD, f"residents-0-{resident}", NOON, HOME, minor_children=children)


def day(number: int) -> HouseholdEvent:
    return HouseholdEvent("*", "tick", number * DAY_MS, tick=Tick(number, 0, 1))


def bands(history: History) -> list[str]:
    return [update.band for update in history.updates]


# Off by default, and on only with a ground.


def test_the_shipped_policy_does_not_count_them_and_keeps_nothing_of_them() -> None:
    history = tell([register_says(True), an_event(), register_says(True)], OFF)

    assert [row.minor_children for row in history.households.values()] == [()]
    assert tell([register_says(True)], OFF).households == {}


@pytest.mark.parametrize("ground", ["", 'legal_basis = ""', 'legal_basis = "  "'])
def test_counting_them_without_a_ground_is_refused_in_a_clear_sentence(ground: str) -> None:
    with pytest.raises(
        PolicyError, match="minor children count only on a stated ground: name the law and art"
    ):
        Policy.parse(f"{AMSTERDAM_EXAMPLE}\n[minor_children]\npoints = 15\n{ground}\n")


def test_counting_them_for_nothing_is_refused_nothing_may_be_kept_that_does_nothing() -> None:
    with pytest.raises(PolicyError, match=r"minor_children\.points"):
        Policy.parse(AMSTERDAM_EXAMPLE + MINOR_CHILDREN.replace("15", "0"))


def test_no_creditor_can_say_it_and_no_outreach_tool_can_hear_it() -> None:
    outside = {"ArrearsSignal", "CreditorFeedback", "PriorityUpdate", "OutreachOutcome", "OutreachClaim"}
    for record in outside | {"UnresolvedSignal", "HouseholdRisk", "RankingRow"}:
        text = catalogue.latest(record).text
        assert not any(word in text for word in ("child", "birth", "minor_")), record


# What they count for.


def test_where_it_is_on_they_give_points_once_whoever_was_first() -> None:
    before = tell([register_says(True), register_says(True, "father"), an_event()], ON)
    after = tell([an_event(), register_says(True), register_says(True, "father")], ON)

    assert before.risks[-1].score == after.risks[-1].score == 4_000 + 1_500
    assert before.households[HOUSEHOLD].minor_children == after.households[HOUSEHOLD].minor_children


@pytest.mark.parametrize("kind", ["PAID", "WITHDRAWN", "PLAN_AGREED"])
def test_without_arrears_that_count_they_give_nothing(kind: str) -> None:
    assert tell([register_says(True), an_event(kind=kind)], ON).risks[-1].score == 0


def test_arrears_below_the_minimum_are_not_lifted_by_them() -> None:
    assert tell([register_says(True), an_event(amount_cents=4_999)], ON).risks[-1].score == 0


def test_the_points_add_up_and_are_told_in_plain_words() -> None:
    folded = fold(FAMILY, an_event(), ON)
    assert folded.risk is not None
    assert folded.assessment is not None
    assert folded.row is not None
    facts = json.loads(Explained(folded.risk, folded.assessment, folded.row, ON).facts())

    assert folded.assessment.score == 5_500
    dutch = "- Op dit adres wonen minderjarige kinderen, volgens het register van de gemeente. (15 punten)"
    english = "- Minor children live at this address, by the municipality's register. (15 points)"
    assert dutch in in_words(facts, "nl").splitlines()
    assert english in in_words(facts, "en").splitlines()


def test_a_household_known_from_the_register_alone_is_on_no_list_and_untold() -> None:
    history = tell([register_says(True), day(MARCH_2), day(MARCH_2 + 4_000)], ON)

    assert history.households == {HOUSEHOLD: FAMILY}
    assert (history.rankings, history.risks, history.answers) == ({}, [], [])


def test_what_is_not_known_but_by_the_register_cannot_be_visited_or_overruled() -> None:
    visit = HouseholdEvent(HOUSEHOLD, "outcome", NOON, outcome=Outcome("a", MARCH_2))

    assert tell([register_says(True), visit], ON).refused == {"outcome": Reason.UNKNOWN_HOUSEHOLD}


# How it ends.


def test_when_the_register_no_longer_says_it_the_points_go() -> None:
    history = tell([register_says(True), an_event(), register_says(False)], ON)

    assert [risk.score for risk in history.risks] == [5_500, 4_000]
    assert tell([register_says(True), register_says(False)], ON).households == {}


def test_one_parent_who_leaves_does_not_take_the_others_children_along() -> None:
    both = [register_says(True), register_says(True, "father"), an_event()]

    assert tell([*both, register_says(False)], ON).risks[-1].score == 5_500


def test_the_register_makes_nothing_newer_and_keeps_nothing_longer() -> None:
    late = replace(register_says(True), at=NOON + 100 * DAY_MS)

    one, other = (tell([an_event(), *more], ON).households[HOUSEHOLD] for more in ([], [late]))

    assert (one.at, one.due_on) == (other.at, other.due_on)


def test_when_arrears_are_forgotten_what_the_register_says_stands_for_the_next() -> None:
    paid = an_event(kind="PAID", version=2, amount_cents=0)
    again = an_event(version=3, reported_at=NOON + 400 * DAY_MS)

    forgotten = tell([register_says(True), an_event(), paid, day(MARCH_2 + 183)], ON)
    after = tell([register_says(True), an_event(), paid, day(MARCH_2 + 183), again], ON)

    assert forgotten.risks[-1].ended_by == "FORGOTTEN"
    assert (forgotten.households, forgotten.rankings) == ({HOUSEHOLD: FAMILY}, {})
    assert after.risks[-1].score == 5_500


@pytest.mark.parametrize(
    "ending",
    [
        HouseholdEvent(HOUSEHOLD, "erasure", NOON, erasure_requested_on=MARCH_2),
        HouseholdEvent(HOUSEHOLD, "objection", NOON, HOME, objection_stands=True),
    ],
)
@pytest.mark.parametrize("begun", [[], [an_event()]])
def test_with_erasure_or_objection_it_goes_at_once(
    begun: list[HouseholdEvent], ending: HouseholdEvent
) -> None:
    history = tell([register_says(True), *begun, ending, register_says(False)], ON)

    assert not any(row.minor_children for row in history.households.values())


def test_while_an_objection_stands_nothing_of_it_is_taken_in() -> None:
    objection = HouseholdEvent(HOUSEHOLD, "objection", NOON, HOME, objection_stands=True)

    assert tell([objection, register_says(True)], ON).households[HOUSEHOLD].minor_children == ()


@pytest.mark.parametrize("begun", [[], [an_event()]])
def test_a_policy_without_it_makes_everyone_forget_it(begun: list[HouseholdEvent]) -> None:
    rows = tell([register_says(True), *begun], ON).households

    folded = fold(rows[HOUSEHOLD], replace(day(MARCH_2), household=HOUSEHOLD), OFF)

    assert folded.row is None or folded.row.minor_children == ()
    assert (folded.row is None) == (not begun)
    assert (folded.risk is None) == (not begun)


def test_of_a_shelter_with_hundreds_of_parents_one_more_says_nothing_new() -> None:
    many = [register_says(True, f"parent-{number:03}") for number in range(MOST_PARENTS + 5)]

    assert len(tell(many, ON).households[HOUSEHOLD].minor_children) == MOST_PARENTS
