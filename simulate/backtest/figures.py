"""What a course comes to, beside the course in which nobody is helped."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eropaf.simulate.backtest.course import MONTHS_BEFORE, Beginning, Lived
from eropaf.simulate.backtest.days import MONTHS_OF_A_YEAR
from eropaf.simulate.backtest.groups import Tally, codes, counted
from eropaf.simulate.backtest.harms import KINDS, MOST_DAYS, YEAR_DAYS, follows, needs
from eropaf.simulate.years.days import DAYS_OF_A_MONTH
from eropaf.simulate.years.outreach import PHONE

# Per so many dwellings and a year, so that cities and courses of any length compare.
PER_DWELLINGS = 10_000
# Euros: what a trajectory costs, and an eviction (BKR, May 2015). Other harm has no sourced price.
TRAJECTORY_EUR, EVICTION_EUR = 650, (5_000, 6_000)
HALF_A_YEAR_DAYS = YEAR_DAYS // 2

# In need is who owes without a plan, and unhelped comes to harm within a year.
FIGURES = {
    "attempts": "visits and calls",
    "precision": "share of visits and calls at who is in need",
    "recall": "of harm from half a year of work on, the share that a visit or call to whoever owed preceded",
    "wasted": "share of visits and calls at who had paid, or had a plan",
    "spoken": "households spoken with, by whatever channel, each once a year",
    "spoken_in_need": "households in need that are spoken with, each once a need",
    "accepted": "trajectories: households that accept help, each once a year",
    "days_to_talk": "days from the oldest unpaid bill to the first talk in a year, mean, of visits and calls",
    **{
        f"averted_{kind}": f"{kind.replace('_', ' ')} averted, until a year after the last visit"
        for kind in KINDS
    },
    "averted": "harm averted, of all kinds",
    "cost_eur": "euros for trajectories, EUR 650 each; the team costs the same in every course of one size",
    "benefit_low_eur": "euros saved on evictions, EUR 5,000 each",
    "benefit_high_eur": "the same, EUR 6,000 each",
}
CALENDAR_DAYS_A_DAY = 365.25 / YEAR_DAYS
Figures = dict[str, float]


def figures(course: Lived, nobody: Lived, dwellings: int, months: int) -> Figures:
    """Return the figures of a course in which a team worked until `months`; nan is of nobody.

    Counts are per `PER_DWELLINGS` and year of work. Harm is counted for a year longer, in which nobody is
    helped: all that the work costs stands against all that it averts by then.
    """
    begins, ends = MONTHS_BEFORE * DAYS_OF_A_MONTH, months * DAYS_OF_A_MONTH
    until = ends + YEAR_DAYS
    scale = PER_DWELLINGS / dwellings * MONTHS_OF_A_YEAR / (months - MONTHS_BEFORE)
    done = _Done(course)
    need = needs(nobody.harms.moments(), done.household, done.day, YEAR_DAYS)
    found = (need >= 0) & ~done.wasted
    averted = {
        f"averted_{kind}": scale
        * (nobody.harms.count(kind, begins, until) - course.harms.count(kind, begins, until))
        for kind in KINDS
    }
    accepted = done.once_a_year(done.accepted).sum() * scale
    return {
        "attempts": done.personal.sum() * scale,
        "precision": _mean(found[done.personal]),
        "recall": _recall(done, nobody, begins, ends),
        "wasted": _mean(done.wasted[done.personal]),
        "spoken": done.once_a_year(done.reached).sum() * scale,
        "spoken_in_need": len(np.unique(need[done.reached & found])) * scale,
        "accepted": accepted,
        "days_to_talk": _mean(done.since[done.once_a_year(done.personal & done.reached & ~done.wasted)])
        * CALENDAR_DAYS_A_DAY,
        **averted,
        "averted": sum(averted.values()),
        "cost_eur": accepted * TRAJECTORY_EUR,
        "benefit_low_eur": averted["averted_evictions"] * EVICTION_EUR[0],
        "benefit_high_eur": averted["averted_evictions"] * EVICTION_EUR[1],
    }


class _Done:
    """Attempts as arrays, in order of time."""

    def __init__(self, course: Lived) -> None:
        attempts = course.attempts
        self.household = np.array(attempts.household, np.int64)
        self.day = np.array(attempts.day, np.int64)
        self.personal = np.array(attempts.channel, np.int64) >= PHONE
        self.wasted = np.array(attempts.wasted, np.bool_)
        self.reached = np.array(attempts.reached, np.bool_)
        self.accepted = np.array(attempts.accepted, np.bool_)
        self.since = np.array(attempts.since, np.int64)

    def once_a_year(self, which: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return of `which` the first of each household, and the first after a year from it, and so on."""
        first, newest = np.zeros(len(which), np.bool_), dict[int, int]()
        for at in np.flatnonzero(which).tolist():
            household, day = int(self.household[at]), int(self.day[at])
            if day >= newest.get(household, -YEAR_DAYS) + YEAR_DAYS:
                first[at], newest[household] = True, day
        return first


def by_group(course: Lived, nobody: Lived, beginning: Beginning, months: int) -> Figures:
    """Return harm, and what was found of it in time, by group of households (`groups.COLUMNS`)."""
    begins, ends = MONTHS_BEFORE * DAYS_OF_A_MONTH, months * DAYS_OF_A_MONTH
    done = _Done(course)
    personal = np.zeros(len(beginning.city.population), np.bool_)
    personal[done.household[done.personal]] = True
    harmed, kind, day = nobody.harms.arrays()
    inside = (day >= begins + HALF_A_YEAR_DAYS) & (day < ends)
    harmed, kind, day = harmed[inside], kind[inside], day[inside]
    listed = np.array(sorted(course.listed.items()), np.int64).reshape(-1, 2)
    passed_over = listed[~personal[listed[:, 0]]]
    in_need = follows(nobody.harms.moments(), passed_over[:, 0], passed_over[:, 1], YEAR_DAYS)
    tally = Tally(harmed, kind, _preceded(done, harmed, day), passed_over[:, 0], in_need)
    return counted(tally, codes(beginning.city.population, beginning.habits))


def _recall(done: _Done, nobody: Lived, begins: int, ends: int) -> float:
    """Return of how much harm, in the course in which nobody is helped, a visit or call came before it.

    Harm of the first half year is left out: nobody worked through the half year before it.
    """
    harmed, _, day = nobody.harms.arrays()
    inside = (day >= begins + HALF_A_YEAR_DAYS) & (day < ends)
    return _mean(_preceded(done, harmed[inside], day[inside]))


def _preceded(done: _Done, harmed: NDArray[np.int64], day: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return of each harm whether a visit or call to somebody who owed came in the half year up to it."""
    personal = np.unique((done.household * MOST_DAYS + done.day)[done.personal & ~done.wasted])
    moments = harmed * MOST_DAYS + day
    earliest = moments - HALF_A_YEAR_DAYS
    # Both counts are over one rising list; no half year reaches into the days of another household.
    return np.searchsorted(personal, moments, side="right") > np.searchsorted(personal, earliest)


def _mean(values: NDArray[np.generic]) -> float:
    return float(values.astype(np.float64).mean()) if len(values) else float("nan")
