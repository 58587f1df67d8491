"""What an outreach tool says becomes events, one for each thing that was said, or is refused in words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from eropaf.risk.calendar import EPOCH
from eropaf.risk.events import ContactAttempt, Outcome, Overrule
from eropaf.risk.outreach import events_of
from eropaf.risk.records import DAY_MS, HouseholdEvent
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.still_open import ASKED_ONCE_IN_MS
from tests.builders import HOUSEHOLD, MARCH_2, NOON

NOTHING = {
    "outcome_id": "o-1", "household": HOUSEHOLD, "at": NOON, "picked_up_on": None, "attempt": None,
    "result": None, "overrule": None, "objects": None, "signals": (), "asks_still_open": False,
}  # fmt: skip


ATTEMPT = {"channel": "PHONE", "reached": True, "on": MARCH_2, "day_part": "MORNING"}
OVERRULE = {"kind": "RAISE", "until": MARCH_2, "reason": "seen at the door"}
FIRST, LAST = ((date(year, month, day) - EPOCH).days for year, month, day in [(1990, 1, 1), (2099, 12, 31)])
NOT_POSSIBLE = "is before 1990 or after 2099"
PLACE = "outreach.outcomes-0-7"


def events(**changes: Any) -> list[HouseholdEvent]:
    return events_of(NOTHING | changes, PLACE, NOON)


def test_each_thing_that_was_said_is_an_event_of_its_own() -> None:
    assert events(result="HELP", overrule=OVERRULE, objects=True) == [
        HouseholdEvent(HOUSEHOLD, PLACE, NOON, outcome=Outcome("o-1", None, None, "HELP")),
        HouseholdEvent(
            HOUSEHOLD, f"{PLACE}/overrule", NOON, overrule=Overrule("RAISE", MARCH_2, "seen at the door")
        ),
        HouseholdEvent(HOUSEHOLD, f"{PLACE}/objection", NOON, objection_stands=True),
    ]


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"picked_up_on": MARCH_2}, Outcome("o-1", MARCH_2)),
        ({"attempt": ATTEMPT}, Outcome("o-1", None, ContactAttempt("PHONE", True, MARCH_2, "MORNING"))),
        ({"result": "HELP", "signals": ["s-1"]}, Outcome("o-1", None, None, "HELP", ("s-1",))),
    ],
)
def test_one_thing_that_was_found_is_enough(changes: dict[str, Any], outcome: Outcome) -> None:
    assert [event.outcome for event in events(**changes)] == [outcome]


def test_that_an_objection_is_taken_back_is_an_event_too() -> None:
    assert [event.objection_stands for event in events(objects=False)] == [False]


def test_a_visit_that_begins_is_an_event_of_its_own_and_of_hours_ago_none() -> None:
    asking = [HouseholdEvent(HOUSEHOLD, f"{PLACE}/asks", NOON, asks_still_open=True)]

    assert events(asks_still_open=True) == asking
    assert [event.asks_still_open for event in events(asks_still_open=True, result="HELP")] == [False, True]
    assert len(events(asks_still_open=True, at=NOON - ASKED_ONCE_IN_MS + 1)) == 1
    assert events(asks_still_open=True, at=NOON - ASKED_ONCE_IN_MS) == []


def test_a_tools_clock_may_be_a_day_ahead_and_its_word_is_of_when_it_came() -> None:
    """A tool that takes its local time for UTC is ahead: its word would outweigh true ones until then."""
    assert [event.at for event in events(result="HELP", at=NOON + DAY_MS)] == [NOON]
    assert [event.at for event in events(result="HELP", at=NOON - DAY_MS)] == [NOON - DAY_MS]


@pytest.mark.parametrize(
    ("changes", "reason", "words"),
    [
        ({}, Reason.EMPTY_OUTCOME, "it is empty: no attempt, result, overrule or objection"),
        (
            {"result": "UNKNOWN"},
            Reason.UNKNOWN_RESULT,
            "result is unknown to this version; upgrade, then replay",
        ),
        (
            {"result": "HELP", "household": "*"},
            Reason.IMPOSSIBLE_HOUSEHOLD,
            "household is not a key of 32 hexadecimal digits",
        ),
        (
            {"result": "HELP", "household": HOUSEHOLD.upper()},
            Reason.IMPOSSIBLE_HOUSEHOLD,
            "household is not a key of 32 hexadecimal digits",
        ),
        (
            {"result": "HELP", "at": NOON + DAY_MS + 1},
            Reason.REPORTED_IN_THE_FUTURE,
            "at is more than a day after it was received",
        ),
        ({"result": "HELP", "at": FIRST * DAY_MS - 1}, Reason.IMPOSSIBLE_DATE, f"at {NOT_POSSIBLE}"),
        ({"result": "HELP", "at": -(2**63)}, Reason.IMPOSSIBLE_DATE, f"at {NOT_POSSIBLE}"),
        ({"picked_up_on": FIRST - 1}, Reason.IMPOSSIBLE_DATE, f"picked_up_on {NOT_POSSIBLE}"),
        ({"picked_up_on": LAST + 1}, Reason.IMPOSSIBLE_DATE, f"picked_up_on {NOT_POSSIBLE}"),
        ({"attempt": ATTEMPT | {"on": -(2**31)}}, Reason.IMPOSSIBLE_DATE, f"attempt.on {NOT_POSSIBLE}"),
        ({"attempt": ATTEMPT | {"on": LAST + 1}}, Reason.IMPOSSIBLE_DATE, f"attempt.on {NOT_POSSIBLE}"),
        (
            {"result": "HELP", "outcome_id": "o" * 201},
            Reason.TEXT_TOO_LONG,
            "outcome_id is longer than 200 characters",
        ),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], reason: Reason, words: str) -> None:
    with pytest.raises(Refused) as refused:
        events(**changes)

    assert refused.value.reason is reason
    assert str(refused.value) == words


def test_a_moment_after_2099_is_refused_though_it_is_said_to_have_been_received_then() -> None:
    with pytest.raises(Refused, match=f"at {NOT_POSSIBLE}"):
        events_of(NOTHING | {"result": "HELP", "at": (LAST + 1) * DAY_MS}, PLACE, 10**15)

    assert events_of(NOTHING | {"result": "HELP", "at": (LAST + 1) * DAY_MS - 1}, PLACE, 10**15)
