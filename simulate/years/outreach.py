"""What outreach does with a month's signals: picks up, chooses a channel, reaches, helps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eropaf.simulate.years.creditors import Signals
from eropaf.simulate.years.draws import Draws
from eropaf.simulate.years.parameters import Parameters
from eropaf.simulate.years.sectors import SECTORS
from eropaf.simulate.years.state import State

NOT_PICKED_UP, LETTER, MESSAGE, PHONE, VISIT = range(5)


@dataclass(frozen=True, slots=True, eq=False)
class Reports:
    """The signals of one month on one household, together: what is picked up or not."""

    household: NDArray[np.int32]
    creditors: NDArray[np.int8]
    amount_eur: NDArray[np.int32]
    resident: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Worked:
    """What became of a month's reports, in their order."""

    reports: Reports
    channel: NDArray[np.int8]
    reached: NDArray[np.bool_]
    accepted: NDArray[np.bool_]


# Who is visited first, who is called next: the higher, the sooner.
Urgency = Callable[[Reports], NDArray[np.float64]]


def kind_and_amount(reports: Reports) -> NDArray[np.float64]:
    """Put several creditors first, then the amount: what practically all municipalities go by.

    Source: "Kunnen we je helpen?" (Divosa, October 2024).
    """
    return (reports.creditors * 1e6 + reports.amount_eur).astype(np.float64)


def reports_of(signals: Signals) -> Reports:
    """Return a month's signals by household."""
    household, index = np.unique(signals.household, return_inverse=True)
    return Reports(
        household,
        np.bincount(index).astype(np.int8),
        np.bincount(index, signals.amount_eur).astype(np.int32),
        np.bincount(index, signals.resident) > 0,
    )


def work(
    reports: Reports, state: State, parameters: Parameters, draws: Draws, month: int, urgency: Urgency
) -> Worked:
    """Pick up, visit the most urgent, call the next, write to the rest; who accepts help is helped."""
    at = reports.household
    picked_up = np.flatnonzero(reports.resident & (draws.of("picked up", month)[at] < parameters.picked_up))
    channel = np.zeros(len(at), np.int8)
    order = picked_up[np.argsort(-urgency(reports)[picked_up], kind="stable")]
    visits = round(parameters.visited * len(order))
    calls = visits + round(parameters.phoned * len(order))
    messages = calls + round(parameters.messaged * len(order))
    channel[order[:visits]], channel[order[visits:calls]] = VISIT, PHONE
    channel[order[calls:messages]], channel[order[messages:]] = MESSAGE, LETTER
    chance = chances_of_reaching(parameters)
    reached = draws.of("reached", month)[at] < chance[channel]
    accepted = reached & (draws.of("accepts", month)[at] < parameters.accepts)
    helped_households(state, at[accepted & (draws.of("helped", month)[at] < parameters.helped)])
    return Worked(reports, channel, reached, accepted)


def chances_of_reaching(parameters: Parameters) -> NDArray[np.float32]:
    """Return the chance of reaching somebody, by channel."""
    chances = (
        0.0,
        parameters.reached_by_letter,
        parameters.reached_by_message,
        parameters.reached_by_phone,
        parameters.reached_by_visit,
    )
    return np.array(chances, np.float32)


def reached_by(share: float, attempt: int, tried: float) -> float:
    """Return the chance that one of the first attempts reaches somebody, where `tried` reach a `share`."""
    return float(1 - (1 - share) ** (min(attempt, tried) / tried))


def attempts_a_report(share: float, tried: float) -> float:
    """Return how many attempts a report takes, of `tried` at most that reach a `share` of reports."""
    return share / reached_by(share, 1, tried)


def helped_households(state: State, households: NDArray[np.integer[Any]]) -> None:
    """Let arrears of `households` end in a plan that is kept, and a shock be over."""
    for sector in range(len(SECTORS)):
        owing = households[state.owed[sector, households] > 0]
        state.agree(sector, owing)
        state.kept[sector, owing] = True
    state.shock[households] = False
