"""A team's days: whom it visits, calls and writes to, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from eropaf.simulate.backtest.arms import Arm, Effect
from eropaf.simulate.backtest.days import civil, number_of, worked_by
from eropaf.simulate.backtest.listing import Listing
from eropaf.simulate.backtest.messages import found
from eropaf.simulate.backtest.orders import Around
from eropaf.simulate.years.days import DAYS_OF_A_MONTH
from eropaf.simulate.years.draws import Draws
from eropaf.simulate.years.outreach import (
    LETTER,
    MESSAGE,
    PHONE,
    VISIT,
    chances_of_reaching,
    helped_households,
    reached_by,
)
from eropaf.simulate.years.parameters import Parameters
from eropaf.simulate.years.sectors import SECTORS
from eropaf.simulate.years.state import State

CHANNELS = {VISIT: "VISIT", PHONE: "PHONE", MESSAGE: "MESSAGE", LETTER: "LETTER"}
# Draws of each month that decide what comes of an attempt.
QUESTIONS = ("picked up", "resident", "reached", "accepts", "helped", "channel")


@dataclass(slots=True, eq=False)
class Attempts:
    """Every attempt: at whom, on which lived day, how, and what came of it.

    `wasted` is a visit or a call to somebody who had paid, or had a plan; `since` how many lived days the
    oldest unpaid bill had been due.
    """

    household: list[int] = field(default_factory=list)
    day: list[int] = field(default_factory=list)
    channel: list[int] = field(default_factory=list)
    wasted: list[bool] = field(default_factory=list)
    reached: list[bool] = field(default_factory=list)
    accepted: list[bool] = field(default_factory=list)
    since: list[int] = field(default_factory=list)


class Team:
    """Works down the list that was released, as far as the hours go, five days a week.

    Whoever was not reached is tried again later in the month, before others are, as often as a report
    takes. At the month's end, who was reported in it and got neither gets a letter or a message.
    """

    def __init__(
        self,
        arm: Arm,
        parameters: Parameters,
        helps: NDArray[np.float64],
        visits: float,
        calls: float,
        attempts: Attempts,
    ) -> None:
        self.visits, self.calls, self.attempts, self.parameters = visits, calls, attempts, parameters
        self.share = chances_of_reaching(parameters)
        self.tries = {VISIT: parameters.visits_tried, PHONE: parameters.calls_tried}
        self.helps = helps
        rest = 1 - parameters.visited - parameters.phoned
        self.messaged = parameters.messaged / rest if rest > 0 else 0.0
        self.next = 0

    def month_begins(self, month: int, draws: Draws, around: Around) -> None:
        """Begin a month: nobody was attempted in it. Whoever was not reached in the last is left."""
        self.month, self.around = month, around
        self.luck = {question: draws.of(question, month) for question in QUESTIONS}
        self.attempted = np.zeros(draws.households, np.int8)
        self.again: dict[int, list[int]] = {VISIT: [], PHONE: []}

    def around_from(self, newest_from: int) -> Around:
        """Return what orders look at, where the newest file is from a day on."""
        return replace(self.around, newest_from=newest_from)

    def restart(self) -> None:
        """Begin at the top of a list that was released."""
        self.next = 0

    def day(self, day: int, released: list[int], listing: Listing, state: State) -> None:
        """Make the visits and calls of a day, visits to those who stand first."""
        for channel, a_month in ((VISIT, self.visits), (PHONE, self.calls)):
            left = worked_by(self.month, day, a_month) - worked_by(self.month, day - 1, a_month)
            again, self.again[channel] = self.again[channel], []
            for household in again:
                if left > 0 and household in listing.entries:
                    self._attempt(household, channel, day, listing, state)
                    left -= 1
                elif household in listing.entries:
                    self.again[channel].append(household)
            while left > 0 and self.next < len(released):
                household = released[self.next]
                self.next += 1
                if (
                    not self.attempted[household]
                    and household in listing.entries
                    and self._findable(household)
                ):
                    self._attempt(household, channel, day, listing, state)
                    left -= 1

    def month_ends(self, listing: Listing, state: State) -> None:
        """Write to whoever was reported this month and was neither visited nor called."""
        begins = civil(self.month)
        rest = [
            household
            for household, entry in sorted(listing.entries.items())
            if entry.reported_on >= begins and not self.attempted[household] and self._findable(household)
        ]
        for household in rest:
            channel = MESSAGE if self.luck["channel"][household] < self.messaged else LETTER
            self._attempt(household, channel, DAYS_OF_A_MONTH, listing, state)

    def _findable(self, household: int) -> bool:
        return bool(
            self.luck["picked up"][household] < self.parameters.picked_up
            and self.luck["resident"][household] >= self.parameters.not_resident
        )

    def _reached(self, household: int, channel: int) -> bool:
        """Say whether this attempt reaches somebody: one throw a month says which of them does, if any."""
        by_now = reached_by(self.share[channel], int(self.attempted[household]), self.tries.get(channel, 1))
        return bool(self.luck["reached"][household] < by_now)

    def _attempt(self, household: int, channel: int, day: int, listing: Listing, state: State) -> None:
        self.attempted[household] += 1
        owing = (state.owed[:, household] > 0) & ~state.plan[:, household]
        wasted = not owing.any()
        reached = self._reached(household, channel)
        accepted = reached and not wasted and bool(self.luck["accepts"][household] < self.parameters.accepts)
        result = None
        if not reached and self.attempted[household] < self.tries.get(channel, 1):
            self.again[channel].append(household)
        if reached:
            result = "PAID_OR_PLAN" if wasted else "HELP" if accepted else "ARRANGES_ITSELF"
        if accepted and self.luck["helped"][household] < self.helps[household]:
            helped_households(state, np.array([household]))
        to = self.attempts
        to.household.append(household)
        to.day.append(number_of(self.month, day))
        to.channel.append(channel)
        to.wasted.append(wasted)
        to.reached.append(reached)
        to.accepted.append(accepted)
        age = max(
            [int(state.age[sector, household]) for sector in range(len(SECTORS)) if owing[sector]], default=0
        )
        to.since.append(age * DAYS_OF_A_MONTH + day - 1)
        if result is not None:
            listing.take(
                found(household, civil(self.month, day), CHANNELS[channel], reached, result, len(to.day))
            )


def helps(
    effect: Effect, helped: float, strain: NDArray[np.float32], signals: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the chance that help works for each household: `helped` on average over all `signals`.

    Who is signalled is under more strain than others. Were the chances the same on average over all
    households, help would work more often on a list where it rises with strain, and less often where it
    falls: what is compared would be how much help does, and not for whom.
    """
    order = np.argsort(strain, kind="stable")
    before = np.cumsum(signals[order]) - signals[order] / 2
    rank = np.empty(len(strain))
    rank[order] = before / max(int(signals.sum()), 1)
    # As steep as chances allow: none is above one.
    steep = {Effect.EQUAL: 0.0, Effect.RISING: 1.0, Effect.FALLING: -1.0}[effect] * min(helped, 1 - helped)
    return helped + steep * (2 * rank - 1)
