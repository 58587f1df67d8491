"""A household's story, event by event: what unit tests of its life are told in."""

from __future__ import annotations

from typing import Any

from eropaf.risk.events import Outcome, Tick
from eropaf.risk.history import History, tell
from eropaf.risk.policy import Policy
from eropaf.risk.records import DAY_MS, HouseholdEvent
from tests.builders import HOUSEHOLD, MARCH_2, NOON, a_signal, amsterdam_example, an_event

POLICY = amsterdam_example()


def on(day: int, **changes: Any) -> HouseholdEvent:
    """Return the event of a signal that comes `day` days after 2 March."""
    return an_event(a_signal(reported_at=NOON + day * DAY_MS, **changes))


def result(day: int, name: str, outcome_id: str = "o-1") -> HouseholdEvent:
    """Return the event of a result that outreach found `day` days after 2 March."""
    outcome = Outcome(outcome_id, None, None, name)
    return HouseholdEvent(HOUSEHOLD, f"outcome-{day}", NOON + day * DAY_MS, outcome=outcome)


def tick(day: int) -> HouseholdEvent:
    """Return the event that it is `day` days after 2 March."""
    return HouseholdEvent("*", f"tick-{day}", (MARCH_2 + day) * DAY_MS, tick=Tick(MARCH_2 + day, 0, 1))


def told(history: History) -> list[str]:
    """Return what outreach was told, in order: the change and the band."""
    return [f"{update.change} {update.band}" for update in history.updates]


def story(*events: HouseholdEvent, policy: Policy = POLICY) -> History:
    """Return what `events` lead to."""
    return tell(events, policy)
