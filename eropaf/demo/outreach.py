"""The demo's outreach team: each working day it visits who stands first, and calls the next."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

from eropaf.demo.watcher import Watcher
from eropaf.risk.calendar import SATURDAY
from eropaf_client.cluster import Cluster
from eropaf_client.outcomes import (
    ContactAttempt,
    ContactChannel,
    DayPart,
    EndResult,
    OutcomeReporter,
    OutreachOutcome,
)
from eropaf_client.records import PriorityUpdate

# As many as the city of years is fitted to: 2.9 reports a month per 1,000 inhabitants (Divosa Monitor 2023),
# of which 9 % are visited and 17.5 % called, on 20 working days.
A_WORKING_DAY_PER_10_000 = 0.75
VISITED = 0.09 / (0.09 + 0.175)
# Any visit reaches 46 %, any attempt by telephone 59 %; of those reached 35 % accept (the same, ch. 6 and 8).
REACHED = {ContactChannel.VISIT: 0.46, ContactChannel.PHONE: 0.59}
ACCEPTS = 0.35
# Whoever was not reached is tried again after as many days, and as often at most.
AGAIN_AFTER, TRIES = timedelta(days=3), 3

DAY_SEEN_WITHIN_S = 0.05


class Rounds:
    """Whom the team goes to, day by day, and what comes of it: by lot, the same for the same household."""

    def __init__(self, households: int, seed: int) -> None:
        self._a_day = max(1, round(households / 10_000 * A_WORKING_DAY_PER_10_000))
        self._visits = max(1, round(VISITED * self._a_day))
        self._seed = seed
        self._tried: Counter[str] = Counter()
        self._next: dict[str, date] = {}
        self.came_of: Counter[str] = Counter()

    def of(self, today: date, ranked: Sequence[PriorityUpdate]) -> list[OutreachOutcome]:
        """Return what came of a day's visits, to who stands first, and of its calls to the next."""
        if today.weekday() >= SATURDAY:
            return []
        due = [each for each in ranked if self._next.get(each.household, today) <= today]
        visits, calls = due[: self._visits], due[self._visits : self._a_day]
        return [
            *(self._at(each.household, ContactChannel.VISIT, today) for each in visits),
            *(self._at(each.household, ContactChannel.PHONE, today) for each in calls),
        ]

    def _at(self, household: str, channel: ContactChannel, today: date) -> OutreachOutcome:
        self._tried[household] += 1
        number = self._tried[household]
        lot = Random(f"{self._seed} {household} {number}")
        reached = lot.random() < REACHED[channel]
        result = None
        if reached:
            result = EndResult.HELP if lot.random() < ACCEPTS else EndResult.ARRANGES_ITSELF
        elif number >= TRIES:
            result = EndResult.NO_CONTACT
        self._next[household] = date.max if result else today + AGAIN_AFTER
        self.came_of.update({"tried": 1, "reached": reached, "accepted": result is EndResult.HELP})
        return OutreachOutcome(
            outcome_id=f"demo-{self._seed}-{household}-{number}",
            household=household,
            at=datetime(today.year, today.month, today.day, 15, tzinfo=UTC),
            picked_up_on=today,
            attempt=ContactAttempt(channel, reached, today, DayPart.AFTERNOON),
            result=result,
        )


class Outreach:
    """Works down the live list while the demo runs, and reports each outcome to the flow."""

    def __init__(self, cluster: Cluster, watcher: Watcher, rounds: Rounds) -> None:
        self._cluster, self._watcher, self._rounds = cluster, watcher, rounds

    def work(self, today: Callable[[], date | None], stopped: Callable[[], bool]) -> None:
        """Work each day as it begins, until `stopped()` turns true."""
        worked: date | None = None
        with OutcomeReporter(self._cluster) as reporter:
            while not stopped():
                day = today()
                if day is not None and day != worked:
                    worked = day
                    with self._watcher.lock:
                        ranked = self._watcher.ranking.ranked()
                    for outcome in self._rounds.of(day, ranked):
                        if stopped():
                            return
                        reporter.report(outcome)
                time.sleep(DAY_SEEN_WITHIN_S)
