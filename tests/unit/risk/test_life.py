"""A household's life, event by event."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eropaf.risk.events import ContactAttempt, Outcome, Overrule, Tick
from eropaf.risk.feedback import Answer
from eropaf.risk.history import History, tell
from eropaf.risk.household import fold
from eropaf.risk.outcomes import RESULTS
from eropaf.risk.policy import Policy
from eropaf.risk.records import DAY_MS, Departure, HouseholdEvent
from eropaf.risk.refusal import Reason
from tests.builders import HOME, HOUSEHOLD, MARCH_2, NOON, a_signal, amsterdam_example, an_event, day_of

POLICY = amsterdam_example()


def on(day: int, **changes: Any) -> HouseholdEvent:
    """Give the event of a signal that comes `day` days after 2 March."""
    return an_event(a_signal(reported_at=NOON + day * DAY_MS, **changes))


def result(day: int, name: str, outcome_id: str = "o-1") -> HouseholdEvent:
    outcome = Outcome(outcome_id, None, None, name)
    return HouseholdEvent(HOUSEHOLD, f"outcome-{day}", NOON + day * DAY_MS, outcome=outcome)


def tick(day: int) -> HouseholdEvent:
    return HouseholdEvent("*", f"tick-{day}", (MARCH_2 + day) * DAY_MS, tick=Tick(MARCH_2 + day, 0, 1))


def told(history: History) -> list[str]:
    return [f"{update.change} {update.band}" for update in history.updates]


def story(*events: HouseholdEvent, policy: Policy = POLICY) -> History:
    return tell(events, policy)


# result, DDAS status that the creditor hears, what is asked of its collection
RESULTS_TABLE = [
    ("ADVICE", "PICKED_UP", "PAUSE"),
    ("HELP", "PICKED_UP", "PAUSE"),
    ("HELP_FINANCIAL", "PICKED_UP", "PAUSE"),
    ("HELP_NOT_FINANCIAL", "PICKED_UP", "PAUSE"),
    ("REFERRED_WITHOUT_RESIDENT", "PICKED_UP", "NO_WORD"),
    ("OTHER_TRAJECTORY", "PICKED_UP", "NO_WORD"),
    ("KNOWN_AT_DEBT_HELP", "KNOWN_AT_DEBT_HELP", "NO_WORD"),
    ("PAID_OR_PLAN", "PICKED_UP", "NO_WORD"),
    ("ARRANGES_ITSELF", "PICKED_UP", "RESUME"),
    ("NO_CONTACT", "PICKED_UP", "RESUME"),
    ("NO_REACTION", "PICKED_UP", "RESUME"),
    ("DECEASED", "DECEASED", "NO_WORD"),
    ("NOT_A_RESIDENT", "NOT_A_RESIDENT", "NO_WORD"),
    ("NOT_PICKED_UP_REPEATED", "NOT_PICKED_UP_REPEATED", "NO_WORD"),
    ("NOT_PICKED_UP_UNJUSTIFIED", "NOT_PICKED_UP_UNJUSTIFIED", "NO_WORD"),
    ("NOT_PICKED_UP_OTHER", "NOT_PICKED_UP_OTHER", "NO_WORD"),
]


def test_the_table_holds_all_sixteen_results_of_the_national_model() -> None:
    assert [name for name, _, _ in RESULTS_TABLE] == list(RESULTS)
    assert len(RESULTS) == 16


@pytest.mark.parametrize(("name", "status", "collection"), RESULTS_TABLE)
def test_a_result_ends_the_case_and_each_creditor_hears_what_it_may(
    name: str, status: str, collection: str
) -> None:
    history = story(on(0), result(1, name))

    gone = name in ("DECEASED", "NOT_A_RESIDENT")
    assert told(history)[-1] in (("WITHDRAWN NONE",) if gone else ("PAUSED NONE", "CLOSED NONE"))
    (answer,) = history.answers
    assert (answer.status, answer.collection, answer.reason) == (status, collection, None)
    assert answer.pause_until == (MARCH_2 + 31 if collection == "PAUSE" else None)


def test_acceptance_pauses_and_what_still_stands_afterwards_counts_again() -> None:
    history = story(on(0), result(1, "HELP"), tick(30), tick(31))

    assert told(history) == ["RAISED MEDIUM", "PAUSED NONE", "RAISED MEDIUM"]


def test_the_same_arrears_after_a_case_are_a_repeat_and_grown_ones_must_be_picked_up() -> None:
    handled = (on(0), result(1, "ARRANGES_ITSELF"))

    same = story(*handled, on(28, version=2))
    grown = story(*handled, on(28, version=2, amount_cents=110_001))

    assert same.answers[-1] == Answer("rent", "contract-1", "signal-1", "NOT_PICKED_UP_REPEATED")
    assert told(same) == ["RAISED MEDIUM", "CLOSED NONE"]
    assert told(grown) == ["RAISED MEDIUM", "CLOSED NONE", "RAISED MEDIUM"]


def test_a_plan_that_breaks_ends_the_pause() -> None:
    history = story(on(0), result(1, "HELP"), on(9, version=2, kind="PLAN_BROKEN"))

    assert told(history) == ["RAISED MEDIUM", "PAUSED NONE", "RAISED MEDIUM"]


def test_a_new_threat_ends_the_quiet() -> None:
    history = story(on(0), result(1, "NO_CONTACT"), on(9, version=2, crisis_kind="EVICTION"))

    assert told(history)[-1] == "RAISED URGENT"


def test_an_attempt_alone_changes_nothing() -> None:
    attempt = Outcome("o-1", None, ContactAttempt("PHONE", False, MARCH_2, "EVENING"))
    row = fold(None, on(0), POLICY).row

    folded = fold(row, HouseholdEvent(HOUSEHOLD, "outcome", NOON, outcome=attempt), POLICY)

    assert folded.row is row


def test_an_outcome_that_comes_twice_counts_once() -> None:
    row = fold(None, on(0), POLICY).row
    row = fold(row, result(1, "HELP"), POLICY).row

    again = fold(row, result(1, "HELP"), POLICY)

    assert again.row is row
    assert again.answers == ()


def test_who_is_picked_up_is_told_to_every_creditor_and_to_those_who_come_after() -> None:
    picked_up = HouseholdEvent(HOUSEHOLD, "outcome", NOON, outcome=Outcome("o-1", MARCH_2))

    history = story(on(0), picked_up, on(1, creditor="water", partner_type="WATER", contract="w"))

    assert [(a.creditor, a.status) for a in history.answers] == [
        ("rent", "PICKED_UP"),
        ("water", "PICKED_UP"),
    ]


def test_of_a_household_that_is_not_known_an_outcome_is_refused() -> None:
    assert story(result(1, "HELP")).refused == {"outcome-1": Reason.UNKNOWN_HOUSEHOLD}


def test_a_result_of_a_newer_version_is_refused_not_guessed() -> None:
    assert story(on(0), result(1, "UNKNOWN")).refused == {"outcome-1": Reason.UNKNOWN_RESULT}


def objection(day: int, stands: bool) -> HouseholdEvent:
    return HouseholdEvent(HOUSEHOLD, "objection", NOON + day * DAY_MS, HOME, objection_stands=stands)


def test_an_objection_stops_signals_and_no_creditor_learns_why() -> None:
    history = story(on(0), objection(1, True), on(2, version=2), on(3, version=3, kind="PAID"))

    assert told(history) == ["RAISED MEDIUM", "WITHDRAWN NONE"]
    assert {(a.status, a.reason) for a in history.answers} == {("NOT_PICKED_UP_OTHER", None)}
    assert history.households[HOUSEHOLD].positions == ()


def test_an_objection_of_somebody_never_heard_of_holds_for_what_comes() -> None:
    history = story(objection(0, True), on(1))

    assert history.updates == []
    assert history.households[HOUSEHOLD].objected


def test_an_objection_can_be_taken_back() -> None:
    history = story(on(0), objection(1, True), objection(2, False), on(3, version=2))

    assert told(history)[-1] == "RAISED MEDIUM"


def test_an_objection_is_kept_however_much_time_passes() -> None:
    assert story(objection(0, True), tick(3_000)).households[HOUSEHOLD].objected


def test_a_reason_never_goes_with_another_reason() -> None:
    with pytest.raises(ValueError, match="may not learn why"):
        Answer("rent", "c", "s", "NOT_PICKED_UP_OTHER", "staff shortage")


def test_who_moves_takes_the_arrears_to_the_new_household() -> None:
    row = fold(None, on(0, amount_cents=165_000), POLICY).row
    there = Departure("rent", "contract-1", "f" * 32, replace(HOME, house_number=99))

    left = fold(row, HouseholdEvent(HOUSEHOLD, "residents-0-1/0", NOON, departure=there), POLICY)

    assert left.risk is not None
    assert left.risk.open_positions == 0
    (arrival,) = left.onward
    arrived = fold(None, arrival, POLICY)
    assert arrived.risk is not None
    assert (arrived.risk.score, arrived.risk.address.house_number) == (6_000, 99)


def test_of_who_left_the_municipality_the_creditor_hears() -> None:
    gone = Departure("rent", "contract-1", None, None)

    history = story(on(0), HouseholdEvent(HOUSEHOLD, "r", NOON, departure=gone))

    assert [answer.status for answer in history.answers] == ["NOT_A_RESIDENT"]
    assert told(history)[-1] == "WITHDRAWN NONE"


def overrule(day: int, kind: str, until: int) -> HouseholdEvent:
    decision = Overrule(kind, MARCH_2 + until, "seen at the door")
    return HouseholdEvent(HOUSEHOLD, f"overrule-{day}", NOON + day * DAY_MS, overrule=decision)


@pytest.mark.parametrize(("kind", "said"), [("RAISE", "RAISED HIGH"), ("LOWER", "LOWERED LOW")])
def test_a_worker_overrules_until_a_date_and_the_update_says_so(kind: str, said: str) -> None:
    history = story(on(0), overrule(1, kind, until=5), tick(5), tick(6), tick(20))

    assert told(history)[:2] == ["RAISED MEDIUM", said]
    assert [update.overruled for update in history.updates] == [False, True, False]
    assert history.updates[-1].band == "MEDIUM"


def test_a_household_that_is_held_stays_as_it_was_told() -> None:
    history = story(on(0), overrule(1, "HOLD", until=5), on(2, version=2, amount_cents=400_000), tick(6))

    assert told(history) == ["RAISED MEDIUM", "RAISED URGENT"]
    assert day_of(history.updates[1].event_at) == MARCH_2 + 6


def test_an_overrule_does_not_creep() -> None:
    history = story(on(0), overrule(1, "RAISE", until=30), *(on(d, version=d) for d in range(2, 9)))

    assert told(history) == ["RAISED MEDIUM", "RAISED HIGH"]


def test_nobody_is_kept_on_the_list_without_arrears() -> None:
    history = story(on(0), overrule(1, "RAISE", until=30), on(2, version=2, kind="PAID"))

    assert told(history)[-1] == "CLOSED NONE"


def test_a_date_that_comes_near_raises_by_time_alone() -> None:
    notice = on(0, crisis_kind="END_OF_DELIVERY", crisis_on=MARCH_2 + 40)

    history = story(notice, *(tick(day) for day in range(1, 41)))

    # 40 points; 50 from 28 days ahead, 65 from 14, 80 from 7, 100 from 3.
    assert [(u.band, day_of(u.event_at) - MARCH_2) for u in history.updates] == [
        ("MEDIUM", 0),
        ("HIGH", 33),
        ("URGENT", 37),
    ]


def test_an_end_of_delivery_is_talked_about_before_it_happens_and_not_within_three_days() -> None:
    (update,) = story(on(0, crisis_kind="END_OF_DELIVERY", crisis_on=MARCH_2 + 20)).updates

    assert update.respond_by == MARCH_2 + 20


def test_a_household_is_not_lowered_twice_within_a_week_but_is_in_the_end() -> None:
    falling = (on(0, amount_cents=400_000), on(1, version=2, amount_cents=200_000), on(2, version=3))

    history = story(*falling, *(tick(day) for day in range(3, 12)))

    assert told(history) == ["RAISED URGENT", "LOWERED HIGH", "LOWERED MEDIUM"]
    assert day_of(history.updates[-1].event_at) == MARCH_2 + 9


@pytest.mark.parametrize(
    ("ending", "days"),
    [
        (on(1, version=2, kind="PAID"), 183),
        (on(1, version=2, kind="WITHDRAWN"), 30),
        (result(1, "ARRANGES_ITSELF"), 90),
        (result(1, "HELP"), 183),
        (result(1, "DECEASED"), 30),
    ],
)
def test_after_its_time_everything_is_forgotten(ending: HouseholdEvent, days: int) -> None:
    quiet = replace(POLICY, results={name: replace(r, quiet_days=days) for name, r in POLICY.results.items()})

    before = story(on(0), ending, tick(days), policy=quiet)
    after = story(on(0), ending, tick(days), tick(days + 1), policy=quiet)

    assert HOUSEHOLD in before.households
    assert HOUSEHOLD not in after.households
    assert HOUSEHOLD not in after.rankings


def test_erasure_takes_a_household_off_the_list_and_out_of_every_table() -> None:
    erased = HouseholdEvent(HOUSEHOLD, "erasure", NOON, erasure_requested_on=MARCH_2)

    history = story(on(0), erased, on(1, version=2))

    assert told(history) == ["RAISED MEDIUM", "WITHDRAWN NONE", "RAISED MEDIUM"]
    # It counts anew from 1, under ids of their own.
    assert [update.sequence for update in history.updates] == [1, 2, 1]
    assert len({update.update_id for update in history.updates}) == 3


def test_a_tick_that_comes_twice_or_late_changes_nothing() -> None:
    once = story(on(0), result(1, "HELP"), tick(31))
    again = story(on(0), result(1, "HELP"), tick(31), tick(31), tick(20))

    assert again.households == once.households
    assert again.updates == once.updates


def test_a_tick_reaches_its_slice_alone() -> None:
    slices = 16
    own = int(HOUSEHOLD[:4], 16) * slices // 16**4

    assert [number for number in range(slices) if Tick(0, number, slices).among([HOUSEHOLD])] == [own]


def test_a_day_is_told_to_a_partition_in_as_many_slices_as_it_needs() -> None:
    def told(households: int) -> list[tuple[int, int]]:
        ticks, tick = [], Tick(0, 0, 0).follow(households)
        while tick is not None:
            ticks.append((tick.slice, tick.slices))
            tick = tick.follow(households + 1_000)  # those that come meanwhile change nothing
        return ticks

    assert told(0) == [(0, 1)]
    assert told(250) == [(0, 1)]
    assert told(501) == [(0, 3), (1, 3), (2, 3)]


def test_a_day_that_is_not_sliced_yet_concerns_nobody() -> None:
    assert Tick(0, 0, 0).among([HOUSEHOLD]) == []


# A result, and what is left to count of four things: the arrears that stood, the same said again a month
# later, the same grown, and the arrears of another creditor that come later (DDAS 1.2, EnumEindresultaat).
#     result                 at once  again  grown  another's   why
AFTER_A_RESULT: list[tuple[str, bool, bool, bool, bool, str]] = [
    ("ARRANGES_ITSELF",      False,   False, True,  True,  "a repeat, unless it is higher"),
    ("HELP",                 False,   False, True,  True,  "the same"),
    ("KNOWN_AT_DEBT_HELP",   False,   False, False, True,  "debt help has it in hand, also where it grows"),
    ("DECEASED",             False,   True,  True,  True,  "help is for the household that stays behind"),
    ("NOT_A_RESIDENT",       False,   True,  True,  True,  "who lives there is not whom it was about"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "at_once", "again", "grown", "anothers", "why"), AFTER_A_RESULT)
def test_a_result_is_about_the_signals_that_stood(
    name: str, at_once: bool, again: bool, grown: bool, anothers: bool, why: str
) -> None:
    def counts(*later: HouseholdEvent) -> bool:
        return story(on(0), result(1, name), *later).risks[-1].open_positions > 0

    assert counts() is at_once
    assert counts(on(28, version=2)) is again
    assert counts(on(28, version=2, amount_cents=300_000)) is grown
    assert counts(on(28, creditor="water", partner_type="WATER", contract="w")) is anothers


def test_a_result_of_one_signal_leaves_the_others_on_the_list() -> None:
    """The widow's own arrears: the outcome names the signals that it is about."""
    widows = on(0, creditor="water", partner_type="WATER", contract="w", signal_id="w-1", amount_cents=9_000)
    about = Outcome("o-1", None, None, "DECEASED", ("signal-1",))
    died = HouseholdEvent(HOUSEHOLD, "outcome-1", NOON + DAY_MS, outcome=about)

    history = story(on(0), widows, died)

    assert [(answer.creditor, answer.status) for answer in history.answers] == [("rent", "DECEASED")]
    assert history.risks[-1].open_positions == 1
    assert told(history)[-1] != "WITHDRAWN NONE"


# A threat that stands on a contract that was handled, and the next word of it: whether it is picked up anew.
@pytest.mark.parametrize(
    ("stood", "comes", "anew"),
    [
        (None, "EVICTION", True),
        ("EVICTION", "EVICTION", False),
        ("DISCONNECTION", "EVICTION", True),
        ("EVICTION", None, False),
        (None, "END_OF_DELIVERY", False),
        ("END_OF_DELIVERY", "DISCONNECTION", True),
    ],
)
def test_a_threat_of_another_kind_is_a_new_one(stood: str | None, comes: str | None, anew: bool) -> None:
    history = story(on(0, crisis_kind=stood), result(1, "NO_CONTACT"), on(9, version=2, crisis_kind=comes))

    assert (history.risks[-1].open_positions > 0) is anew


@pytest.mark.parametrize(
    ("kind", "cents", "ended"),
    [
        ("PLAN_AGREED", 110_000, "PLANNED"),
        ("REPORTED", 4_999, "BELOW_MINIMUM"),
        ("PAID", 0, "PAID"),
        ("WITHDRAWN", 110_000, "WITHDRAWN"),
        ("CHANGED", 0, "PAID"),
    ],
)
def test_why_nothing_counts_any_more_is_said(kind: str, cents: int, ended: str) -> None:
    history = story(on(0), on(1, version=2, kind=kind, amount_cents=cents))

    assert history.risks[-1].ended_by == ended
    assert history.updates[-1].band == "NONE"


def test_while_a_plan_counts_by_the_policy_help_is_offered() -> None:
    half = replace(POLICY, plan_agreed_percent=50)

    assert story(on(0, kind="PLAN_AGREED"), policy=half).risks[-1].score == 2_000
    assert story(on(0, kind="PLAN_AGREED"), policy=half).updates[-1].band == "LOW"
    assert story(on(0, kind="PLAN_AGREED")).updates == []
