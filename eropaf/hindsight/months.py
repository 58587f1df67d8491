"""A municipality's own files as months in order, doubted where they do not fit together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from eropaf.rank.cases import outcomes
from eropaf.rank.formats import FORMATS
from eropaf.rank.order import event_from
from eropaf.risk.calendar import month_of
from eropaf.risk.policy import EPOCH, Policy
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.refusal import Refused
from eropaf.simulate.backtest.days import MONTHS_OF_A_YEAR
from eropaf.simulate.backtest.listing import key_of
from eropaf_client.files.filed import Asked


class WrongHistory(ValueError):
    """The files are no months that can be judged; the message names the file, and what to do."""


@dataclass(frozen=True, slots=True)
class Month:
    """One file: its signals, and what outreach registered of them, which came later.

    `number` counts months from January 1970. Households have small numbers, the same in every file.
    """

    number: int
    file: str
    signals: tuple[HouseholdEvent, ...]
    found: tuple[HouseholdEvent, ...]
    refused: int

    @property
    def name(self) -> str:
        """Return it as 2026-03."""
        return name_of(self.number)

    def kinds(self) -> set[str]:
        """Return the kinds of creditors that signalled in it."""
        return {event.signal.partner_type for event in self.signals if event.signal is not None}


def name_of(number: int) -> str:
    """Return a month as 2026-03, of its number from January 1970."""
    year, month = divmod(number, MONTHS_OF_A_YEAR)
    return f"{EPOCH.year + year}-{month + 1:02d}"


def read(paths: Sequence[Path], policy: Policy, on_read: Callable[[], object] = lambda: None) -> list[Month]:
    """Return the months of files, each of one month, in any of the formats that `eropaf rank` reads.

    Raises:
        WrongHistory: a file is not of one month, two are of one, they are not in order, or one is missing.
        FileRefused: nothing of a file can be used.
    """
    numbers: dict[str, int] = {}
    months: list[Month] = []
    for path in paths:
        months.append(_month(path, policy, numbers))
        on_read()
    for one, other in pairwise(months):
        if other.number == one.number:
            raise WrongHistory(
                f"{one.file} and {other.file} are both of {one.name}; put a month into one file, or leave "
                "one out"
            )
        if other.number < one.number:
            raise WrongHistory(
                f"{other.file} is of {other.name} and comes after {one.file} of {one.name}; name the files "
                "in order"
            )
        if other.number > one.number + 1:
            raise WrongHistory(
                f"between {one.file} of {one.name} and {other.file} of {other.name} "
                f"{other.number - one.number - 1} months are missing; add them, or judge what comes after "
                "by itself"
            )
    return months


def silent(months: Sequence[Month]) -> list[str]:
    """Say which kinds of creditors are missing in a month that signalled before and after it."""
    said = []
    for at, month in enumerate(months):
        before = {kind for each in months[:at] for kind in each.kinds()}
        after = {kind for each in months[at + 1 :] for kind in each.kinds()}
        for kind in sorted((before & after) - month.kinds()):
            said.append(
                f"{month.file} of {month.name} has no signal of {kind}, which signalled before and after: "
                "those households look calmer than they are"
            )
    return said


def _month(path: Path, policy: Policy, numbers: dict[str, int]) -> Month:
    opening = FORMATS.get(path.suffix.lower())
    if opening is None:
        raise WrongHistory(f"{path.name} ends in none of {', '.join(FORMATS)}")
    if not path.is_file():
        raise WrongHistory(f"there is no file {path}")
    opened = opening(path, Asked())
    signals: list[HouseholdEvent] = []
    found: list[HouseholdEvent] = []
    refused = len(opened.problems)
    for part in opened.parts:
        events: dict[str, HouseholdEvent] = {}
        for place, signal in part.signals:
            try:
                event = event_from(signal, signal.partner_type.value, f"{path.name} {place}")
            except Refused:
                refused += 1
                continue
            events[place] = replace(
                event, household=key_of(numbers.setdefault(event.household, len(numbers)))
            )
        signals += events.values()
        found += outcomes(part.cases, events, policy.zone)
    of = Counter(month_of(policy.zone.day_of(event.at)) for event in signals)
    if not of:
        raise WrongHistory(f"{path.name} has no signal that can be used")
    if len(of) > 1:
        names = ", ".join(f"{count} of {name_of(number)}" for number, count in sorted(of.items()))
        raise WrongHistory(
            f"{path.name} holds signals of several months ({names}); put each month into a file"
        )
    return Month(next(iter(of)), path.name, tuple(signals), tuple(found), refused)
