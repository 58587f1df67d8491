"""A month of early signalling in the national exchange model, from the topics."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from eropaf.risk import erasures, people
from eropaf.risk.events import ContactAttempt, EpochDay, Outcome
from eropaf.risk.lawful import ASKING
from eropaf.risk.policy import EPOCH
from eropaf.risk.records import EpochMs, HouseholdEvent, Signal
from eropaf.risk.zone import CivilZone
from eropaf_client.files.ddas_exchange import Case, Client, ExchangedAttempt, ExchangedSignal
from eropaf_client.files.ddas_terms import DAY_PARTS
from eropaf_client.records import PartnerType

# A creditor, and its own id of a signal: two creditors may use one.
SignalKey = tuple[str, str]


@dataclass(slots=True)
class _Course:
    """What was said of one case, each with its moment."""

    signals: list[tuple[EpochMs, SignalKey, ExchangedSignal]] = field(default_factory=list)
    outcomes: list[tuple[EpochMs, Outcome]] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """Whether a result ended it."""
        return any(outcome.result is not None for _, outcome in self.outcomes)

    def without(self, erased_at: EpochMs) -> _Course:
        """Return what an erasure leaves of it, as of the household's row: what certainly came after."""
        return _Course(
            [said for said in self.signals if people.came_after(said[0], erased_at)],
            [found for found in self.outcomes if found[0] > erased_at],
        )


@dataclass(slots=True)
class _Case:
    """Outreach for one household, from its first signal to a result. Later signals start another case."""

    signals: dict[SignalKey, ExchangedSignal]
    signalled_at: list[EpochMs]
    attempts: list[ExchangedAttempt] = field(default_factory=list)
    picked_up_on: date | None = None
    result: str | None = None
    in_hand: bool = False


@dataclass(slots=True)
class _Household:
    """One household's cases, in order, and its newest erasure."""

    courses: list[_Course] = field(default_factory=list)
    erased_at: EpochMs | None = None

    def erase(self, at: EpochMs) -> None:
        """Forget what an erasure ends, which may be one that is replayed."""
        self.erased_at = at if self.erased_at is None else max(at, self.erased_at)
        self.courses = [left for each in self.courses if (left := each.without(at)).signals]

    def bars(self, event: HouseholdEvent) -> bool:
        """Return whether a signal is of up to the erasure."""
        return self.erased_at is not None and erasures.is_of_before(event, self.erased_at)


@dataclass(frozen=True, slots=True)
class Month:
    """The civil days of one month, inclusive."""

    first: date
    last: date
    zone: CivilZone

    def holds(self, ms: int) -> bool:
        """Return whether an instant, in milliseconds since 1970 UTC, falls in it."""
        return self.first <= self.day_of(ms) <= self.last

    def day_of(self, ms: int) -> date:
        """Return the civil day of an instant."""
        return EPOCH + timedelta(self.zone.day_of(ms))


def kept_from(events: Iterable[HouseholdEvent], month: Month) -> date | None:
    """Return the day of the first stored event; None if that is not after the month's start."""
    first = min((month.day_of(event.at) for event in events), default=None)
    return None if first is None or first <= month.first else first


def exchanged(
    events: Iterable[HouseholdEvent], statuses: Mapping[SignalKey, str], month: Month
) -> tuple[tuple[ExchangedSignal, ...], tuple[Case, ...]]:
    """Return the signals and cases of `month`.

    `events` are in each household's order; `statuses` are the creditors' last feedback, by creditor and
    signal. A case belongs to each month in which outreach did something for it, with that month's actions and
    all its signals, including earlier ones, which are listed among the signals too. Each has its own id.
    Erased households are left out.
    """
    households: dict[str, _Household] = defaultdict(_Household)
    for event in events:
        if event.erasure_requested_on is not None:
            households[event.household].erase(event.at)
        elif month.day_of(event.at) <= month.last:
            _take_in(households[event.household], event, statuses, month)
    cases = [_summed(course, month) for key in sorted(households) for course in households[key].courses]
    reported = {key: each for case in cases for key, each in _of(case, month)}
    ids = _ids(reported)
    signals = tuple(replace(each, signal_id=ids[key]) for key, each in reported.items())
    return signals, tuple(_case(case, month, ids) for case in cases if case.in_hand)


def _take_in(
    household: _Household, event: HouseholdEvent, statuses: Mapping[SignalKey, str], month: Month
) -> None:
    courses = household.courses
    if event.signal is not None and event.address is not None and event.signal.kind in ASKING:
        if household.bars(event):
            return
        if not courses or courses[-1].ended:
            courses.append(_Course())
        address = event.address
        client = Client(
            bsn=None,
            postcode=address.postcode,
            house_number=str(address.house_number),
            addition=address.addition or None,
            sex=None,
            born_on=None,
        )
        key = (event.signal.creditor, event.signal.signal_id)
        status, on = statuses.get(key, "NOT_YET_PICKED_UP"), month.day_of(event.at)
        courses[-1].signals.append((event.at, key, _signal(event.signal, client, on, status)))
    elif event.outcome is not None and courses:
        courses[-1].outcomes.append((event.at, event.outcome))


def _summed(course: _Course, month: Month) -> _Case:
    case = _Case({key: signal for _, key, signal in course.signals}, [at for at, _, _ in course.signals])
    for at, outcome in course.outcomes:
        _outcome(case, outcome, month.holds(at))
    return case


def _of(case: _Case, month: Month) -> Iterator[tuple[SignalKey, ExchangedSignal]]:
    """Yield a case's reported signals: those of the month, or all if outreach acted on it."""
    for key in _in_order(case):
        signal = case.signals[key]
        signalled_on = signal.signalled_on or date.min
        if case.in_hand or month.first <= signalled_on <= month.last:
            yield key, signal


def _in_order(case: _Case) -> list[SignalKey]:
    return sorted(case.signals, key=lambda key: (key[1], key[0]))


def _ids(reported: Iterable[SignalKey]) -> dict[SignalKey, str]:
    """Return an id for each signal: its creditor's, with the creditor's name if two share it."""
    shared = Counter(signal_id for _, signal_id in reported)
    taken = {signal_id for signal_id, count in shared.items() if count == 1}
    ids: dict[SignalKey, str] = {}
    for creditor, signal_id in reported:
        found = signal_id
        if shared[signal_id] > 1:
            found = f"{creditor}-{signal_id}"
            while found in taken:
                found += "-"
            taken.add(found)
        ids[creditor, signal_id] = found
    return ids


def _signal(signal: Signal, client: Client, on: date, status: str) -> ExchangedSignal:
    return ExchangedSignal(
        signal_id=signal.signal_id,
        partner_type=PartnerType(signal.partner_type),
        client=client,
        crisis=signal.crisis_kind is not None,
        handover_wish=signal.handover_wish,
        # Whole euros there; a part of one still is owed.
        amount_eur=-(-signal.amount_cents // 100),
        arose_on=_day(signal.arrears_since),
        signalled_on=on,
        status=status,
    )


def _outcome(case: _Case, outcome: Outcome, this_month: bool) -> None:
    """Apply an outcome: actions count in their month; being picked up or ended counts in every month."""
    case.in_hand |= this_month
    if outcome.picked_up_on is not None:
        case.picked_up_on = _day(outcome.picked_up_on)
    if outcome.attempt is not None and this_month:
        case.attempts.append(_attempt(outcome.attempt))
    if outcome.result is not None:
        case.result = outcome.result if this_month else case.result


def _attempt(attempt: ContactAttempt) -> ExchangedAttempt:
    noted = attempt.day_part if attempt.day_part in DAY_PARTS.values() else None
    return ExchangedAttempt(attempt.channel, attempt.reached, _day(attempt.on), noted)


def _case(case: _Case, month: Month, ids: Mapping[SignalKey, str]) -> Case:
    # Signals are matched the moment they come in: the case begins with the first of them.
    return Case(
        signal_ids=tuple(ids[key] for key in _in_order(case)),
        attempts=tuple(case.attempts),
        result=case.result,
        matched_on=month.day_of(min(case.signalled_at)),
        period_from=month.first,
        period_to=month.last,
        picked_up_on=case.picked_up_on,
    )


def _day(day: EpochDay | None) -> date | None:
    return None if day is None else EPOCH + timedelta(day)
