"""What one event leaves of what the others before it made: days, talks, months, and who hears what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eropaf.risk.calendar import month_of
from eropaf.risk.events import ContactAttempt, Outcome, Overrule, PolicyActivated
from eropaf.risk.feedback import Answer
from eropaf.risk.household import fold
from eropaf.risk.lawful import exempt
from eropaf.risk.positions import position_of
from eropaf.risk.records import DAY_MS, Departure, HouseholdEvent
from eropaf.risk.rows import HouseholdRow
from eropaf.risk.signalled import MONTHS_KEPT
from tests.builders import AMSTERDAM_EXAMPLE, HOME, HOUSEHOLD, MARCH_2, NOON, a_signal, amsterdam_example
from tests.story import on, result, story, tick

POLICY = amsterdam_example()
THERE, ELSEWHERE = "f" * 32, replace(HOME, house_number=99)


def talk(day: int, told_on: int) -> HouseholdEvent:
    attempt = ContactAttempt("PHONE", True, MARCH_2 + day, "MORNING")
    at = NOON + told_on * DAY_MS
    return HouseholdEvent(HOUSEHOLD, f"talk-{day}", at, outcome=Outcome(f"o-{day}", None, attempt))


def picked_up(day: int) -> HouseholdEvent:
    at = NOON + day * DAY_MS
    return HouseholdEvent(HOUSEHOLD, "picked-up", at, outcome=Outcome("p", MARCH_2 + day))


def kept(*events: HouseholdEvent) -> HouseholdRow:
    return story(*events).households[HOUSEHOLD]


# Days of talks in the order in which they are told, and the one that is known at last.
TALKS = [((1,), 1), ((1, 5), 5), ((5, 1), 5)]


@pytest.mark.parametrize(("days", "newest"), TALKS)
def test_the_newest_talk_is_known_in_whatever_order_talks_are_told(
    days: tuple[int, ...], newest: int
) -> None:
    history = story(on(0), *(talk(day, told_on=6 + number) for number, day in enumerate(days)))

    assert history.households[HOUSEHOLD].reached_on == MARCH_2 + newest
    assert history.risks[-1].reached_on == MARCH_2 + newest


def test_a_case_that_ended_is_no_longer_picked_up() -> None:
    history = story(on(0), picked_up(1), result(2, "ARRANGES_ITSELF"), on(9, contract="new", signal_id="s-2"))

    assert history.households[HOUSEHOLD].picked_up_on is None
    assert [answer.status for answer in history.answers] == ["PICKED_UP", "PICKED_UP"]


def test_each_creditor_hears_of_its_own_contract_how_a_case_ended() -> None:
    history = story(on(0, signal_id="s-1"), result(1, "HELP"))

    assert history.answers == [
        Answer("rent", "contract-1", "s-1", "PICKED_UP", None, "PAUSE", MARCH_2 + 31)
    ]  # fmt: skip


def test_another_creditors_signal_of_the_same_id_is_none_of_the_case() -> None:
    history = story(
        on(0),
        result(1, "ARRANGES_ITSELF"),
        on(2, version=2, creditor="health", partner_type="HEALTH", contract="h"),
    )

    assert [answer.creditor for answer in history.answers] == ["rent"]


def test_of_two_contracts_only_the_one_that_leaves_goes_and_says_where_from() -> None:
    row = kept(on(0), on(1, contract="garage"), on(2, creditor="health", partner_type="HEALTH"))
    at = NOON + 5 * DAY_MS
    left = HouseholdEvent(
        HOUSEHOLD, "residents-0-1/0", at, departure=Departure("rent", "contract-1", THERE, ELSEWHERE)
    )

    moved = fold(row, left, POLICY)

    assert moved.row is not None
    assert [(p.creditor, p.contract) for p in moved.row.positions] == [
        ("health", "contract-1"), ("rent", "garage"),
    ]  # fmt: skip
    (onward,) = moved.onward
    assert (onward.household, onward.address) == (THERE, ELSEWHERE)
    assert (onward.event_id, onward.at, onward.moved_at) == ("residents-0-1/0/in", NOON, left.at)


def test_an_objection_that_moves_along_says_when_and_where_it_comes_from() -> None:
    objects = HouseholdRow(HOME, NOON, 0, (), objectors=("ann",))
    left = Departure("", "", THERE, ELSEWHERE, "ann")

    (onward,) = fold(objects, HouseholdEvent(HOUSEHOLD, "r-1", NOON + 1, departure=left), POLICY).onward

    assert (onward.household, onward.address) == (THERE, ELSEWHERE)
    assert (onward.event_id, onward.at) == ("r-1/objection", NOON + 1)
    assert (onward.objection_stands, onward.objector) == (True, "ann")


# How long somebody has been signalled says nothing of who lives there next.
def test_the_months_of_who_left_do_not_stay_for_the_next_tenant() -> None:
    gone = HouseholdEvent(
        HOUSEHOLD, "r-1", NOON + 70 * DAY_MS, departure=Departure("rent", "contract-1", None, None)
    )
    both = (on(0), on(31, version=2), on(60, version=3))

    alone = kept(*both, gone)
    with_others = kept(*both, on(61, creditor="health", partner_type="HEALTH", contract="h"), gone)

    assert len(kept(*both).months) == 3
    assert alone.months == ()
    assert len(with_others.months) == 3


def test_who_comes_next_starts_afresh_and_who_stays_does_not() -> None:
    lowered = HouseholdEvent(HOUSEHOLD, "o", NOON, overrule=Overrule("LOWER", MARCH_2 + 100, "known here"))
    case = (on(0), lowered, talk(1, told_on=1), picked_up(1))
    gone = HouseholdEvent(
        HOUSEHOLD, "r", NOON + 6 * DAY_MS, departure=Departure("rent", "contract-1", None, None)
    )
    others = on(2, creditor="health", partner_type="HEALTH", contract="h")
    widows = HouseholdEvent(
        HOUSEHOLD, "d", NOON + 6 * DAY_MS, outcome=Outcome("d", None, None, "DECEASED", ("signal-1",))
    )
    health = on(2, creditor="health", partner_type="HEALTH", contract="h", signal_id="h-1")

    for last in (gone, result(6, "NOT_A_RESIDENT", "n"), result(6, "DECEASED", "d")):
        row = kept(*case, last)
        assert (row.months, row.overrule, row.picked_up_on, row.reached_on) == ((), None, None, None)
    for stays in (kept(*case, others, gone), kept(*case, health, widows)):
        assert stays.months
        assert stays.overrule is not None
        assert stays.reached_on == MARCH_2 + 1
    assert kept(*case, others, gone).picked_up_on == MARCH_2 + 1
    assert kept(*case, result(6, "ARRANGES_ITSELF", "a")).reached_on == MARCH_2 + 1


PAID, WITHDRAWN = (on(5, version=2, kind=kind, amount_cents=0) for kind in ("PAID", "WITHDRAWN"))
PLANNED = on(5, version=2, kind="PLAN_AGREED")
LEFT = HouseholdEvent(
    HOUSEHOLD, "r", NOON + 5 * DAY_MS, departure=Departure("rent", "contract-1", None, None)
)


@pytest.mark.parametrize(
    "ends", [PAID, WITHDRAWN, PLANNED, LEFT, tick(92)], ids=["paid", "withdrawn", "planned", "left", "silent"]
)
def test_a_pick_up_ends_with_its_case_whatever_ends_it(ends: HouseholdEvent) -> None:
    history = story(on(0), picked_up(1), ends, on(95, creditor="energy", partner_type="ENERGY", contract="e"))

    assert [answer.creditor for answer in history.answers if answer.status == "PICKED_UP"] == ["rent"]
    assert history.households[HOUSEHOLD].picked_up_on is None


def test_a_pick_up_that_comes_after_its_case_had_ended_lasts_until_the_next_day() -> None:
    later = on(3, creditor="energy", partner_type="ENERGY", contract="e")
    late = (on(0), on(1, version=2, kind="PAID", amount_cents=0), picked_up(1))

    assert kept(*late).due_on == MARCH_2 + 2
    assert kept(*late, tick(2)).picked_up_on is None
    assert story(*late, tick(2), later).answers == []


def test_each_attempt_tells_no_creditor_again_that_it_was_picked_up() -> None:
    def attempt(day: int) -> HouseholdEvent:
        visit = ContactAttempt("VISIT", False, MARCH_2 + day, "EVENING")
        outcome = Outcome(f"o-{day}", MARCH_2 + 1, visit)
        return HouseholdEvent(HOUSEHOLD, f"a-{day}", NOON + day * DAY_MS, outcome=outcome)

    attempts = map(attempt, (1, 2, 3))

    assert [answer.status for answer in story(on(0), *attempts).answers] == ["PICKED_UP"]


def test_a_month_too_old_to_be_kept_changes_nothing() -> None:
    newest = month_of(MARCH_2)
    months = tuple(range(newest - MONTHS_KEPT + 1, newest + 1))
    row = replace(kept(on(0)), months=months)

    assert fold(row, on(-1_000), POLICY).row is row


# Days between a lowering and the next, in the shipped policy: 7.
def test_a_household_is_looked_at_again_a_week_after_the_last_that_was_said() -> None:
    said = (on(0), on(1, version=2))

    assert kept(*said).settle_on == MARCH_2 + 8
    assert kept(*said, on(1, version=3, kind="PAID", amount_cents=0)).settle_on == MARCH_2 + 8
    assert kept(*said, result(1, "HELP")).settle_on == MARCH_2 + 8
    assert kept(*said, tick(8)).settle_on is None


def test_of_a_household_without_arrears_no_day_is_looked_at_again() -> None:
    assert kept(on(0, kind="PAID", amount_cents=0)).settle_on is None


def test_a_policy_that_lowers_at_once_looks_at_no_day_again() -> None:
    row = fold(None, on(0), replace(POLICY, days_between_lowerings=0)).row

    assert row is not None
    assert row.settle_on is None


def test_an_overrule_hides_no_sooner_day() -> None:
    decision = Overrule("RAISE", MARCH_2 + 60, "seen at the door")
    overruled = HouseholdEvent(HOUSEHOLD, "o", NOON, overrule=decision)

    assert kept(on(0), overruled).due_on == MARCH_2 + 7


@pytest.mark.parametrize(("name", "ended"), [("HELP", "PAUSED"), ("NO_CONTACT", "HANDLED")])
def test_ranking_hears_why_nothing_counts_and_how_far_behind_a_household_is(name: str, ended: str) -> None:
    history = story(on(0), result(1, name))

    assert [(risk.months_behind, risk.ended_by) for risk in history.risks] == [(200, "OPEN"), (0, ended)]


def test_the_last_word_on_a_household_names_it() -> None:
    history = story(on(0), HouseholdEvent(HOUSEHOLD, "e", NOON, erasure_requested_on=MARCH_2))

    assert [(risk.household, risk.ended_by) for risk in history.risks] == [
        (HOUSEHOLD, "OPEN"), (HOUSEHOLD, "FORGOTTEN"),
    ]  # fmt: skip


def test_a_policy_holds_from_where_it_was_activated_and_every_answer_has_its_event() -> None:
    text = AMSTERDAM_EXAMPLE.replace("amsterdam-example-3", "later-1")
    activated = HouseholdEvent("*", "policy", NOON, policy=PolicyActivated("later-1", text, NOON))

    history = story(on(0), picked_up(1), activated, on(2, contract="new", signal_id="s-2"))

    assert [risk.policy_version for risk in history.risks] == [POLICY.version, POLICY.version, "later-1"]
    assert [event.event_id for event in history.answered] == ["picked-up", "arrears.rent-0-0"]


# For whom no minimum holds (DDAS 1.2, "onterecht signaal"): one reason is enough.
EXEMPT = [
    ({}, False),
    ({"crisis": True}, True),
    ({"crisis_kind": "END_OF_DELIVERY"}, True),
    ({"handover": True}, True),
    ({"agreed": True}, True),
]


@pytest.mark.parametrize(("changes", "is_exempt"), EXEMPT)
def test_one_reason_is_enough_to_have_no_minimum(changes: dict[str, object], is_exempt: bool) -> None:
    assert exempt(replace(position_of(a_signal()), **changes)) is is_exempt  # type: ignore[arg-type]
