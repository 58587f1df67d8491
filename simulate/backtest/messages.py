"""What creditors tell of a simulated household, as the events that intake makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from eropaf.risk.events import ContactAttempt, Outcome
from eropaf.risk.records import DAY_MS, Address, HouseholdEvent, Signal
from eropaf.simulate.backtest.days import NOON_MS, civil
from eropaf.simulate.backtest.listing import key_of
from eropaf.simulate.years.creditors import MONTHS_TO_END, Habits, Signals, Steps
from eropaf.simulate.years.sectors import ENERGY, NAMES, RENT, SECTORS
from eropaf.simulate.years.state import State

CENTS = 100
ENDINGS = ("", "PAID", "PLAN_AGREED", "PLAN_BROKEN")
PAID, AGREED, BROKEN = range(1, len(ENDINGS))
EVICTION, END_OF_DELIVERY = "EVICTION", "END_OF_DELIVERY"


@dataclass(slots=True, eq=False)
class Creditors:
    """What each creditor has told so far: of arrears that are `standing`, and `planned` ones among them.

    Those of the kind `silent` report nothing, so that nothing of them ever ends or threatens; empty is none.
    """

    habits: Habits
    standing: NDArray[np.bool_]
    planned: NDArray[np.bool_]
    silent: str = ""
    versions: int = 0
    addresses: dict[int, Address] = field(default_factory=dict)

    @classmethod
    def of(cls, habits: Habits, silent: str = "") -> Creditors:
        """Return the creditors of a city, of whom nothing was heard yet; those of a kind stay silent."""
        several = habits.bill_eur.shape
        return cls(habits, np.zeros(several, np.bool_), np.zeros(several, np.bool_), silent)

    def batch(self, signals: Signals, state: State, month: int, day: int) -> list[HouseholdEvent]:
        """Return what is delivered on a day, of a month's `signals`: of bills that are owed still."""
        events = []
        for index in np.flatnonzero(signals.day == day).tolist():
            household, sector = int(signals.household[index]), int(signals.sector[index])
            ended = state.owed[sector, household] == 0 or state.plan[sector, household]
            if ended or NAMES[sector] == self.silent:
                continue
            kind = "CHANGED" if self.standing[sector, household] else "REPORTED"
            self.standing[sector, household], self.planned[sector, household] = True, False
            since = civil(month - int(signals.age[index]))
            amount = int(signals.amount_eur[index])
            events.append(self._event(household, sector, kind, amount, since, civil(month, day)))
        return events

    def stepped(self, steps: Steps, state: State, month: int, day: int) -> list[HouseholdEvent]:
        """Tell, of those signalled before, court orders and ends of delivery, and when they threaten."""
        events = []
        for sector, where, crisis in (
            (RENT, steps.court_orders, EVICTION),
            (ENERGY, steps.ends_of_delivery, END_OF_DELIVERY),
        ):
            for household in where[self.standing[sector, where]].tolist():
                self.planned[sector, household] = False
                since = civil(month - int(state.age[sector, household]))
                amount = int(state.owed[sector, household]) * int(self.habits.bill_eur[sector, household])
                threat = (crisis, civil(month + MONTHS_TO_END, day))
                events.append(
                    self._event(household, sector, "CHANGED", amount, since, civil(month, day), threat)
                )
        return events

    def ended(self, state: State, month: int, day: int) -> list[HouseholdEvent]:
        """Tell what was paid, planned or broken since the day before, where the creditor tells it."""
        events = []
        standing = np.unravel_index(np.flatnonzero(self.standing), self.standing.shape)
        owed, plan, planned = state.owed[standing] > 0, state.plan[standing], self.planned[standing]
        kinds = ~owed * PAID + (owed & plan & ~planned) * AGREED + (owed & ~plan & planned) * BROKEN
        said = np.flatnonzero(kinds)
        # By kind of creditor, then by what is said, then by household.
        for at in said[np.lexsort((kinds[said], standing[0][said]))].tolist():
            sector, household = int(standing[0][at]), int(standing[1][at])
            if self.habits.tells[sector, self.habits.creditor[sector, household]]:
                amount = int(state.owed[sector, household]) * int(self.habits.bill_eur[sector, household])
                since = civil(month - int(state.age[sector, household]))
                kind = ENDINGS[kinds[at]]
                events.append(self._event(household, sector, kind, amount, since, civil(month, day)))
        self.standing[standing] = owed
        self.planned[standing] = owed & plan
        return events

    def _event(
        self,
        household: int,
        sector: int,
        kind: str,
        amount_eur: int,
        since: int,
        today: int,
        threat: tuple[str, int] | None = None,
    ) -> HouseholdEvent:
        self.versions += 1
        at = today * DAY_MS + NOON_MS
        name, creditor = NAMES[sector], int(self.habits.creditor[sector, household])
        number = f"{self.versions}"
        signal = Signal(
            signal_id=number,
            creditor=f"{name}-{creditor}",
            contract=f"{household}",
            kind=kind,
            partner_type=SECTORS[sector].partner_type.value,
            amount_cents=amount_eur * CENTS,
            monthly_bill_cents=int(self.habits.bill_eur[sector, household]) * CENTS,
            arrears_since=since,
            reported_at=at,
            version=self.versions,
            own_effort=None,
            crisis_kind=None if threat is None else threat[0],
            crisis_on=None if threat is None else threat[1],
            handover_wish=False,
        )
        return HouseholdEvent(key_of(household), number, at, self._address(household), signal)

    def _address(self, household: int) -> Address:
        known = self.addresses.get(household)
        if known is None:
            known = self.addresses[household] = Address("1011AB", household, "")
        return known


def found(
    household: int, today: int, channel: str, reached: bool, result: str | None, number: int
) -> HouseholdEvent:
    """Return what outreach registers of an attempt: that it was made, and how the case ends, if it does."""
    outcome = Outcome(f"o{number}", None, ContactAttempt(channel, reached, today, "AFTERNOON"), result)
    return HouseholdEvent(
        key_of(household), f"o{number}", today * DAY_MS + NOON_MS + number % 1000, outcome=outcome
    )
