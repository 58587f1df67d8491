"""Checks an outreach tool's report and turns it into household events."""

from __future__ import annotations

from typing import Any

from eropaf.risk.calendar import is_possible, is_possible_day
from eropaf.risk.events import EpochMs, Outcome, Overrule
from eropaf.risk.outcomes import RESULTS
from eropaf.risk.records import FUTURE_TOLERANCE_MS, HouseholdEvent
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.still_open import ASKED_ONCE_IN_MS
from eropaf_client.schemas.limits import HOUSEHOLD_KEY, LONGEST_TEXT


def events_of(record: dict[str, Any], event_id: str, received_at: EpochMs) -> list[HouseholdEvent]:
    """Check one OutreachOutcome and return its events: what was found, decided, objected, asked.

    Raises:
        Refused: it cannot be used; the reason says why.

    """
    household, at = record["household"], record["at"]
    if HOUSEHOLD_KEY.fullmatch(household) is None:
        raise Refused(Reason.IMPOSSIBLE_HOUSEHOLD, "household is not a key of 32 hexadecimal digits")
    if at > received_at + FUTURE_TOLERANCE_MS:
        raise Refused(Reason.REPORTED_IN_THE_FUTURE, "at is more than a day after it was received")
    if not is_possible(at):
        raise Refused(Reason.IMPOSSIBLE_DATE, "at is before 1990 or after 2099")
    # A phone without a line is late; one that is ahead has its clock or its zone wrong, and its word must not
    # outweigh true ones until then.
    at = min(at, received_at)
    outcome = Outcome.from_record(record)
    _check(outcome)
    events = []
    if outcome.picked_up_on is not None or outcome.attempt is not None or outcome.result is not None:
        if outcome.result is not None and outcome.result not in RESULTS:
            raise Refused(Reason.UNKNOWN_RESULT, "result is unknown to this version; upgrade, then replay")
        events.append(HouseholdEvent(household, event_id, at, outcome=outcome))
    if record["overrule"] is not None:
        overrule = Overrule.from_record(record["overrule"])
        events.append(HouseholdEvent(household, f"{event_id}/overrule", at, overrule=overrule))
    if record["objects"] is not None:
        events.append(
            HouseholdEvent(household, f"{event_id}/objection", at, objection_stands=record["objects"])
        )
    asks = record["asks_still_open"]
    # Whoever went there hours ago has rung: that is no news to any creditor.
    if asks and received_at - at < ASKED_ONCE_IN_MS:
        events.append(HouseholdEvent(household, f"{event_id}/asks", at, asks_still_open=True))
    if not events and not asks:
        raise Refused(Reason.EMPTY_OUTCOME, "it is empty: no attempt, result, overrule or objection")
    return events


def _check(outcome: Outcome) -> None:
    """Check what the household's row keeps: it must fit there, as many as come."""
    if len(outcome.outcome_id) > LONGEST_TEXT:
        raise Refused(Reason.TEXT_TOO_LONG, f"outcome_id is longer than {LONGEST_TEXT} characters")
    if outcome.picked_up_on is not None and not is_possible_day(outcome.picked_up_on):
        raise Refused(Reason.IMPOSSIBLE_DATE, "picked_up_on is before 1990 or after 2099")
    if outcome.attempt is not None and not is_possible_day(outcome.attempt.on):
        raise Refused(Reason.IMPOSSIBLE_DATE, "attempt.on is before 1990 or after 2099")
