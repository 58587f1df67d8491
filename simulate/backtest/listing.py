"""The municipality's list: what it was told, folded by the product's own rules."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass

from eropaf.risk.household import fold
from eropaf.risk.lawful import ASKING
from eropaf.risk.policy import Policy
from eropaf.risk.ranking import NONE, ORDER, rank
from eropaf.risk.records import HouseholdEvent, Tick
from eropaf.risk.refusal import Refused
from eropaf.risk.rows import HouseholdRow, RankingRow
from eropaf.risk.score import accepted
from eropaf.risk.told import HouseholdRisk
from eropaf.simulate.backtest.days import NOON_MS

# After every date: no talk is due.
NOT_DUE = 2**31


@dataclass(frozen=True, slots=True)
class Entry:
    """A household on the list, and what any order may go by. Days since 1970; amounts in cents."""

    household: int
    height: int
    due_on: int
    score: int
    creditors: int
    amount_cents: int
    since: int
    reported_on: int


def key_of(household: int) -> str:
    """Return the key of a household, as long as a real one's beginning."""
    return f"{household:08x}"


class Listing:
    """Rows of households, as a worker keeps them, and who is on the list.

    Each event goes through `eropaf.risk.household.fold` and `eropaf.risk.ranking.rank`, and time passes
    by ticks, as it does in the flow. `refused` counts what the rules refused, by reason.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.entries: dict[int, Entry] = {}
        self.refused: Counter[str] = Counter()
        self._rows: dict[str, HouseholdRow] = {}
        self._rankings: dict[str, RankingRow] = {}
        self._due: list[tuple[int, str]] = []

    def take(self, event: HouseholdEvent) -> None:
        """Take one event in. What the rules refuse is counted, and changes nothing."""
        key = event.household
        before = self._rows.get(key)
        try:
            folded = fold(before, event, self.policy)
        except Refused as refused:
            self.refused[refused.reason] += 1
            return
        for answer in folded.answers:
            if answer.reason is not None:
                self.refused[answer.reason] += 1
        row = folded.row
        if row is None:
            self._rows.pop(key, None)
        elif row is not before:
            self._rows[key] = row
            if row.due_on is not None:
                heapq.heappush(self._due, (row.due_on, key))
        if folded.risk is not None:
            self._rank(key, row, folded.risk)

    def pass_time(self, today: int) -> None:
        """Let time pass up to a day: for whom time alone changes something."""
        due = self._due
        while due and due[0][0] <= today:
            on, key = heapq.heappop(due)
            row = self._rows.get(key)
            if row is not None and row.due_on == on:
                at = self.policy.zone.start_of(today) + NOON_MS
                self.take(HouseholdEvent(key, f"tick {today}", at, tick=Tick(today, 0, 1)))

    def _rank(self, key: str, row: HouseholdRow | None, risk: HouseholdRisk) -> None:
        ranked = rank(self._rankings.get(key), risk, self.policy)
        household = int(key, 16)
        if row is None or ranked.row is None or ranked.row.band == NONE:
            self.entries.pop(household, None)
        else:
            self.entries[household] = self._entry(household, row, ranked.row, risk)
        if ranked.row is None:
            self._rankings.pop(key, None)
        else:
            self._rankings[key] = ranked.row

    def _entry(self, household: int, row: HouseholdRow, told: RankingRow, risk: HouseholdRisk) -> Entry:
        day_of = self.policy.zone.day_of
        standing = accepted(row.positions, day_of(risk.at), self.policy)
        return Entry(
            household=household,
            height=ORDER[told.band],
            due_on=NOT_DUE if told.respond_by is None else told.respond_by,
            score=risk.score,
            creditors=risk.creditors,
            amount_cents=sum([each.amount_cents for each in standing]),
            since=min([each.arrears_since or NOT_DUE for each in standing], default=NOT_DUE),
            reported_on=max(
                [day_of(each.reported_at) for each in standing if each.kind in ASKING], default=0
            ),
        )
