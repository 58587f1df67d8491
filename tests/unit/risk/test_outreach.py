"""What an outreach tool says becomes events, one for each thing that was said, or is refused in words."""

from __future__ import annotations

from typing import Any

import pytest

from eropaf.risk.events import ContactAttempt, Outcome, Overrule
from eropaf.risk.outreach import events_of
from eropaf.risk.records import DAY_MS, HouseholdEvent
from eropaf.risk.refusal import Reason, Refused
from tests.builders import HOUSEHOLD, MARCH_2, NOON

NOTHING = {
    "outcome_id": "o-1", "household": HOUSEHOLD, "at": NOON, "picked_up_on": None, "attempt": None,
    "result": None, "overrule": None, "objects": None, "signals": (),
}  # fmt: skip


ATTEMPT = {"channel": "PHONE", "reached": True, "on": MARCH_2, "day_part": "MORNING"}
OVERRULE = {"kind": "RAISE", "until": MARCH_2, "reason": "seen at the door"}
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


def test_a_tools_clock_may_be_a_day_ahead() -> None:
    assert [event.at for event in events(result="HELP", at=NOON + DAY_MS)] == [NOON + DAY_MS]


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
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], reason: Reason, words: str) -> None:
    with pytest.raises(Refused) as refused:
        events(**changes)

    assert refused.value.reason is reason
    assert str(refused.value) == words
