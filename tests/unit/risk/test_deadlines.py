"""By when a first talk is due, and whose norm that is: a table for each rule, with its source.

2 March 2026 is a Monday. Days are counted from it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eropaf.risk.events import ContactAttempt, Outcome, Tick
from eropaf.risk.history import History, tell
from eropaf.risk.policy import Policy
from eropaf.risk.ranking import rank
from eropaf.risk.records import DAY_MS, HouseholdEvent
from eropaf.risk.rows import RankingRow
from tests.builders import (
    AMSTERDAM_EXAMPLE,
    HOUSEHOLD,
    MARCH_2,
    NOON,
    a_risk,
    a_signal,
    amsterdam_example,
    an_event,
)

POLICY = amsterdam_example()


def on(day: int, **changes: Any) -> HouseholdEvent:
    return an_event(a_signal(reported_at=NOON + day * DAY_MS, version=day + 1, **changes))


def threat(day: int, **changes: Any) -> HouseholdEvent:
    return on(day, crisis_kind="EVICTION", **changes)


def attempt(day: int, reached: bool, said_on: int | None = None) -> HouseholdEvent:
    made = ContactAttempt("PHONE", reached, MARCH_2 + day, "MORNING")
    at = NOON + (day if said_on is None else said_on) * DAY_MS
    return HouseholdEvent(HOUSEHOLD, f"o-{day}", at, outcome=Outcome(f"o-{day}", None, made, None))


def tick(day: int) -> HouseholdEvent:
    return HouseholdEvent("*", f"tick-{day}", (MARCH_2 + day) * DAY_MS, tick=Tick(MARCH_2 + day, 0, 1))


def due(history: History) -> int | None:
    """Return the day that outreach was last told, counted from 2 March."""
    respond_by = history.updates[-1].respond_by
    return None if respond_by is None else respond_by - MARCH_2


# Talked, and off the list; what is signalled later on the day of the talk is another case.
MORNING = [on(0), attempt(6, reached=True), on(5, kind="PAID")]

# What happened; the day by which a talk is due; why.
TABLE: list[tuple[str, list[HouseholdEvent], int | None, str]] = [
    ("arrears", [on(0)], 28, "four weeks: Wgs art. 4 lid 1 (NVVK)"),
    ("arrears said again", [on(0), on(20)], 28, "from the day on which they came on the list"),
    ("grown into another band", [on(0), on(20, amount_cents=300_000)], 28, "the same case"),
    ("a threat on a Monday", [threat(0)], 3, "three working days: the ministry, by GLN, 9 November 2023"),
    ("a threat on a Thursday", [threat(3)], 8, "a weekend lies between"),
    ("a threat before Easter", [threat(31)], 38, "Good Friday and Easter Monday lie between"),
    ("a threat to who was on the list", [on(0), threat(10)], 15, "from the day of the threat"),
    ("a threat said again", [threat(0), threat(2)], 3, "the day of the first word of it"),
    ("a threat late in the four weeks", [on(0), threat(26)], 28, "the first norm is the nearer"),
    ("a date before either", [threat(0, crisis_on=MARCH_2 + 1)], 1, "before what threatens happens"),
    ("a date after both", [threat(0, crisis_on=MARCH_2 + 90)], 3, "three working days all the same"),
    ("an end of delivery", [on(0, crisis_kind="END_OF_DELIVERY", crisis_on=MARCH_2 + 20)], 20,
     "no threat (NVVK, 1 November 2023), and before its date"),
    ("a threat that was withdrawn", [on(0), threat(10), on(12)], 28, "the first date holds again"),
    ("a threat whose date passed", [on(0), threat(1, crisis_on=MARCH_2 + 3), tick(4)], 28, "it is over"),
    ("a talk that was held", [on(0), attempt(5, reached=True)], None, "a talk meets the deadline"),
    ("a talk on the day itself", [on(0), attempt(0, reached=True)], None, "a talk meets the deadline"),
    ("a talk of another case", [on(0), attempt(5, reached=True), on(6, kind="PAID"), on(40)], 68,
     "a new case asks for a new talk"),
    ("an attempt that reached nobody", [on(0), attempt(5, reached=False)], 28, "no talk was held"),
    ("a threat after a talk", [on(0), attempt(5, reached=True), threat(7)], 10, "it asks for another"),
    ("a talk after a threat", [on(0), threat(7), attempt(8, reached=True)], None, "it meets that too"),
    ("a threat on the day of a talk, after it", [on(0), attempt(5, reached=True), threat(5)], 9,
     "it asks for another, whatever was said that morning"),
    ("a talk on the day of a threat, after it", [on(0), threat(5), attempt(5, reached=True)], None,
     "it meets that"),
    ("a threat after a talk, and one the next day",
     [on(0), attempt(5, reached=True), threat(5), attempt(6, reached=True)], None, "that one meets it"),
    ("a threat after a talk, withdrawn", [on(0), attempt(5, reached=True), threat(5), on(7)], None,
     "the talk met the first norm"),
    ("a new case on the day of a talk, after it", [*MORNING, on(6)],
     34, "a new case asks for a new talk"),
    ("a threat that came and went after a new case",
     [*MORNING, on(6), threat(8), on(9)], 34,
     "the talk was of the case before"),
    ("a talk dated ahead of its word", [on(0), attempt(9, reached=True, said_on=1), threat(3)], 8,
     "none is after the word of it"),
    ("paid", [on(0), on(3, kind="PAID")], None, "off the list"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "events", "day", "source"), TABLE, ids=[row[0] for row in TABLE])
def test_a_first_talk_is_due(case: str, events: list[HouseholdEvent], day: int | None, source: str) -> None:
    assert due(tell(events, POLICY)) == day


def test_a_deadline_that_goes_back_is_told_as_lowered_and_a_nearer_one_as_raised() -> None:
    rich = {"amount_cents": 600_000}
    told = tell([on(0, **rich), threat(10, **rich), on(12, **rich)], POLICY).updates

    assert [(update.band, update.change) for update in told] == [
        ("URGENT", "RAISED"), ("URGENT", "RAISED"), ("URGENT", "LOWERED"),
    ]  # fmt: skip


def test_a_talk_that_meets_the_deadline_is_told_as_lowered() -> None:
    assert tell([on(0), attempt(5, reached=True)], POLICY).updates[-1].change == "LOWERED"


NORMS = [
    ("MUNICIPAL", "MUNICIPAL", ["MUNICIPAL", "MUNICIPAL"]),
    ("LEGAL", "MUNICIPAL", ["LEGAL", "MUNICIPAL"]),
    ("MUNICIPAL", "LEGAL", ["MUNICIPAL", "LEGAL"]),
]


@pytest.mark.parametrize(("first", "threatening", "said"), NORMS)
def test_an_update_says_whose_norm_its_date_is(first: str, threatening: str, said: list[str]) -> None:
    text = AMSTERDAM_EXAMPLE.replace('first_talk_norm = "MUNICIPAL"', f'first_talk_norm = "{first}"').replace(
        'threatening_norm = "MUNICIPAL"', f'threatening_norm = "{threatening}"'
    )
    policy = Policy.parse(text)

    assert [update.respond_by_norm for update in tell([on(0), threat(3)], policy).updates] == said
    assert tell([on(0), on(1, kind="PAID")], policy).updates[-1].respond_by_norm is None


def test_what_an_older_version_told_stands() -> None:
    """It kept neither day; a household that it listed is due no later than it said."""
    old = RankingRow(1, "MEDIUM", MARCH_2 + 9, 0)

    ranked = rank(old, a_risk(at=NOON + 5 * DAY_MS), POLICY)

    assert ranked.update is None
    assert ranked.row is not None
    assert (ranked.row.respond_by, ranked.row.listed_on) == (MARCH_2 + 9, MARCH_2 + 9 - 28)


# Each band's action is the policy's, in the update; off the list there is none.
ACTIONS = [
    (0, "LOW", "LETTER"),
    (40, "MEDIUM", "PHONE"),
    (70, "HIGH", "VISIT"),
    (100, "URGENT", "SEVERAL_ATTEMPTS"),
]


@pytest.mark.parametrize(("points", "band", "action"), ACTIONS)
def test_a_band_carries_its_action(points: int, band: str, action: str) -> None:
    update = rank(None, a_risk(score=points * 100), POLICY).update

    assert update is not None
    assert (update.band, update.action) == (band, action)
    paid = replace(a_risk(sequence=2), score=0, open_positions=0, ended_by="PAID")
    gone = rank(rank(None, a_risk(score=points * 100), POLICY).row, paid, POLICY).update
    assert gone is not None
    assert (gone.action, gone.respond_by) == (None, None)


# What ended, and the one neutral word that outreach hears.
ENDINGS = [
    ("PAID", "CLOSED"), ("HANDLED", "CLOSED"), ("PLANNED", "CLOSED"), ("BELOW_MINIMUM", "CLOSED"),
    ("PAUSED", "PAUSED"), ("WITHDRAWN", "WITHDRAWN"), ("OBJECTED", "WITHDRAWN"), ("SILENT", "WITHDRAWN"),
    ("FORGOTTEN", "WITHDRAWN"),
]  # fmt: skip


@pytest.mark.parametrize(("ended_by", "change"), ENDINGS)
def test_the_end_is_told_in_one_neutral_word(ended_by: str, change: str) -> None:
    row = rank(None, a_risk(), POLICY).row

    update = rank(row, a_risk(sequence=2, open_positions=0, ended_by=ended_by), POLICY).update

    assert update is not None
    assert (update.band, update.change) == ("NONE", change)


# A worker's decision: never off the list while help is due.
@pytest.mark.parametrize(
    ("points", "told", "overrule", "band"),
    [
        (0, "NONE", "LOWER", "LOW"),
        (0, "NONE", "HOLD", "LOW"),
        (40, "MEDIUM", "LOWER", "LOW"),
        (40, "NONE", "HOLD", "LOW"),
        (40, "HIGH", "HOLD", "HIGH"),
        (100, "URGENT", "RAISE", "URGENT"),
        (0, "NONE", "RAISE", "MEDIUM"),
    ],
)
def test_a_worker_lowers_and_holds_above_the_lowest_band(
    points: int, told: str, overrule: str, band: str
) -> None:
    row = RankingRow(1, told, None, 0)

    ranked = rank(row, a_risk(score=points * 100, overrule=overrule), POLICY).row

    assert ranked is not None
    assert ranked.band == band
