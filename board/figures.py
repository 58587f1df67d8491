"""The team's figures: what came in, what is open, whom we reached, who accepted help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from eropaf_client.outcomes import ACCEPTED, OutreachOutcome
from eropaf_client.records import Band, PriorityUpdate

# As many days as fit on a phone.
DAYS = 28


@dataclass(frozen=True, slots=True)
class ChannelFigures:
    """Attempts over one channel, how many of them reached somebody, and led to help accepted."""

    channel: str
    attempts: int
    reached: int
    accepted: int


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One day's attempts, how many of them reached somebody, and led to help accepted."""

    on: date
    attempts: int
    reached: int
    accepted: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a household stood from a day on: on the list or not, and by when a first talk was due."""

    since: date
    area: str
    open: bool
    due: date | None


class Figures:
    """Counts by civil day and area; each update and each outcome counts once.

    What was open on an earlier day is known as far back as the topic keeps every update.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._stood: dict[str, list[Standing]] = {}
        self._inflow: Counter[tuple[date, str]] = Counter()
        self._outcomes: dict[str, tuple[str, OutreachOutcome]] = {}

    def update(self, before: PriorityUpdate | None, update: PriorityUpdate) -> None:
        """Count a household that came onto the list."""
        since = update.event_at.astimezone(self._zone).date()
        if before is None and update.band is not Band.NONE:
            self._inflow[(since, update.area)] += 1
        stood = self._stood.setdefault(update.household, [])
        while stood and stood[-1].since >= since:  # of one day the last counts
            stood.pop()
        stood.append(Standing(since, update.area, update.band is not Band.NONE, update.respond_by))

    def forget(self, household: str) -> None:
        """Keep nothing of where `household` stood."""
        self._stood.pop(household, None)

    def outcome(self, area: str, outcome: OutreachOutcome) -> bool:
        """Count an outcome; say whether it is new. The same id twice counts once."""
        if outcome.outcome_id in self._outcomes:
            return False
        self._outcomes[outcome.outcome_id] = (area, outcome)
        return True

    def knows(self, outcome_id: str) -> bool:
        """Return whether the outcome was counted."""
        return outcome_id in self._outcomes

    def inflow(self, today: date, areas: Iterable[str]) -> list[tuple[date, int]]:
        """Return how many came onto the list on each of the last days, in `areas`."""
        wanted = set(areas)
        return [
            (day, sum(count for (on, area), count in self._inflow.items() if on == day and area in wanted))
            for day in _days(today)
        ]

    def open(self, today: date, areas: Iterable[str]) -> list[tuple[date, int, int]]:
        """Return how many were on the list at the end of each of the last days, and how many overdue."""
        wanted, days = set(areas), _days(today)
        ends = days[-1] + timedelta(days=1)
        open_: Counter[date] = Counter()
        overdue: Counter[date] = Counter()
        for stood in self._stood.values():
            for each, until in zip(stood, [*(next_.since for next_ in stood[1:]), ends], strict=True):
                if not each.open or each.area not in wanted:
                    continue
                _span(open_, max(each.since, days[0]), until)
                if each.due is not None:
                    _span(overdue, max(each.since, each.due + timedelta(days=1), days[0]), until)
        return list(zip(days, _running(open_, days), _running(overdue, days), strict=True))

    def attempts(self, today: date, areas: Iterable[str], channel: str = "") -> list[DayFigures]:
        """Return each of the last days' attempts over `channel`, or over any, and what they led to."""
        found = {day: [0, 0, 0] for day in _days(today)}
        for outcome in self._of(areas):
            attempt = outcome.attempt
            if attempt is not None and attempt.on in found and channel in ("", attempt.channel.value):
                found[attempt.on][0] += 1
                found[attempt.on][1] += attempt.reached
                found[attempt.on][2] += outcome.result in ACCEPTED
        return [DayFigures(day, *counts) for day, counts in found.items()]

    def channels(self, areas: Iterable[str]) -> list[ChannelFigures]:
        """Return the figures of each channel that was used, most used first."""
        tried: Counter[str] = Counter()
        reached: Counter[str] = Counter()
        accepted: Counter[str] = Counter()
        for outcome in self._of(areas):
            if outcome.attempt is not None:
                channel = outcome.attempt.channel.value
                tried[channel] += 1
                reached[channel] += outcome.attempt.reached
                accepted[channel] += outcome.result in ACCEPTED
        return [
            ChannelFigures(channel, count, reached[channel], accepted[channel])
            for channel, count in tried.most_common()
        ]

    def _of(self, areas: Iterable[str]) -> list[OutreachOutcome]:
        wanted = set(areas)
        return [outcome for area, outcome in self._outcomes.values() if area in wanted]


def _days(today: date) -> list[date]:
    return [today - timedelta(days=back) for back in reversed(range(DAYS))]


def _span(changes: Counter[date], since: date, until: date) -> None:
    """Note that one more counts from `since` on, and no longer on `until`."""
    if since < until:
        changes[since] += 1
        changes[until] -= 1


def _running(changes: Counter[date], days: list[date]) -> list[int]:
    return list(accumulate(changes[day] for day in days))
