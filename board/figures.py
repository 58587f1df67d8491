"""The team's figures: what came in, what is open, whom we reached, who accepted help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from clients.outcomes import ACCEPTED, OutreachOutcome
from clients.records import Band, PriorityUpdate

# As many days as fit on a phone.
DAYS = 28


@dataclass(frozen=True, slots=True)
class ChannelFigures:
    """Attempts over one channel, how many of them reached somebody, and led to help accepted."""

    channel: str
    attempts: int
    reached: int
    accepted: int


class Figures:
    """Counts by day and area; each update and each outcome counts once."""

    def __init__(self) -> None:
        self._inflow: Counter[tuple[date, str]] = Counter()
        self._outcomes: dict[str, tuple[str, OutreachOutcome]] = {}

    def update(self, before: PriorityUpdate | None, update: PriorityUpdate) -> None:
        """Count a household that came onto the list."""
        if before is None and update.band is not Band.NONE:
            self._inflow[(update.event_at.date(), update.area)] += 1

    def outcome(self, area: str, outcome: OutreachOutcome) -> bool:
        """Count an outcome; say whether it is new. The same id twice counts once."""
        if outcome.outcome_id in self._outcomes:
            return False
        self._outcomes[outcome.outcome_id] = (area, outcome)
        return True

    def inflow(self, today: date, areas: Iterable[str]) -> list[tuple[date, int]]:
        """Give how many came onto the list on each of the last days, in `areas`."""
        wanted = set(areas)
        return [
            (day, sum(count for (on, area), count in self._inflow.items() if on == day and area in wanted))
            for day in _days(today)
        ]

    def attempts(self, today: date, areas: Iterable[str]) -> list[tuple[date, int, int]]:
        """Give each of the last days' attempts, and how many reached somebody."""
        found: dict[date, list[int]] = {day: [0, 0] for day in _days(today)}
        for outcome in self._of(areas):
            attempt = outcome.attempt
            if attempt is not None and attempt.on in found:
                found[attempt.on][0] += 1
                found[attempt.on][1] += attempt.reached
        return [(day, tried, reached) for day, (tried, reached) in found.items()]

    def channels(self, areas: Iterable[str]) -> list[ChannelFigures]:
        """Give the figures of each channel that was used, most used first."""
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
