"""Turns the outcomes of signals in a municipality's report into events of their households."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from eropaf.risk.events import EpochDay, Outcome
from eropaf.risk.policy import EPOCH
from eropaf.risk.records import HouseholdEvent, Signal
from eropaf.risk.zone import CivilZone
from eropaf_client.files.ddas_exchange import Case


def outcomes(
    cases: Sequence[tuple[Case, Sequence[str]]], event_of: Mapping[str, HouseholdEvent], zone: CivilZone
) -> Iterator[HouseholdEvent]:
    """Yield each case's outcomes for the households of its signals: a pick-up, and the result.

    The result covers only those signals' contracts: people who stay behind have arrears of their own. An
    attempt does not change a household's place; it only dates the result.
    """
    of_contract: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for event in event_of.values():
        if event.signal is not None:
            of_contract[_contract(event, event.signal)].append(event.signal.signal_id)
    for number, (case, places) in enumerate(cases):
        signalled: dict[str, list[tuple[HouseholdEvent, Signal]]] = defaultdict(list)
        for event in [event_of[place] for place in places if place in event_of]:
            if event.signal is not None:
                signalled[event.household].append((event, event.signal))
        for household, told in signalled.items():
            about = {each for event, signal in told for each in of_contract[_contract(event, signal)]}
            at = max(event.at for event, _ in told)
            for outcome, on in _steps(case, f"case {number}", zone.day_of(at), tuple(sorted(about))):
                found_at = max(at, zone.start_of(on))
                yield HouseholdEvent(household, outcome.outcome_id, found_at, outcome=outcome)


def _contract(event: HouseholdEvent, signal: Signal) -> tuple[str, str, str]:
    return event.household, signal.creditor, signal.contract


def _steps(
    case: Case, name: str, signalled_on: EpochDay, about: tuple[str, ...]
) -> Iterator[tuple[Outcome, EpochDay]]:
    on = signalled_on
    if case.picked_up_on is not None:
        on = _day(case.picked_up_on)
        yield Outcome(f"{name}, picked up", picked_up_on=on), on
    if case.result is not None:
        attempted = [_day(attempt.on) for attempt in case.attempts or () if attempt.on is not None]
        yield Outcome(f"{name}, result", result=case.result, signals=about), max([on, *attempted])


def _day(on: date) -> EpochDay:
    return (on - EPOCH).days
