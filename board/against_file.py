"""What visits and calls a monthly file would have led to, beside those that the live list did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from eropaf_client.outcomes import ContactChannel, OutreachOutcome

DAY = timedelta(days=1)
BY_SOMEBODY = frozenset({ContactChannel.VISIT, ContactChannel.PHONE})

# On the list or not, from a day on, in order; by household.
Stood = Mapping[str, Sequence[tuple[date, bool]]]


@dataclass(frozen=True, slots=True)
class AgainstFile:
    """Visits and calls since the day of a file that holds the list as it stood then.

    `for_nothing` are those at who was off the list that morning, and had not been tried before; `of_file` as
    many as a team makes for nothing on average that takes as many a day from it, of those that nobody tried
    yet. Of its `listed` households `left` are off the list though nobody tried to reach them:
    they paid, or agreed a plan, or are no longer reported.
    """

    since: date
    listed: int
    left: int
    attempts: int
    for_nothing: int
    of_file: float


def against_file(
    stood: Stood, outcomes: Mapping[str, Sequence[OutreachOutcome]], first: date, today: date
) -> AgainstFile | None:
    """Return it for the file of the first day from `first` on, on which anybody stood on the list.

    None before the day after it: nothing can be compared yet.
    """
    begins = min((since for days in stood.values() for since, on in days if on), default=today)
    since = max(first, begins)
    if since >= today:
        return None
    tried = {household: _first_tried(of) for household, of in outcomes.items()}
    file = [household for household, days in stood.items() if _on(days, since)]
    untried, left = Counter[date](), Counter[date]()
    for household in file:
        for day in _days(since + DAY, min(today, tried.get(household) or today)):
            untried[day] += 1
            left[day] += not _on(stood[household], day - DAY)
    made, for_nothing = Counter[date](), 0
    for household, of in outcomes.items():
        for each in of:
            attempt = each.attempt
            if attempt is None or attempt.channel not in BY_SOMEBODY or not since < attempt.on <= today:
                continue
            made[attempt.on] += 1
            off = not _on(stood.get(household, ()), attempt.on - DAY)
            for_nothing += off and attempt.on == tried[household] and household in stood
    return AgainstFile(
        since=since,
        listed=len(file),
        left=left[today],
        attempts=made.total(),
        for_nothing=for_nothing,
        of_file=sum(count * left[day] / untried[day] for day, count in made.items() if untried[day]),
    )


def _first_tried(outcomes: Sequence[OutreachOutcome]) -> date | None:
    return min((each.attempt.on for each in outcomes if each.attempt is not None), default=None)


def _on(days: Sequence[tuple[date, bool]], day: date) -> bool:
    """Say whether a household was on the list at the end of a day."""
    return next((on for since, on in reversed(days) if since <= day), False)


def _days(first: date, last: date) -> list[date]:
    return [first + DAY * number for number in range((last - first).days + 1)]
