"""Puts the signals of one file in order: each with the place of its household."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from eropaf.risk.history import History, tell
from eropaf.risk.intake import ForHousehold, take_in
from eropaf.risk.policy import EPOCH, Policy
from eropaf.risk.ranking import NONE, ORDER
from eropaf.risk.records import DAY_MS, NOWHERE, HouseholdEvent
from eropaf.risk.refusal import Refused
from eropaf.risk.rows import HouseholdRow
from eropaf.risk.score import assess
from eropaf_client.records import ArrearsSignal

# A key here only brings together what is one household, and breaks ties: the same in every run.
SECRET = b"eropaf rank: not a secret, nothing of it leaves the file"


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a signal's household stands; `rank` is None for who is not on the list."""

    rank: int | None
    band: str
    respond_by: date | None
    area: str


@dataclass(slots=True)
class Ranking:
    """Places by the signal's place in its file; what could not be used, and what was not picked up."""

    places: dict[str, Placed] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    not_picked_up: Counter[str] = field(default_factory=Counter)


def ranked(
    signals: Iterable[tuple[str, ArrearsSignal]],
    policy: Policy,
    creditor: str | None,
    on_taken: Callable[[], object] = lambda: None,
) -> Ranking:
    """Rank `signals`, each with its place in the file. The file's own dates are the only clock."""
    ranking = Ranking()
    household_of: dict[str, str] = {}

    def events() -> Iterator[HouseholdEvent]:
        for place, signal in signals:
            try:
                event = _event(signal, creditor or signal.partner_type.value, place)
            except Refused as refused:
                ranking.refused[place] = f"{refused.reason}: {refused}"
            else:
                household_of[place] = event.household
                yield event
            on_taken()

    history = tell(events(), policy)
    ranking.not_picked_up.update(str(answer.reason or answer.status) for answer in history.answers)
    order = _in_order(history, policy)
    for place, household in household_of.items():
        told = history.rankings[household]
        ranking.places[place] = Placed(
            order.get(household),
            told.band,
            None if told.respond_by is None else EPOCH + timedelta(told.respond_by),
            history.households[household].address.area,
        )
    return ranking


def _event(signal: ArrearsSignal, creditor: str, place: str) -> HouseholdEvent:
    record = signal.to_record()
    taken = take_in(
        record, creditor=creditor, event_id=place, received_at=record["reported_at"], secret=SECRET
    )
    if isinstance(taken, ForHousehold):
        return taken.event
    # Without a register a BSN is a household of its own.
    unresolved = taken.signal
    at = unresolved.signal.reported_at
    return HouseholdEvent(unresolved.resident, place, at, NOWHERE, unresolved.signal)


def _in_order(history: History, policy: Policy) -> Mapping[str, int]:
    """Give each household on the list its rank.

    By band, then points, then the earlier date; ties are broken by the household key: stable, and
    unrelated to the person.
    """
    on_list = [household for household, row in history.rankings.items() if row.band != NONE]

    def height(household: str) -> tuple[int, int, int, str]:
        told = history.rankings[household]
        score = _score(history.households[household], policy)
        return (-ORDER[told.band], -score, told.respond_by or 0, household)

    return {household: rank for rank, household in enumerate(sorted(on_list, key=height), 1)}


def _score(row: HouseholdRow, policy: Policy) -> int:
    return assess(row.positions, row.months, row.at // DAY_MS, policy).score
