"""What a municipality's report says that became of signals, as what happened to their households."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from eropaf.risk.events import EpochDay, Outcome
from eropaf.risk.policy import EPOCH
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.zone import CivilZone
from eropaf_client.files.ddas_exchange import Case


def outcomes(
    cases: Sequence[tuple[Case, Sequence[str]]], event_of: Mapping[str, HouseholdEvent], zone: CivilZone
) -> Iterator[HouseholdEvent]:
    """Yield what outreach found in each case, for the households of its signals: a pick-up, and the result.

    An attempt changes nothing in a household's place; it only says when the result was there.
    """
    for number, (case, places) in enumerate(cases):
        signalled = {event_of[place].household: event_of[place].at for place in places if place in event_of}
        for household, at in signalled.items():
            for outcome, on in _steps(case, f"case {number}", zone.day_of(at)):
                found_at = max(at, zone.start_of(on))
                yield HouseholdEvent(household, outcome.outcome_id, found_at, outcome=outcome)


def _steps(case: Case, name: str, signalled_on: EpochDay) -> Iterator[tuple[Outcome, EpochDay]]:
    on = signalled_on
    if case.picked_up_on is not None:
        on = _day(case.picked_up_on)
        yield Outcome(f"{name}, picked up", picked_up_on=on), on
    if case.result is not None:
        attempted = [_day(attempt.on) for attempt in case.attempts or () if attempt.on is not None]
        yield Outcome(f"{name}, result", result=case.result), max([on, *attempted])


def _day(on: date) -> EpochDay:
    return (on - EPOCH).days
