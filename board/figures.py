"""The team's figures: inflow, open households, people reached, help accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from eropaf.board.against_file import AgainstFile, against_file
from eropaf.board.came_of import CameOf
from eropaf_client.outcomes import ACCEPTED, OutreachOutcome
from eropaf_client.records import Band, PriorityUpdate

# As many days as fit on a phone.
DAYS = 28


@dataclass(frozen=True, slots=True)
class ChannelFigures:
    """Attempts over one channel: how many, how many reached somebody, and how many led to accepted help."""

    channel: str
    attempts: int
    reached: int
    accepted: int


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One day's attempts: how many, how many reached somebody, and how many led to accepted help."""

    on: date
    attempts: int
    reached: int
    accepted: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A household's state from a day on: on the list or not, and when a first talk was due."""

    since: date
    area: str
    open: bool
    due: date | None


class Figures:
    """Counts by civil day and area; each update and each outcome counts once.

    The topic keeps every update for some days, then only each household's latest: if an earlier one is
    missing, the figures up to that day are unknown, and not shown. An outcome counts in its household's area,
    whichever was read first; those of a forgotten household do not count.
    """

    def __init__(self, zone: ZoneInfo, came_of: CameOf) -> None:
        self._zone = zone
        self._came_of = came_of
        self._sequences: dict[str, int] = {}
        self._unknown_to = date.min  # the newest day before which an update is missing
        self._stood: dict[str, list[Standing]] = {}
        self._inflow: Counter[tuple[date, str]] = Counter()

    def update(self, before: PriorityUpdate | None, update: PriorityUpdate) -> None:
        """Count a household that entered the list."""
        since = update.event_at.astimezone(self._zone).date()
        if before is None and update.band is not Band.NONE:
            self._inflow[(since, update.area)] += 1
        if update.sequence > self._sequences.get(update.household, 0) + 1:
            self._unknown_to = max(self._unknown_to, since)
        self._sequences[update.household] = update.sequence
        stood = self._stood.setdefault(update.household, [])
        while stood and stood[-1].since >= since:  # of one day the last counts
            stood.pop()
        stood.append(Standing(since, update.area, update.band is not Band.NONE, update.respond_by))

    def forget(self, household: str) -> None:
        """Forget the states of `household`."""
        self._stood.pop(household, None)
        self._sequences.pop(household, None)

    def forget_old(self, today: date) -> None:
        """Forget what is over since before the days that are shown; of a household its last state stays."""
        first = _days(today)[0]
        for household, stood in self._stood.items():
            over = sum(next_.since <= first for next_ in stood[1:])
            self._stood[household] = stood[over:]
        self._inflow = Counter({each: count for each, count in self._inflow.items() if each[0] >= first})

    def known_since(self, today: date) -> date:
        """Return the first recent day from which every update is known."""
        return max(_days(today)[0], self._unknown_to + timedelta(days=1))

    def inflow(self, today: date, areas: Iterable[str]) -> list[tuple[date, int | None]]:
        """Return how many entered the list on each recent day, in `areas`; None: unknown."""
        wanted, since = set(areas), self.known_since(today)
        counts: Counter[date] = Counter()
        for (on, area), count in self._inflow.items():
            counts[on] += count if area in wanted else 0
        return [(day, counts[day] if day >= since else None) for day in _days(today)]

    def open(self, today: date, areas: Iterable[str]) -> list[tuple[date, int | None, int | None]]:
        """Return how many were on the list at the end of each recent day, and how many were overdue.

        None: unknown. The end of the first known day is known, as every household's state is by then.
        """
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
        counts = zip(days, _running(open_, days), _running(overdue, days), strict=True)
        return [
            (day, count, late) if day >= self._unknown_to else (day, None, None)
            for day, count, late in counts
        ]

    def against_file(self, today: date, areas: Iterable[str]) -> AgainstFile | None:
        """Return what a file of the first known recent day would have led to; None: too early to say."""
        wanted = set(areas)
        stood = {each: of for each, of in self._stood.items() if of[-1].area in wanted}
        return against_file(
            {household: [(each.since, each.open) for each in of] for household, of in stood.items()},
            {household: self._came_of.of(household) for household in stood},
            self.known_since(today),
            today,
        )

    def attempts(self, today: date, areas: Iterable[str], channel: str = "") -> list[DayFigures]:
        """Return each recent day's attempts over `channel`, or any channel, and their results."""
        found = {day: [0, 0, 0] for day in _days(today)}
        for outcome in self._of(areas):
            attempt = outcome.attempt
            if attempt is not None and attempt.on in found and channel in ("", attempt.channel.value):
                found[attempt.on][0] += 1
                found[attempt.on][1] += attempt.reached
                found[attempt.on][2] += outcome.result in ACCEPTED
        return [DayFigures(day, *counts) for day, counts in found.items()]

    def channels(self, areas: Iterable[str]) -> list[ChannelFigures]:
        """Return the figures per channel used, most used first."""
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

    def _of(self, areas: Iterable[str]) -> Iterator[OutreachOutcome]:
        wanted = set(areas)
        for household, stood in self._stood.items():
            if stood[-1].area in wanted:
                yield from self._came_of.of(household)


def _days(today: date) -> list[date]:
    return [today - timedelta(days=back) for back in reversed(range(DAYS))]


def _span(changes: Counter[date], since: date, until: date) -> None:
    """Count one more from `since` up to, not including, `until`."""
    if since < until:
        changes[since] += 1
        changes[until] -= 1


def _running(changes: Counter[date], days: list[date]) -> list[int]:
    return list(accumulate(changes[day] for day in days))
