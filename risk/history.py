"""What a whole history leads to, from its events alone: the measure for everything that runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from risk.household import fold
from risk.policy import Policy
from risk.ranking import rank
from risk.records import HouseholdEvent, HouseholdRow, PriorityUpdate, RankingRow
from risk.refusal import Refused


@dataclass(slots=True)
class History:
    """Rows by household, and every update in the order in which it was told."""

    households: dict[str, HouseholdRow] = field(default_factory=dict)
    rankings: dict[str, RankingRow] = field(default_factory=dict)
    updates: list[PriorityUpdate] = field(default_factory=list)


def tell(events: Iterable[HouseholdEvent], policy: Policy) -> History:
    """Give what `events`, in this order, lead to under `policy`; one that is refused leads to nothing."""
    history = History()
    for event in events:
        key = event.household
        try:
            folded = fold(history.households.get(key), event, policy)
        except Refused:
            continue
        history.households[key] = folded.row
        if folded.risk is not None:
            ranked = rank(history.rankings.get(key), folded.risk, policy)
            history.rankings[key] = ranked.row
            if ranked.update is not None:
                history.updates.append(ranked.update)
    return history
