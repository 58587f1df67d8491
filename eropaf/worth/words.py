"""What is said on the page, in any language: the same facts, in the order in which they decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["nl", "en"]


@dataclass(frozen=True, slots=True)
class Words:
    """What is said in one language. Braces are filled in with numbers that are written in it."""

    language: Language
    decimal: str
    to: str
    title: str
    subtitle: str
    model: str
    short: str
    headline: dict[str, str]
    headline_holds: str
    also: str
    headline_not: str
    short_better: dict[str, str]
    short_same: dict[str, str]
    short_worse: dict[str, str]
    short_lever: str
    short_orders: str
    of_100: str
    short_oldest_better: str
    short_oldest_same: str
    orders_better: str
    orders_worse: str
    orders_same: str
    short_nobody_loses: str
    short_losers: str
    change: str
    how_sure: str
    turn: str
    loses: str
    more_pages: str
    delivered: str
    verdicts: dict[str, str]
    lever: str
    levers_said: str
    instead: str
    at_least: str
    at_most: str
    percent: str
    no_levers: str
    small_levers: str
    sure: str
    calibrated: str
    not_calibrated: str
    against_oldest: str
    under_effect: str
    least: str
    least_same: str
    least_differs: str
    of_figure: str
    no_effects: str
    list_day: str
    no_list_day: str
    silences: str
    silence: str
    no_silences: str
    map_said: str
    no_map: str
    chosen: str
    lose: str
    nobody_loses: str
    gain_less: str
    left_out: str
    nobody_left_out: str
    kinds_left_out: str
    too_small: str
    groups_sure: str
    cost: str
    monthly: str
    baselines: str
    baseline_head: tuple[str, ...]
    plots: tuple[str, str, str]
    numbers: str
    groups: str
    group_head: tuple[str, ...]
    map_title: str
    map_head: str
    team: str
    limits: str
    limit_points: tuple[str, ...]
    figures: dict[str, str]
    orders: dict[str, str]
    effects: dict[str, str]
    levers: dict[str, str]
    creditors: dict[str, str]
    groups_named: dict[str, str]
    notes: dict[str, str]
    made: str
