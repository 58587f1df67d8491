from __future__ import annotations

from typing import Any

import pytest

from eropaf.risk.outreach import events_of
from eropaf.risk.records import DAY_MS
from eropaf.risk.refusal import Reason, Refused
from tests.builders import HOUSEHOLD, MARCH_2, NOON

NOTHING = {
    "outcome_id": "o-1", "household": HOUSEHOLD, "at": NOON, "picked_up_on": None, "attempt": None,
    "result": None, "overrule": None, "objects": None, "signals": (),
}  # fmt: skip


def events(**changes: Any) -> list[str]:
    return [event.event_id for event in events_of(NOTHING | changes, "outreach.outcomes-0-7", NOON)]


def test_each_thing_that_was_said_is_an_event_of_its_own() -> None:
    overrule = {"kind": "RAISE", "until": MARCH_2, "reason": "seen at the door"}

    assert events(result="HELP", overrule=overrule, objects=True) == [
        "outreach.outcomes-0-7",
        "outreach.outcomes-0-7/overrule",
        "outreach.outcomes-0-7/objection",
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, Reason.EMPTY_OUTCOME),
        ({"result": "UNKNOWN"}, Reason.UNKNOWN_RESULT),
        ({"result": "HELP", "household": "*"}, Reason.IMPOSSIBLE_HOUSEHOLD),
        ({"result": "HELP", "household": HOUSEHOLD.upper()}, Reason.IMPOSSIBLE_HOUSEHOLD),
        ({"result": "HELP", "at": NOON + DAY_MS + 1}, Reason.REPORTED_IN_THE_FUTURE),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], reason: Reason) -> None:
    with pytest.raises(Refused) as refused:
        events(**changes)

    assert refused.value.reason is reason
