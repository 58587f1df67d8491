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

PICKED_UP = "PICKED_UP"


def outcomes(
    cases: Sequence[tuple[Case, Sequence[str]]], event_of: Mapping[str, HouseholdEvent], zone: CivilZone
) -> Iterator[HouseholdEvent]:
    """Yield each case's outcomes for the households of its signals: a pick-up, and the result.

    The result covers only those signals' contracts: people who stay behind have arrears of their own. An
    attempt does not change a household's place; it only dates the result.
    """
    of_contract = _signals_of(event_of)
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


def by_status(
    status_of: Mapping[str, str],
    cases: Sequence[tuple[Case, Sequence[str]]],
    event_of: Mapping[str, HouseholdEvent],
    zone: CivilZone,
) -> Iterator[HouseholdEvent]:
    """Yield what the status of a signal says became of it, on its day, where no case says more.

    Source: DDAS 1.2, EnumSignaalstatus: "Opgepakt" has a case, the others are results of their own.
    """
    of_contract = _signals_of(event_of)
    told = {place for case, places in cases if case.result is not None for place in places}
    told |= {place for case, places in cases if case.picked_up_on is not None for place in places}
    for place, status in status_of.items():
        event = event_of[place]
        if place in told or event.signal is None:
            continue
        name, about = f"status of {place}", tuple(of_contract[_contract(event, event.signal)])
        if status == PICKED_UP:
            outcome = Outcome(name, picked_up_on=zone.day_of(event.at))
        else:
            outcome = Outcome(name, result=status, signals=about)
        yield HouseholdEvent(event.household, name, event.at, outcome=outcome)


def _signals_of(event_of: Mapping[str, HouseholdEvent]) -> dict[tuple[str, str, str], list[str]]:
    """Return the ids of the signals of each contract."""
    of_contract: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for event in event_of.values():
        if event.signal is not None:
            of_contract[_contract(event, event.signal)].append(event.signal.signal_id)
    return of_contract


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
