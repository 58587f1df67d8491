"""What arrives late: of two words the later one holds, whichever arrived first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eropaf.risk.events import Outcome, Overrule
from eropaf.risk.feedback import Answer
from eropaf.risk.history import History
from eropaf.risk.household import fold
from eropaf.risk.outcomes import RESULTS, precedence
from eropaf.risk.positions import position_of, stood_since, with_position
from eropaf.risk.records import DAY_MS, HouseholdEvent
from eropaf.risk.rows import HouseholdRow, Position
from tests.builders import HOME, HOUSEHOLD, MARCH_2, NOON, a_signal
from tests.story import POLICY, on, result, story, tick

HOUR_MS = DAY_MS // 24
WATER: dict[str, Any] = {"creditor": "water", "partner_type": "WATER", "contract": "w", "signal_id": "w-1"}
AGREED = {"personal_contact": True, "debt_help_pointed_at": True, "written_reminders": 1, "offer": "AGREED"}


def found(name: str, hours: int, outcome_id: str, *about: str) -> HouseholdEvent:
    """Return the event of a result so many hours after noon on 2 March."""
    at = NOON + hours * HOUR_MS
    return HouseholdEvent(HOUSEHOLD, outcome_id, at, outcome=Outcome(outcome_id, None, None, name, about))


def picked_up(day: int, hours: int = 0) -> HouseholdEvent:
    at = NOON + day * DAY_MS + hours * HOUR_MS
    return HouseholdEvent(HOUSEHOLD, f"up-{day}-{hours}", at, outcome=Outcome(f"up-{day}", MARCH_2 + day))


def decided(day: int, kind: str, until: int, reason: str = "seen") -> HouseholdEvent:
    overrule = Overrule(kind, MARCH_2 + until, reason)
    return HouseholdEvent(HOUSEHOLD, f"{kind}-{day}", NOON + day * DAY_MS, overrule=overrule)


def objects(day: int, stands: bool = True) -> HouseholdEvent:
    return HouseholdEvent(HOUSEHOLD, f"o-{day}", NOON + day * DAY_MS, HOME, objection_stands=stands)


def kept(history: History) -> HouseholdRow:
    return history.households[HOUSEHOLD]


def test_of_an_older_result_that_arrives_later_the_creditor_hears_nothing() -> None:
    history = story(on(0), result(3, "HELP", "wednesday"), result(1, "NO_CONTACT", "monday"))

    assert history.answers == [
        Answer("rent", "contract-1", "signal-1", "PICKED_UP", None, "PAUSE", MARCH_2 + 33)
    ]
    assert (kept(history).handled_by, kept(history).handled_at) == ("HELP", NOON + 3 * DAY_MS)
    assert kept(history).outcomes == ("wednesday", "monday")
    assert kept(history).positions == kept(story(on(0), result(3, "HELP"))).positions


def test_an_older_result_that_arrived_later_is_known_when_it_comes_again() -> None:
    late = result(1, "NO_CONTACT", "monday")
    row = kept(story(on(0), result(3, "HELP", "wednesday"), late))

    assert fold(row, late, POLICY).row is row


# Two results, each with its hour, and the one that holds, whichever arrives first.
HOLDS = [
    (("NO_CONTACT", 24), ("HELP", 72), "HELP"),
    (("HELP", 24), ("NO_CONTACT", 72), "NO_CONTACT"),
    (("HELP", 24), ("NO_CONTACT", 25), "NO_CONTACT"),
    (("HELP", 24), ("NO_CONTACT", 24), "HELP"),
    (("PAID_OR_PLAN", 24), ("NO_CONTACT", 24), "PAID_OR_PLAN"),
    (("PAID_OR_PLAN", 24), ("ADVICE", 24), "ADVICE"),
    (("HELP", 24), ("HELP_FINANCIAL", 24), "HELP_FINANCIAL"),
]


@pytest.mark.parametrize(("one", "other", "holds"), HOLDS)
def test_the_newest_result_holds_and_of_one_moment_the_one_that_protects_more(
    one: tuple[str, int], other: tuple[str, int], holds: str
) -> None:
    first, second = found(*one, "o-1"), found(*other, "o-2")

    ways = [story(on(0), *order) for order in ((first, second), (second, first))]

    assert [kept(way).handled_by for way in ways] == [holds, holds]
    assert [kept(way).positions[0].handled_by for way in ways] == [holds, holds]
    assert kept(ways[0]).positions == kept(ways[1]).positions
    assert [way.answers[-1].collection for way in ways] == [RESULTS[holds].collection] * 2


def test_a_result_that_comes_late_is_quiet_from_its_own_day() -> None:
    late = story(on(0), on(8, **WATER), result(1, "HELP"))

    assert kept(late).positions[0].handled_until == MARCH_2 + 1 + POLICY.results["HELP"].quiet_days


def test_every_result_has_its_place_among_those_of_one_moment() -> None:
    ranked = sorted(RESULTS, key=precedence)

    asked = [RESULTS[name].collection for name in ranked]
    assert asked == ["RESUME"] * 3 + ["NO_WORD"] * 9 + ["PAUSE"] * 4


def test_an_older_result_holds_for_what_the_newer_is_not_about() -> None:
    history = story(
        on(0), on(0, **WATER), found("HELP", 72, "o-1", "signal-1"), found("NO_CONTACT", 24, "o-2")
    )

    assert [(a.creditor, a.collection) for a in history.answers] == [("rent", "PAUSE"), ("water", "RESUME")]
    assert kept(history).handled_by == "HELP"


@pytest.mark.parametrize("name", ["DECEASED", "NOT_A_RESIDENT"])
def test_who_is_no_longer_there_ends_what_was_signalled_whenever_it_is_told(name: str) -> None:
    late = story(on(0), result(3, "HELP", "o-1"), result(1, name, "o-2"))
    in_order = story(on(0), result(1, name, "o-2"), result(3, "HELP", "o-1"))

    assert late.answers[-1] == in_order.answers[-1] == Answer("rent", "contract-1", "signal-1", name)
    assert kept(late).positions == kept(in_order).positions
    assert (kept(late).handled_by, kept(in_order).handled_by) == ("HELP", "HELP")


def test_of_a_row_that_an_older_version_kept_every_result_holds() -> None:
    row = kept(story(on(0), result(3, "HELP", "o-1")))
    (position,) = row.positions
    older = replace(row, handled_at=None, positions=(replace(position, handled_at=None, handled_by=None),))

    folded = fold(older, result(1, "NO_CONTACT", "o-2"), POLICY)

    assert [answer.collection for answer in folded.answers] == ["RESUME"]
    assert folded.row is not None
    assert folded.row.handled_by == "NO_CONTACT"


def test_an_older_result_ends_nothing_that_is_new_in_kind_since_the_newer() -> None:
    broken = on(0, version=2, signal_id="signal-2", kind="PLAN_BROKEN")

    history = story(on(0), result(3, "HELP", "o-1"), broken, result(1, "NO_CONTACT", "o-2"))

    assert history.risks[-1].open_positions == 1
    assert [answer.collection for answer in history.answers] == ["PAUSE"]


# Day and hour of a pick-up that arrives after a result of noon on the third day; whether it holds.
@pytest.mark.parametrize(
    ("day", "hours", "holds"), [(1, 0, False), (3, -1, False), (3, 0, False), (3, 1, True), (4, 0, True)]
)
def test_a_pick_up_that_arrives_after_its_result_is_over(day: int, hours: int, holds: bool) -> None:
    history = story(on(0), result(3, "NO_CONTACT"), picked_up(day, hours))

    assert (kept(history).picked_up_on is not None) is holds
    assert [answer.collection for answer in history.answers] == ["RESUME", *(["NO_WORD"] if holds else [])]


@pytest.mark.parametrize("days", [(1, 4), (4, 1)])
def test_the_newest_pick_up_is_known_in_whatever_order_they_are_told(days: tuple[int, int]) -> None:
    history = story(on(0), *(picked_up(day) for day in days), result(3, "NO_CONTACT"))

    assert kept(history).picked_up_on == MARCH_2 + 4


# A version of after the visit, and whether it says more than what stood then.
SAYS_MORE: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({}, {}, False),
    ({}, {"amount_cents": 109_999}, False),
    ({}, {"amount_cents": 110_001}, True),
    ({}, {"crisis_kind": "EVICTION"}, True),
    ({}, {"crisis_kind": "END_OF_DELIVERY", "crisis_on": MARCH_2 + 60}, True),
    ({"crisis_kind": "EVICTION"}, {}, False),
    ({"crisis_kind": "EVICTION"}, {"crisis_kind": "EVICTION"}, False),
    ({"crisis_kind": "DISCONNECTION"}, {"crisis_kind": "EVICTION"}, True),
    ({"crisis_kind": "EVICTION"}, {"crisis_kind": "EVICTION", "crisis_on": MARCH_2 + 60}, True),
    (
        {"crisis_kind": "EVICTION", "crisis_on": MARCH_2 + 60},
        {"crisis_kind": "EVICTION", "crisis_on": MARCH_2 + 60},
        False,
    ),
    (
        {"crisis_kind": "EVICTION", "crisis_on": MARCH_2 + 60},
        {"crisis_kind": "EVICTION", "crisis_on": MARCH_2 + 59},
        True,
    ),
    ({}, {"kind": "PLAN_BROKEN"}, True),
    ({"kind": "PLAN_BROKEN"}, {"kind": "PLAN_BROKEN"}, False),
    ({"kind": "PLAN_AGREED"}, {"kind": "CHANGED"}, True),
    ({"kind": "PLAN_AGREED"}, {"kind": "PLAN_AGREED"}, False),
    ({"kind": "PAID", "amount_cents": 0}, {}, True),
    ({"amount_cents": 0}, {"amount_cents": 0, "kind": "CHANGED"}, True),
    ({}, {"handover_wish": True}, True),
    ({"handover_wish": True}, {"handover_wish": True}, False),
    ({}, {"own_effort": AGREED}, True),
    ({"own_effort": AGREED}, {"own_effort": AGREED}, False),
]


@pytest.mark.parametrize(("stood", "comes", "more"), SAYS_MORE)
def test_what_only_repeats_stood_since_it_was_first_said(
    stood: dict[str, Any], comes: dict[str, Any], more: bool
) -> None:
    before = position_of(a_signal(**stood))
    again = position_of(a_signal(version=2, reported_at=NOON + 2 * DAY_MS, **comes))

    (position,) = with_position((before,), again)

    assert stood_since(position) == (again if more else before).reported_at


@pytest.mark.parametrize(("comes", "left"), [({}, 0), ({"crisis_kind": "EVICTION"}, 1)])
def test_a_result_that_comes_late_is_about_what_was_only_repeated_since(
    comes: dict[str, Any], left: int
) -> None:
    versions = [on(day, version=day, signal_id=f"signal-{day}", **comes) for day in (3, 4, 5)]

    history = story(on(0), *versions, result(1, "NO_CONTACT"))

    assert history.risks[-1].open_positions == left
    assert [answer.signal_id for answer in history.answers] == ([] if left else ["signal-5"])


def versions(*cents: int) -> list[Position]:
    """Return versions of one contract, a day apart."""
    return [
        position_of(a_signal(version=number, amount_cents=each, reported_at=NOON + number * DAY_MS))
        for number, each in enumerate(cents)
    ]


# Cents of versions 0, 1 and 2, the order in which they arrive, and the version since whose day it stood.
@pytest.mark.parametrize(
    ("cents", "order", "since"),
    [
        ((9, 9, 9), (0, 1, 2), 0),
        ((9, 9, 9), (0, 2, 1), 0),
        ((9, 8, 9), (0, 2, 1), 2),
        ((9, 8, 9), (0, 1, 2), 2),
        ((8, 9, 9), (0, 1, 2), 1),
        ((8, 9, 9), (1, 2, 0), 2),
        ((9, 9, 8), (2, 1, 0), 2),
        ((7, 9, 8), (0, 1, 2), 1),
    ],
)
def test_versions_out_of_order_make_it_later_never_earlier(
    cents: tuple[int, ...], order: tuple[int, ...], since: int
) -> None:
    said = versions(*cents)
    positions: tuple[Position, ...] = ()
    for number in order:
        positions = with_position(positions, said[number])

    assert stood_since(positions[0]) == NOON + since * DAY_MS


def test_a_newer_version_of_an_earlier_day_stood_since_its_own_day() -> None:
    before, again = position_of(a_signal(reported_at=NOON + DAY_MS)), position_of(a_signal(version=2))

    (position,) = with_position((before,), again)

    assert stood_since(position) == NOON


def test_a_contract_that_is_closed_keeps_nothing_of_its_case() -> None:
    history = story(on(0), on(1, version=2), result(2, "HELP"), on(3, version=3, kind="PAID"))

    (position,) = kept(history).positions
    assert (position.handled_at, position.handled_by, position.stood_since) == (None, None, None)


# Two decisions (day, kind, until) and the kind that holds, whichever arrives first.
@pytest.mark.parametrize(
    ("one", "other", "holds"),
    [
        ((1, "RAISE", 9), (2, "LOWER", 9), "LOWER"),
        ((1, "LOWER", 9), (2, "RAISE", 9), "RAISE"),
        ((1, "LOWER", 9), (1, "RAISE", 9), "RAISE"),
        ((1, "LOWER", 9), (1, "HOLD", 9), "HOLD"),
        ((1, "UNKNOWN", 9), (1, "LOWER", 3), "LOWER"),
    ],
)
def test_the_newest_decision_holds_and_of_one_moment_the_one_that_puts_it_higher(
    one: tuple[int, str, int], other: tuple[int, str, int], holds: str
) -> None:
    ways = [(decided(*one), decided(*other)), (decided(*other), decided(*one))]

    overrules = [kept(story(on(0), *way)).overrule for way in ways]

    assert [overrule.kind for overrule in overrules if overrule is not None] == [holds, holds]


@pytest.mark.parametrize(("until", "reasons"), [((3, 9), ("b", "a")), ((9, 9), ("a", "b"))])
def test_of_two_decisions_alike_the_longer_holds_and_then_the_reason(
    until: tuple[int, int], reasons: tuple[str, str]
) -> None:
    one, other = (decided(1, "RAISE", *each) for each in zip(until, reasons, strict=True))

    overrules = [kept(story(on(0), *way)).overrule for way in ((one, other), (other, one))]

    assert overrules == [Overrule("RAISE", MARCH_2 + 9, reasons[1])] * 2


def test_a_decision_that_ended_does_not_make_way_for_an_older_one() -> None:
    ended = on(5, version=2)

    history = story(on(0), decided(2, "RAISE", 3), ended, decided(1, "LOWER", 20), decided(2, "RAISE", 9))

    assert kept(history).overrule is None
    assert history.risks[-1].overrule is None


# Words on an address's objection in the order of arrival (day, whether it stands), and what is left.
@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ([(1, True), (2, False)], False),
        ([(2, False), (1, True)], False),
        ([(2, True), (1, False)], True),
        ([(1, True), (3, True), (2, False)], True),
        ([(1, True), (1, False)], True),
        ([(1, False), (1, True)], True),
        ([(1, True), (4, False), (3, True)], False),
    ],
)
def test_the_later_word_on_an_objection_holds_and_of_one_moment_that_it_stands(
    said: list[tuple[int, bool]], stands: bool
) -> None:
    row = kept(story(on(0), *(objects(*each) for each in said)))

    assert row.objected is stands
    assert (row.positions == ()) is stands or not stands


@pytest.mark.parametrize(
    ("said", "stands"), [([(2, True), (1, False)], True), ([(1, True), (2, False)], False)]
)
def test_so_it_does_where_the_objection_is_the_first_that_is_known_of_a_household(
    said: list[tuple[int, bool]], stands: bool
) -> None:
    """An address that nobody signalled yet, or one that was erased and whose objection was said again."""
    row = story(*(objects(*each) for each in said)).households.get(HOUSEHOLD)

    assert (row is not None and row.objected) is stands


def test_a_pick_up_is_of_no_day_after_it_was_reported() -> None:
    """A wrong year would stick: no result of today ends a pick-up of later."""
    ahead = HouseholdEvent(HOUSEHOLD, "p", NOON + DAY_MS, outcome=Outcome("o-1", MARCH_2 + 365))

    picked_up = story(on(0), ahead).households[HOUSEHOLD]
    ended = story(on(0), ahead, result(2, "HELP", "o-2")).households[HOUSEHOLD]

    assert picked_up.picked_up_on == MARCH_2 + 1
    assert ended.picked_up_on is None


def test_a_result_that_a_newer_version_kept_is_no_obstacle_to_this_one() -> None:
    """After a version was put back: of a result that it does not know it knows no retention either."""
    row = story(on(0), result(1, "HELP")).households[HOUSEHOLD]
    strange = replace(
        row,
        handled_by="UNKNOWN",
        positions=tuple(replace(each, handled_by="UNKNOWN") for each in row.positions),
    )

    newer = fold(strange, result(2, "NO_CONTACT", "o-2"), POLICY).row
    ticked = fold(replace(strange, policy_version="another"), tick(3), POLICY).row

    assert newer is not None
    assert newer.handled_by == "NO_CONTACT"
    assert ticked is not None
    assert ticked.positions == strange.positions
