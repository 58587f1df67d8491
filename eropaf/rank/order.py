"""Ranks the signals of one file by their households."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta

from eropaf.rank.cases import by_status, outcomes
from eropaf.risk.bsn import ANY
from eropaf.risk.history import History, tell
from eropaf.risk.intake import ForHousehold, take_in
from eropaf.risk.policy import EPOCH, Policy
from eropaf.risk.ranking import NONE, ORDER, UNTOLD
from eropaf.risk.records import NOWHERE, HouseholdEvent
from eropaf.risk.refusal import Refused
from eropaf.risk.rows import HouseholdRow
from eropaf.risk.score import assess
from eropaf_client.files.ddas_exchange import Case
from eropaf_client.records import ArrearsSignal

# A key here only brings together what is one household, and breaks ties: the same in every run.
SECRET = b"eropaf rank: not a secret, nothing of it leaves the file"
# How it is said why a household whose signals all count is not on the list.
ENDED = {
    "PAID": "paid",
    "WITHDRAWN": "withdrawn",
    "HANDLED": "handled already",
    "PAUSED": "help was accepted",
    "OBJECTED": "objected",
    "FORGOTTEN": "forgotten",
    "PLANNED": "a payment plan runs",
    "BELOW_MINIMUM": "below the minimum",
    "SILENT": "out of date",
}
NOT_PICKED_UP = "not picked up"
# After every date: no talk is due any more.
LATEST = 2**31


@dataclass(frozen=True, slots=True)
class Placed:
    """A signal's household's place; `rank` is None if it is not on the list, and `why` says why."""

    rank: int | None
    band: str
    respond_by: date | None
    area: str
    why: str | None = None


@dataclass(frozen=True, slots=True)
class ToRank:
    """Signals to rank together, each with its place; cases with the places of their signals.

    `set_aside` are those that something became of already, each with its status: not ranked, but part of
    what is known of their households.
    """

    signals: Sequence[tuple[str, ArrearsSignal]]
    cases: Sequence[tuple[Case, Sequence[str]]] = ()
    set_aside: Sequence[tuple[str, ArrearsSignal, str]] = ()


@dataclass(slots=True)
class Ranking:
    """Ranks by the signal's place in its file, and what could not be used."""

    places: dict[str, Placed] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def reasons(self) -> Counter[str]:
        """Count the reasons why signals are not on the list."""
        return Counter(placed.why for placed in self.places.values() if placed.why is not None)


def ranked(
    part: ToRank, policy: Policy, creditor: str | None, on_taken: Callable[[], object] = lambda: None
) -> Ranking:
    """Rank the signals of `part`, using its own dates as the only clock."""
    ranking = Ranking()
    event_of: dict[str, HouseholdEvent] = {}

    for place, signal in part.signals:
        try:
            event_of[place] = event_from(signal, creditor or signal.partner_type.value, place)
        except Refused as refused:
            ranking.refused[place] = f"{refused.reason}: {refused}"
        on_taken()
    history = tell(_happened(part, event_of, policy, creditor), policy)
    order = _in_order(history, policy, {event.household for event in event_of.values()})
    why = _Why(history)
    for place, event in event_of.items():
        told = history.rankings.get(event.household, UNTOLD)
        address = event.address or NOWHERE
        ranking.places[place] = Placed(
            order.get(event.household),
            told.band,
            None if told.respond_by is None else EPOCH + timedelta(told.respond_by),
            address.area,
            why.of(event) if told.band == NONE else None,
        )
    return ranking


def _happened(
    part: ToRank, event_of: Mapping[str, HouseholdEvent], policy: Policy, creditor: str | None
) -> list[HouseholdEvent]:
    """Return all that a file tells of its households, oldest first.

    A result is of what stood on its day: what was signalled later is not ended by it.
    """
    known, status_of = dict(event_of), {}
    for place, signal, status in part.set_aside:
        # Nobody waits for its place: what cannot be used tells nothing.
        with suppress(Refused):
            known[place] = event_from(signal, creditor or signal.partner_type.value, place)
            status_of[place] = status
    found = (*outcomes(part.cases, known, policy.zone), *by_status(status_of, part.cases, known, policy.zone))
    return sorted((*known.values(), *found), key=lambda one: one.at)


class _Why:
    """Why households are not on the list: from the creditors' feedback, and how their arrears ended."""

    def __init__(self, history: History) -> None:
        self._answers = {
            (event.household, answer.creditor, answer.signal_id): answer
            for event, answer in zip(history.answered, history.answers, strict=True)
        }
        self._ended = {risk.household: risk.ended_by for risk in history.risks}

    def of(self, event: HouseholdEvent) -> str:
        signal = event.signal
        if signal is not None:
            answer = self._answers.get((event.household, signal.creditor, signal.signal_id))
            if answer is not None and answer.reason is not None:
                return str(answer.reason)
        return ENDED.get(self._ended.get(event.household, ""), NOT_PICKED_UP)


def event_from(signal: ArrearsSignal, creditor: str, place: str) -> HouseholdEvent:
    """Return what a signal of a file tells of its household.

    Raises:
        Refused: the signal cannot be used; the reason says why.
    """
    record = signal.to_record()
    taken = take_in(
        record,
        creditor=creditor,
        event_id=place,
        received_at=record["reported_at"],
        secret=SECRET,
        # Nothing is kept, and the file's reader has applied the eleven test.
        numbers=ANY,
    )
    if isinstance(taken, ForHousehold):
        return taken.event
    # Without a register a BSN is a household of its own.
    unresolved = taken.signal
    at = unresolved.signal.reported_at
    return HouseholdEvent(unresolved.resident, place, at, NOWHERE, unresolved.signal)


def _in_order(history: History, policy: Policy, new: Set[str]) -> Mapping[str, int]:
    """Return the rank of each household on the list of which a signal is ranked.

    By band, then the earlier date, then points; ties are broken by the household key: stable, and
    unrelated to the person.
    """
    on_list = [household for household in new if history.rankings.get(household, UNTOLD).band != NONE]

    def height(household: str) -> tuple[int, int, int, str]:
        told = history.rankings[household]
        score = _score(history.households[household], policy)
        due = LATEST if told.respond_by is None else told.respond_by
        return (-ORDER[told.band], due, -score, household)

    return {household: rank for rank, household in enumerate(sorted(on_list, key=height), 1)}


def _score(row: HouseholdRow, policy: Policy) -> int:
    return assess(row.positions, row.months, policy.zone.day_of(row.at), policy).score
