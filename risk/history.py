"""The result of a whole history of events: the reference for every running implementation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from eropaf.risk.feedback import Answer
from eropaf.risk.household import fold
from eropaf.risk.policy import Policy
from eropaf.risk.ranking import rank
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.rows import HouseholdRow, RankingRow
from eropaf.risk.told import HouseholdRisk, PriorityUpdate

Row = TypeVar("Row")


@dataclass(slots=True)
class History:
    """Rows by household, and every risk and update in the order they were sent.

    `risks` are what ranking received, `answers` what creditors received, each for the event in `answered`,
    and `refused` the unusable events by id. `policy` is the one in force at the end.
    """

    policy: Policy
    households: dict[str, HouseholdRow] = field(default_factory=dict)
    rankings: dict[str, RankingRow] = field(default_factory=dict)
    risks: list[HouseholdRisk] = field(default_factory=list)
    updates: list[PriorityUpdate] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    answered: list[HouseholdEvent] = field(default_factory=list)
    refused: dict[str, Reason] = field(default_factory=dict)


def tell(events: Iterable[HouseholdEvent], policy: Policy) -> History:
    """Return the result of `events`, in this order, with `policy` in force at the beginning.

    Time and policies affect every household seen before: if there are any, `events` must be from one
        partition.
    """
    history = History(policy)
    for event in events:
        try:
            if event.policy is not None:
                history.policy = Policy.activated(event.policy)
            elif event.tick is not None:
                for household in event.tick.among(history.households):
                    _take_in(history, event.for_household(household))
            else:
                _take_in(history, event)
        except Refused as refusal:
            history.refused[event.event_id] = refusal.reason
    return history


def _take_in(history: History, event: HouseholdEvent) -> None:
    key = event.household
    folded = fold(history.households.get(key), event, history.policy)
    history.answers += folded.answers
    history.answered += [event] * len(folded.answers)
    _keep(history.households, key, folded.row)
    if folded.risk is not None:
        history.risks.append(folded.risk)
        ranked = rank(history.rankings.get(key), folded.risk, history.policy)
        _keep(history.rankings, key, ranked.row)
        if ranked.update is not None:
            history.updates.append(ranked.update)


def _keep(rows: dict[str, Row], key: str, row: Row | None) -> None:
    if row is None:
        rows.pop(key, None)
    else:
        rows[key] = row
