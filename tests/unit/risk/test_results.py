"""What outreach found: what each result ends, what creditors hear, and what makes it count again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eropaf.risk.events import ContactAttempt, Outcome
from eropaf.risk.feedback import Answer
from eropaf.risk.household import fold
from eropaf.risk.outcomes import RESULTS
from eropaf.risk.records import DAY_MS, HouseholdEvent
from eropaf.risk.refusal import Reason
from tests.builders import HOUSEHOLD, MARCH_2, NOON, a_signal, an_event
from tests.story import POLICY, on, result, story, tick, told

EFFORT: dict[str, Any] = {"personal_contact": True, "debt_help_pointed_at": True, "written_reminders": 1}
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


def test_a_reason_never_goes_with_another_reason() -> None:
    with pytest.raises(ValueError, match="may not learn why"):
        Answer("rent", "c", "s", "NOT_PICKED_UP_OTHER", "staff shortage")


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


# What threatens when somebody died, by day, and whether it counts on for who stays behind (DDAS 1.2, "Inwoner
# is overleden": help is offered to the household).
THREATENS: list[tuple[str, dict[str, Any], bool]] = [
    ("nothing", {}, False),
    ("an eviction", {"crisis_kind": "EVICTION"}, True),
    ("an eviction to come", {"crisis_kind": "EVICTION", "crisis_on": MARCH_2 + 20}, True),
    ("an eviction of that day", {"crisis_kind": "EVICTION", "crisis_on": MARCH_2 + 1}, True),
    ("an eviction that passed", {"crisis_kind": "EVICTION", "crisis_on": MARCH_2}, False),
    ("an end of delivery to come", {"crisis_kind": "END_OF_DELIVERY", "crisis_on": MARCH_2 + 20}, True),
    ("an end of delivery without a day", {"crisis_kind": "END_OF_DELIVERY"}, False),
]


@pytest.mark.parametrize(("case", "threat", "counts"), THREATENS, ids=[line[0] for line in THREATENS])
def test_what_threatens_who_stays_behind_counts_on_when_somebody_died(
    case: str, threat: dict[str, Any], counts: bool
) -> None:
    named = Outcome("o-1", None, None, "DECEASED", ("signal-1",))

    history = story(on(0, **threat), result(1, "DECEASED"))
    of_a_signal = story(on(0, **threat), HouseholdEvent(HOUSEHOLD, "outcome-1", NOON + DAY_MS, outcome=named))
    of_nobody = story(on(0, **threat), result(1, "NOT_A_RESIDENT"))

    assert [answer.status for answer in history.answers] == ["DECEASED"]
    assert (history.risks[-1].open_positions > 0) is counts
    assert of_a_signal.risks[-1].open_positions == of_nobody.risks[-1].open_positions == 0


# What stood on a contract when it was handled, and the creditor's next word, nine days later: whether it is
# picked up anew. Sources: DDAS 1.2, "herhaalde melding" and warmeOverdracht; Bgs art. 2 under d; Wgs art. 4
# lid 2; the end of a delivery follows the early signal (Energieregeling of 2026, by NVVK, 26 January 2026).
EVICTED: dict[str, Any] = {"crisis_kind": "EVICTION"}
ENDS: dict[str, Any] = {"crisis_kind": "END_OF_DELIVERY"}
AT_20, AT_60, PASSED = ({"crisis_on": MARCH_2 + day} for day in (20, 60, 8))
AGREED: dict[str, Any] = {"own_effort": EFFORT | {"offer": "AGREED"}}
NO_ANSWER: dict[str, Any] = {"own_effort": EFFORT | {"offer": "NO_ANSWER"}}
HANDOVER: dict[str, Any] = {"handover_wish": True}
ANEW: list[tuple[str, dict[str, Any], dict[str, Any], bool]] = [
    ("the same", {}, {}, False),
    ("a threat", {}, EVICTED, True),
    ("the same threat", EVICTED, EVICTED, False),
    ("a threat of another kind", {"crisis_kind": "DISCONNECTION"}, EVICTED, True),
    ("a threat that ended", EVICTED, {}, False),
    ("the end of delivery after the early signal", {}, ENDS, True),
    ("the same end of delivery", ENDS, ENDS, False),
    ("a disconnection after the end of delivery", ENDS, {"crisis_kind": "DISCONNECTION"}, True),
    ("an eviction without a date gets one", EVICTED, EVICTED | AT_60, True),
    ("an eviction brought forward", EVICTED | AT_60, EVICTED | AT_20, True),
    ("an eviction put off", EVICTED | AT_20, EVICTED | AT_60, False),
    ("an eviction on the same day", EVICTED | AT_60, EVICTED | AT_60, False),
    ("an eviction whose date is left out", EVICTED | AT_60, EVICTED, False),
    ("an eviction set anew after its day", EVICTED | PASSED, EVICTED | AT_60, True),
    ("an end of delivery brought forward", ENDS | AT_60, ENDS | AT_20, True),
    ("a warm handover", {}, HANDOVER, True),
    ("the same warm handover", HANDOVER, HANDOVER, False),
    ("a warm handover taken back", HANDOVER, {}, False),
    ("the resident agreed", NO_ANSWER, AGREED, True),
    ("the resident had agreed", AGREED, AGREED, False),
    ("the resident agrees no more", AGREED, NO_ANSWER, False),
]  # fmt: skip


@pytest.mark.parametrize("name", ["NO_CONTACT", "ARRANGES_ITSELF", "KNOWN_AT_DEBT_HELP"])
@pytest.mark.parametrize(("case", "stood", "comes", "anew"), ANEW, ids=[line[0] for line in ANEW])
def test_a_call_for_help_and_what_comes_nearer_is_no_repeat(
    case: str, stood: dict[str, Any], comes: dict[str, Any], anew: bool, name: str
) -> None:
    history = story(on(0, **stood), result(1, name), on(9, version=2, **comes))

    assert (history.risks[-1].open_positions > 0) is anew
    assert [answer.status for answer in history.answers[1:]] == ([] if anew else ["NOT_PICKED_UP_REPEATED"])


# Days from the day that passed to the word of the next, by the moment in UTC: in summer the Netherlands' day
# ends at 22:00 UTC.
@pytest.mark.parametrize(("at", "anew"), [(-1, False), (22 * 3_600_000, True), (DAY_MS, True)])
def test_what_is_set_anew_once_its_day_passed_is_never_missed(at: int, anew: bool) -> None:
    passed = MARCH_2 + 40
    stood = on(0, crisis_kind="EVICTION", crisis_on=passed)
    again = a_signal(
        reported_at=passed * DAY_MS + at, version=2, crisis_kind="EVICTION", crisis_on=passed + 30
    )

    history = story(stood, result(1, "ARRANGES_ITSELF"), an_event(again))

    assert (history.risks[-1].open_positions > 0) is anew


# What is reported between a visit and the word of it, from a phone that had no line, and what is told of it.
@pytest.mark.parametrize("name", ["NO_CONTACT", "HELP", "DECEASED", "KNOWN_AT_DEBT_HELP"])
@pytest.mark.parametrize(
    "meanwhile",
    [
        {"creditor": "water", "partner_type": "WATER", "contract": "w", "signal_id": "w-1"},
        {"version": 2, "signal_id": "signal-2", "amount_cents": 300_000},
        {"version": 2, "signal_id": "signal-2", "crisis_kind": "EVICTION"},
    ],
    ids=["another's arrears", "grown", "a threat"],
)
def test_a_result_that_comes_late_ends_nothing_that_was_reported_after_its_day(
    name: str, meanwhile: dict[str, Any]
) -> None:
    late = story(on(0), on(2, **meanwhile), result(1, name))

    assert late.risks[-1].open_positions == 1
    assert late.risks[-1].threatening is ("crisis_kind" in meanwhile)
    assert {answer.signal_id for answer in late.answers} <= {"signal-1"}
    assert told(late)[-1] not in ("PAUSED NONE", "CLOSED NONE", "WITHDRAWN NONE")


def test_a_result_is_of_its_whole_day_in_the_policys_zone() -> None:
    """A file says the day alone: in winter the day of the Netherlands ends at 23:00 UTC."""
    same_day = replace(result(0, "NO_CONTACT"), at=MARCH_2 * DAY_MS)
    evening, night = MARCH_2 * DAY_MS + 23 * 3_600_000 - 1, MARCH_2 * DAY_MS + 23 * 3_600_000

    def left(reported_at: int) -> int:
        return story(an_event(a_signal(reported_at=reported_at)), same_day).risks[-1].open_positions

    assert (left(evening), left(night)) == (0, 1)


def test_a_result_that_comes_late_is_quiet_and_pauses_from_its_own_day() -> None:
    history = story(on(0), on(8, creditor="water", partner_type="WATER", contract="w"), result(1, "HELP"))

    assert history.answers[-1].pause_until == MARCH_2 + 31
    assert story(on(0), result(1, "HELP")).answers[-1].pause_until == MARCH_2 + 31


def test_a_result_that_comes_late_names_what_it_is_about_all_the_same() -> None:
    about = Outcome("o-1", None, None, "NO_CONTACT", ("signal-2",))
    later = on(2, version=2, signal_id="signal-2")

    history = story(on(0), later, HouseholdEvent(HOUSEHOLD, "outcome-1", NOON + DAY_MS, outcome=about))

    assert history.risks[-1].open_positions == 0


def test_a_result_that_comes_late_ends_no_pick_up_that_was_made_after_it() -> None:
    picked_up = HouseholdEvent(HOUSEHOLD, "outcome", NOON + 2 * DAY_MS, outcome=Outcome("o-1", MARCH_2 + 2))
    later = on(3, creditor="water", partner_type="WATER", contract="w", signal_id="w-1")

    history = story(on(0), picked_up, result(1, "NO_CONTACT", "o-2"), later)
    ended = story(on(0), picked_up, result(2, "NO_CONTACT", "o-2"), later)

    assert history.answers[-1] == Answer("water", "w", "w-1", "PICKED_UP")
    assert {answer.creditor for answer in ended.answers} == {"rent"}
