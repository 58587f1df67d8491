# ruff: noqa: E501  # a page's table
"""What a learned order would gain over the rules: a tree of three questions, and boosted trees.

None is built in: an official must be able to say why. So that the choice is measured, both learn from the list of
some simulated cities who comes to harm in half a year, and order the list of others, where the rules do too.
It needs scikit-learn, which nothing else does:

    uv run --with scikit-learn==1.9.1 python -m bench.learned > learned.md
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.tree import DecisionTreeClassifier, export_text

from eropaf.choosing.cities import Place, judged
from eropaf.risk.policy import Policy
from eropaf.settings.policy import policy_text
from eropaf.simulate.backtest.arms import Arm
from eropaf.simulate.backtest.days import civil
from eropaf.simulate.backtest.figures import HALF_A_YEAR_DAYS
from eropaf.simulate.backtest.harms import follows
from eropaf.simulate.backtest.listing import NOT_DUE, Entry
from eropaf.simulate.backtest.orders import BASELINES, OLDEST_FIRST, Around, Height, by_lot
from eropaf.simulate.backtest.summary import Interval
from eropaf.simulate.years.days import DAYS_OF_A_MONTH

DWELLINGS = 5_000
LEARNS_FROM, JUDGED_ON = range(2001, 2009), range(2009, 2021)
# A list of every day would hold the same household some thirty times a month.
EVERY_DAYS = 7
FEATURES = (
    "band",
    "points",
    "creditors",
    "euros",
    "days since the oldest bill",
    "days since the newest report",
    "days to the talk",
)
SHOWN = {"recall": 100, "wasted": 100, "spoken_in_need": 1, "averted": 1}


class Days:
    """Counts the mornings on which a live list is released: an order is asked once each."""

    def __init__(self) -> None:
        self.number = -1

    def begins(self) -> int:
        """Begin another morning; return it as days since 1970."""
        self.number += 1
        month, day = divmod(self.number, DAYS_OF_A_MONTH)
        return civil(month, day + 1)


class Watching(Days):
    """Works a list by lot, and keeps what was known of each household on it, and when."""

    def __init__(self) -> None:
        super().__init__()
        self.known: list[tuple[float, ...]] = []
        self.households: list[int] = []
        self.days: list[int] = []

    def __call__(self, entries: list[Entry], around: Around) -> list[tuple[Height, int]]:
        """Return lots, and note who stands on the list."""
        today = self.begins()
        if self.number % EVERY_DAYS == 0:
            for each in entries:
                self.known.append(features(each, today))
                self.households.append(each.household)
                self.days.append(self.number)
        return by_lot(entries, around)


class Learned(Days):
    """Puts first who most likely comes to harm, as a model has it."""

    def __init__(self, model: DecisionTreeClassifier | GradientBoostingClassifier) -> None:
        super().__init__()
        self._model = model

    def __call__(self, entries: list[Entry], around: Around) -> list[tuple[Height, int]]:
        """Return the likeliest first, ties by lot."""
        today = self.begins()
        if not entries:
            return []
        likely = self._model.predict_proba(np.array([features(each, today) for each in entries]))[:, 1]
        lots = by_lot(entries, around)
        return [
            ((-chance, *lot), household)
            for chance, (lot, household) in zip(likely.tolist(), lots, strict=True)
        ]


def features(each: Entry, today: int) -> tuple[float, ...]:
    """Return what any order may go by, as numbers."""
    due = 99 if each.due_on == NOT_DUE else each.due_on - today
    return (
        each.height,
        each.score / 100,
        each.creditors,
        each.amount_cents / 100,
        today - each.since,
        today - each.reported_on,
        due,
    )


def learned(policy: Policy) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return what was known of who stood on the lists of some cities, and who came to harm in half a year."""
    known, harmed = [], []
    for seed in LEARNS_FROM:
        place, watching = Place.of(seed, DWELLINGS, policy), Watching()
        BASELINES["watched"] = watching
        place.figures(Arm("watched"), policy)
        known.append(np.array(watching.known))
        at = np.array(watching.households), np.array(watching.days)
        harmed.append(follows(place.unhelped.moments, *at, HALF_A_YEAR_DAYS))
    return np.concatenate(known), np.concatenate(harmed)


def rows(policy: Policy, models: dict[str, DecisionTreeClassifier | GradientBoostingClassifier]) -> list[str]:
    """Return a line a model: how much more it gains than the rules, on cities that it did not learn from."""
    orders = [policy.version, *models, OLDEST_FIRST]
    found: list[Sequence[dict[str, float]]] = []
    for seed in JUDGED_ON:
        BASELINES.update({name: Learned(model) for name, model in models.items()})
        found += judged([seed], DWELLINGS, [(Arm(order), policy) for order in orders])
        print(seed, file=sys.stderr)
    lines = []
    for at, order in enumerate(orders[1:], 1):
        more = [
            Interval.of([scale * (city[at][name] - city[0][name]) for city in found])
            for name, scale in SHOWN.items()
        ]
        lines.append(
            f"| {order} | "
            + " | ".join(f"{each.mean:.1f} ({each.low:.1f} to {each.high:.1f})" for each in more)
            + " |"
        )
    return lines


def main() -> None:
    """Learn, judge, and print the table."""
    policy = Policy.parse(policy_text("amsterdam-example"))
    known, harmed = learned(policy)
    tree = DecisionTreeClassifier(max_depth=3, min_samples_leaf=50, random_state=0).fit(known, harmed)
    boosted = GradientBoostingClassifier(random_state=0).fit(known, harmed)
    print(
        f"Learned from {len(known)} entries of lists of {len(LEARNS_FROM)} cities, of whom {harmed.mean():.0%} came to harm in half a year.\n"
    )
    print(
        "| less the rules | harm found in time, of 100 | for nothing, of 100 | in need and spoken with | harm averted |\n|---|---|---|---|---|"
    )
    print("\n".join(rows(policy, {"a tree of three questions": tree, "boosted trees": boosted})))
    print(f"\n```\n{export_text(tree, feature_names=list(FEATURES), show_weights=True)}```")


if __name__ == "__main__":
    main()
