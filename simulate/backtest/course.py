"""One course of a city's days under one arm: creditors tell, the list is released, outreach works."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from eropaf.risk.policy import Policy
from eropaf.risk.records import HouseholdEvent
from eropaf.simulate.backtest.arms import NOBODY, Arm, Ties, monthly
from eropaf.simulate.backtest.days import MONTHS_OF_A_YEAR, civil, days_of_steps, number_of
from eropaf.simulate.backtest.harms import YEAR_DAYS, Harms, follows
from eropaf.simulate.backtest.listing import Listing
from eropaf.simulate.backtest.messages import Creditors
from eropaf.simulate.backtest.orders import BASELINES, Around, by_policy, households
from eropaf.simulate.backtest.outreach import Attempts, Team, helps
from eropaf.simulate.years.bills import TO_CAK, missed, paid, spells
from eropaf.simulate.years.course import City
from eropaf.simulate.years.creditors import Habits, Signals, habits, signalled, steps
from eropaf.simulate.years.days import DAYS_OF_A_MONTH, Days, days_of_payment
from eropaf.simulate.years.draws import Remembered
from eropaf.simulate.years.outreach import attempts_a_report
from eropaf.simulate.years.sectors import HEALTH
from eropaf.simulate.years.state import Arrears, State, Where, owing

# Until the list knows who has been owing for long, it listens: nobody works, and none of these months counts.
MONTHS_BEFORE = 3
# Reports picked up per 1,000 inhabitants and month (Divosa Monitor 2023): what a team is measured by.
REPORTS = 2.9


@dataclass(slots=True, eq=False)
class Beginning:
    """A city at the beginning of every course: where households stand, and its draws, kept for a month."""

    city: City
    state: State
    draws: Remembered
    habits: Habits

    @classmethod
    def of(cls, city: City) -> Beginning:
        """Return the beginning of all courses of `city`."""
        draws = Remembered(city.draws.seed, city.draws.households)
        return cls(city, city.settled(), draws, habits(draws, city.parameters))


@dataclass(slots=True, eq=False)
class Lived:
    """What came of a course: harm, attempts, who was on a list and since when, and what the rules refused.

    `listed` are lived days by household: the first one of a list that a team worked down. `signals` counts
    those of each household.
    """

    harms: Harms = field(default_factory=Harms)
    attempts: Attempts = field(default_factory=Attempts)
    listed: dict[int, int] = field(default_factory=dict)
    signals: Counter[int] = field(default_factory=Counter)
    refused: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Unhelped:
    """The course in which nobody is helped: moments of harm, and how many signals each household has."""

    moments: NDArray[np.int64]
    signals: NDArray[np.int64]

    @classmethod
    def of(cls, nobody: Lived, households: int) -> Unhelped:
        """Return that of a course of so many households."""
        signals = np.zeros(households, np.int64)
        signals[list(nobody.signals)] = list(nobody.signals.values())
        return cls(nobody.harms.moments(), signals)


def lived(
    beginning: Beginning, arm: Arm, policy: Policy, months: int, unhelped: Unhelped | None = None
) -> Lived:
    """Live through `months` of work, and a year longer without help: what it averted shows then.

    Without `unhelped` nobody comes to harm, and everybody is signalled once.
    """
    return _Course(beginning, arm, policy, unhelped).months(months)


@dataclass(frozen=True, slots=True, eq=False)
class _Days:
    """Of whose arrears, as a month begins, each day decides: later in it nobody begins to owe.

    Arrears and households are in order of their day, and stand from one place in `pay_from` or `step_from` to
    the next. A day looks at a thirtieth of those who owe so, and not at the city.
    """

    arrears: Arrears
    pay_from: NDArray[np.intp]
    households: Where
    step_from: NDArray[np.intp]

    @classmethod
    def of(cls, state: State, pays: Days, steps: Days) -> _Days:
        """Return those of a month in which each household pays and is taken steps against on a day."""
        sectors, households = owing(state)
        by_payment = np.argsort(pays[households], kind="stable")
        who = np.unique(households)
        who = who[np.argsort(steps[who], kind="stable")]
        days = np.arange(DAYS_OF_A_MONTH + 2)
        return cls(
            (sectors[by_payment], households[by_payment]),
            np.searchsorted(pays[households[by_payment]], days),
            who,
            np.searchsorted(steps[who], days),
        )

    def paid(self, day: int) -> Arrears:
        """Return the arrears whose day of payment it is."""
        sectors, households = self.arrears
        of_day = slice(self.pay_from[day], self.pay_from[day + 1])
        return sectors[of_day], households[of_day]

    def stepped_against(self, day: int) -> Where:
        """Return the households against which creditors take their steps on that day, if they do."""
        return self.households[self.step_from[day] : self.step_from[day + 1]]


class _Course:
    """A course as it goes."""

    def __init__(self, beginning: Beginning, arm: Arm, policy: Policy, unhelped: Unhelped | None) -> None:
        city = beginning.city
        dwellings = len(city.population)
        unhelped = unhelped or Unhelped(np.zeros(0, np.int64), np.ones(dwellings, np.int64))
        self.arm, self.policy, self.population = arm, policy, city.population
        self.parameters, self.draws = city.parameters, beginning.draws
        self.state = deepcopy(beginning.state)
        self.creditors = Creditors.of(beginning.habits, arm.silent)
        self.listing, self.result = Listing(policy), Lived()
        self.harmed = unhelped.moments
        inhabitants = dwellings * self.parameters.inhabitants_per_dwelling
        of = self.parameters
        visits, calls = monthly(
            arm,
            REPORTS * inhabitants / 1000,
            of.visited * attempts_a_report(of.reached_by_visit, of.visits_tried),
            of.phoned * attempts_a_report(of.reached_by_phone, of.calls_tried),
        )
        self.team = Team(
            arm=arm,
            parameters=self.parameters,
            helps=helps(arm.effect, self.parameters.helped, self.population.strain, unhelped.signals),
            visits=visits,
            calls=calls,
            attempts=self.result.attempts,
        )
        self.waiting: list[HouseholdEvent] = []
        self.released: list[int] = []

    def months(self, count: int) -> Lived:
        for month in range(count + MONTHS_OF_A_YEAR):
            self._month(month, tells=self.arm.order != NOBODY and month < count)
        self.result.refused = dict(sorted(self.listing.refused.items()))
        return self.result

    def _month(self, month: int, tells: bool) -> None:
        state, parameters, draws = self.state, self.parameters, self.draws
        spells(state, self.population, parameters, draws, month)
        before = state.owed[HEALTH] >= TO_CAK
        missed(state, self.population, parameters, draws, month)
        lost = (state.owed[HEALTH] >= TO_CAK) & ~before & ~state.plan[HEALTH]
        insured = np.flatnonzero(lost)
        self.result.harms.add("insurance_losses", insured, np.full_like(insured, number_of(month, 1)))
        signals = signalled(state, self.creditors.habits, parameters, draws, month)
        self.result.signals.update(signals.household.tolist())
        pays_on, steps_on = days_of_payment(draws, month, parameters), days_of_steps(draws, month)
        if tells:
            self._told(month, signals, pays_on, steps_on)
        else:
            self._alone(month, pays_on, steps_on)

    def _alone(self, month: int, pays_on: Days, steps_on: Days) -> None:
        """Let a month pass in which nobody works and nothing is told: no day of it waits for another.

        All that matters is who pays before a step is taken, and who after it: on one day, after it.
        """
        of = self.parameters, self.draws, month
        days = month * DAYS_OF_A_MONTH + steps_on.astype(np.int64) - 1
        late = steps_on > pays_on
        self.result.harms.stepped(steps(self.state, *of, np.flatnonzero(~late)), days)
        paid(self.state, *of, owing(self.state))
        self.result.harms.stepped(steps(self.state, *of, np.flatnonzero(late)), days)

    def _told(self, month: int, signals: Signals, pays_on: Days, steps_on: Days) -> None:
        """Let a month of days pass: the list hears what happens, and outreach works."""
        state, parameters, draws = self.state, self.parameters, self.draws
        days, works = _Days.of(state, pays_on, steps_on), month >= MONTHS_BEFORE
        numbers = month * DAYS_OF_A_MONTH + steps_on.astype(np.int64) - 1
        self.team.month_begins(month, draws, self._around(month))
        for day in range(1, DAYS_OF_A_MONTH + 1):
            self._released(month, day)
            if works:
                self._worked(month, day)
            self.waiting += self.creditors.batch(signals, state, month, day)
            taken = steps(state, parameters, draws, month, days.stepped_against(day))
            self.result.harms.stepped(taken, numbers)
            paid(state, parameters, draws, month, days.paid(day))
            self.waiting += self.creditors.stepped(taken, state, month, day)
            self.waiting += self.creditors.ended(state, month, day)
        if works:
            self.team.month_ends(self.listing, state)

    def _worked(self, month: int, day: int) -> None:
        """Let the team work a day, down the list that stands."""
        for household in self.released:
            self.result.listed.setdefault(household, number_of(month, day))
        self.team.day(day, self.released, self.listing, self.state)

    def _around(self, month: int) -> Around:
        everybody = np.arange(len(self.population), dtype=np.int64)
        behind = np.zeros(len(everybody), np.bool_)
        if self.arm.ties is Ties.AGAINST:
            behind = follows(self.harmed, everybody, np.full_like(everybody, number_of(month, 1)), YEAR_DAYS)
        return Around(self.population.neighbourhood, self.draws.of("lot", month), behind, 0)

    def _released(self, month: int, day: int) -> None:
        """Release a list, on a morning when the delivery has one: with all that was said before it."""
        list_day = self.creditors.habits.list_day
        if not self.arm.delivery.releases(day, list_day):
            return
        for event in self.waiting:
            self.listing.take(event)
        self.waiting.clear()
        self.listing.pass_time(civil(month, day))
        around = self.team.around_from(civil(month if day >= list_day else month - 1))
        self.released = households(
            BASELINES.get(self.arm.order, by_policy), self.listing.entries.values(), around
        )
        self.team.restart()
