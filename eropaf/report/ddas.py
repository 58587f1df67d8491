"""A month of early signalling as the national exchange model wants it, from what the topics hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from eropaf.risk.events import ContactAttempt, EpochDay, Outcome
from eropaf.risk.lawful import ASKING
from eropaf.risk.policy import EPOCH
from eropaf.risk.records import DAY_MS, HouseholdEvent, Signal
from eropaf_client.files.ddas_exchange import Case, Client, ExchangedAttempt, ExchangedSignal
from eropaf_client.files.ddas_terms import DAY_PARTS
from eropaf_client.records import PartnerType


@dataclass(slots=True)
class _Household:
    signals: dict[str, ExchangedSignal] = field(default_factory=dict)
    signalled_on: list[EpochDay] = field(default_factory=list)
    attempts: list[ExchangedAttempt] = field(default_factory=list)
    picked_up_on: date | None = None
    result: str | None = None
    in_hand: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    """The days of one month, both included."""

    first: date
    last: date

    def holds(self, ms: int) -> bool:
        """Say whether an instant, in milliseconds since 1970 UTC, is in it."""
        return self.first <= EPOCH + timedelta(ms // DAY_MS) <= self.last


def exchanged(
    events: Iterable[HouseholdEvent], statuses: Mapping[tuple[str, str], str], month: Month
) -> tuple[tuple[ExchangedSignal, ...], tuple[Case, ...]]:
    """Give the signals and cases of `month`.

    `events` in each household's order; `statuses` are what creditors last heard, by creditor and
    signal. A case is what outreach did in the month for one household, with its signals of the month.
    Households that were erased are left out.
    """
    households: dict[str, _Household] = defaultdict(_Household)
    for event in events:
        if event.erasure_requested_on is not None:
            households.pop(event.household, None)
        elif month.holds(event.at):
            _take_in(households, event, statuses)
    found = [households[key] for key in sorted(households)]
    signals = [signal for household in found for _, signal in sorted(household.signals.items())]
    cases = [_case(household, month) for household in found if household.in_hand and household.signals]
    return tuple(signals), tuple(cases)


def _take_in(
    households: dict[str, _Household], event: HouseholdEvent, statuses: Mapping[tuple[str, str], str]
) -> None:
    if event.signal is not None and event.address is not None and event.signal.kind in ASKING:
        household = households[event.household]
        address = event.address
        client = Client(
            None, address.postcode, str(address.house_number), address.addition or None, None, None
        )
        status = statuses.get((event.signal.creditor, event.signal.signal_id), "NOT_YET_PICKED_UP")
        household.signals[event.signal.signal_id] = _signal(event.signal, client, status)
        household.signalled_on.append(event.at // DAY_MS)
    elif event.outcome is not None:
        _outcome(households[event.household], event.outcome)


def _signal(signal: Signal, client: Client, status: str) -> ExchangedSignal:
    return ExchangedSignal(
        signal.signal_id,
        PartnerType(signal.partner_type),
        client,
        signal.crisis_kind is not None,
        signal.handover_wish,
        # Whole euros there; a part of one still is owed.
        -(-signal.amount_cents // 100),
        _day(signal.arrears_since),
        _day(signal.reported_at // DAY_MS),
        status,
    )


def _outcome(household: _Household, outcome: Outcome) -> None:
    household.in_hand = True
    if outcome.picked_up_on is not None:
        household.picked_up_on = _day(outcome.picked_up_on)
    if outcome.attempt is not None:
        household.attempts.append(_attempt(outcome.attempt))
    if outcome.result is not None:
        household.result = outcome.result


def _attempt(attempt: ContactAttempt) -> ExchangedAttempt:
    noted = attempt.day_part if attempt.day_part in DAY_PARTS.values() else None
    return ExchangedAttempt(attempt.channel, attempt.reached, _day(attempt.on), noted)


def _case(household: _Household, month: Month) -> Case:
    # Signals are matched the moment they come in: the case begins with the first of them.
    return Case(
        tuple(sorted(household.signals)),
        tuple(household.attempts),
        household.result,
        _day(min(household.signalled_on)),
        month.first,
        month.last,
        household.picked_up_on,
    )


def _day(day: EpochDay | None) -> date | None:
    return None if day is None else EPOCH + timedelta(day)
