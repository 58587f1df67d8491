"""A municipality's own files as months in order, doubted where they do not fit together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from secrets import token_bytes

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
    # Arrears on a BSN are one contract in every file; a name that could be turned back leaves nothing here.
    asked = Asked(secret=token_bytes())
    for path in paths:
        months.append(_month(path, policy, numbers, asked))
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
            missing = other.number - one.number - 1
            said = "1 month is missing; add it" if missing == 1 else f"{missing} months are missing; add them"
            raise WrongHistory(
                f"between {one.file} of {one.name} and {other.file} of {other.name} "
                f"{said}, or judge what comes after by itself"
            )
    return months


def silent(months: Sequence[Month]) -> list[str]:
    """Say which kinds of creditors signalled in some months and not in others."""
    kinds = sorted({kind for month in months for kind in month.kinds()})
    return [sentence for kind in kinds for sentence in _silence(kind, months)]


def _silence(kind: str, months: Sequence[Month]) -> Iterator[str]:
    told = [at for at, month in enumerate(months) if kind in month.kinds()]
    first, last = months[told[0]], months[told[-1]]
    calm = "those households look calmer than they are"
    if first is not months[0]:
        yield f"no signal of {kind} came before {first.file} of {first.name}: till then it makes nobody worse"
    for month in months[told[0] : told[-1]]:
        if kind not in month.kinds():
            missing = f"{month.file} of {month.name} has no signal of {kind}"
            yield f"{missing}, which signalled before and after: {calm}"
    if last is not months[-1]:
        yield f"no signal of {kind} came after {last.file} of {last.name}: from then on {calm}"


def _month(path: Path, policy: Policy, numbers: dict[str, int], asked: Asked) -> Month:
    opening = FORMATS.get(path.suffix.lower())
    if opening is None:
        raise WrongHistory(f"{path.name} ends in none of {', '.join(FORMATS)}")
    if not path.is_file():
        raise WrongHistory(f"there is no file {path}")
    opened = opening(path, asked)
    signals: list[HouseholdEvent] = []
    found: list[HouseholdEvent] = []
    refused = len(opened.problems)
    for number, part in enumerate(opened.parts):
        name = f"{path} {number}"
        events: dict[str, HouseholdEvent] = {}
        # What a signal's status says became of it came later: on its day it was new.
        for place, signal in (*part.signals, *[(place, signal) for place, signal, _ in part.set_aside]):
            try:
                # IDs of signals, and numbers of cases, are a delivery's own: another file has them again.
                own = replace(signal, signal_id=f"{name} {signal.signal_id}")
                event = event_from(own, signal.partner_type.value, f"{name} {place}")
            except Refused:
                refused += 1
                continue
            events[place] = replace(
                event, household=key_of(numbers.setdefault(event.household, len(numbers)))
            )
        signals += events.values()
        found += (_renamed(event, name) for event in outcomes(part.cases, events, policy.zone))
    of = Counter(month_of(policy.zone.day_of(event.at)) for event in signals)
    if not of:
        raise WrongHistory(f"{path.name} has no signal that can be used")
    if len(of) > 1:
        names = ", ".join(f"{count} of {name_of(number)}" for number, count in sorted(of.items()))
        raise WrongHistory(
            f"{path.name} holds signals of several months ({names}); put each month into a file"
        )
    return Month(next(iter(of)), path.name, tuple(signals), tuple(found), refused)


def _renamed(event: HouseholdEvent, name: str) -> HouseholdEvent:
    """Return a result under a name that no other file's has."""
    if event.outcome is None:
        return event
    own = f"{name} {event.outcome.outcome_id}"
    return replace(event, event_id=own, outcome=replace(event.outcome, outcome_id=own))
