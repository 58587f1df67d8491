"""Each part of a score by itself: what, whose, how many points, what was counted (amsterdam-example-3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eropaf.risk.positions import position_of, with_position
from eropaf.risk.rows import Position
from eropaf.risk.score import Assessment, Points, assess
from tests.builders import MARCH_2, a_signal, amsterdam_example

POLICY = amsterdam_example()
HALF = replace(POLICY, plan_agreed_percent=50)
RENT: dict[str, Any] = {"creditor": "rent", "partner_type": "RENT", "contract": "r"}
WATER: dict[str, Any] = {
    "creditor": "water", "partner_type": "WATER", "contract": "w", "amount_cents": 10_000,
    "monthly_bill_cents": 2_000,
}  # fmt: skip
ENERGY: dict[str, Any] = {
    "creditor": "energy", "partner_type": "ENERGY", "contract": "e", "amount_cents": 18_000,
    "monthly_bill_cents": 18_000,
}  # fmt: skip


def of(*signals: dict[str, Any], policy: Any = POLICY, months: tuple[int, ...] = ()) -> Assessment:
    positions: tuple[Position, ...] = ()
    for signal in signals:
        positions = with_position(positions, position_of(a_signal(**signal)))
    return assess(positions, months, MARCH_2, policy)


def test_everything_at_once_is_told_part_by_part() -> None:
    signals = [
        RENT | {"kind": "PLAN_BROKEN", "amount_cents": 110_000, "handover_wish": True},
        RENT | {"version": 2, "kind": "PLAN_BROKEN", "amount_cents": 165_000, "handover_wish": True},
        WATER | {"crisis_kind": "EVICTION", "crisis_on": MARCH_2 + 7},
        ENERGY,
    ]

    found = of(*signals, months=(672, 673, 674))

    assert found.contributions == (
        Points("arrears", 1_200, 100, "energy", "ENERGY", "e"),
        Points("plan-broken", 1_000, 0, "rent", "RENT", "r"),
        Points("arrears", 6_000, 300, "rent", "RENT", "r"),
        Points("growth", 500, 100, "rent", "RENT", "r"),
        Points("arrears", 1_500, 500, "water", "WATER", "w"),
        Points("breadth", 3_000, 3),
        Points("threatening", 10_000, 0),
        Points("handover", 1_000, 0),
        Points("persistence", 800, 2),
        Points("nearness", 4_000, 7),
    )
    assert (found.open_positions, found.creditors, found.months_behind) == (3, 3, 900)
    assert (found.threatening, found.crisis_on, found.score) == (True, MARCH_2 + 7, 29_000)


# First amount, amount now, kind, policy: hundredths of points for growth, of months by which it grew.
# "If the arrears have grown it must be picked up" (DDAS 1.2); 5 points a month, the cap is 6 months.
GROWTH: list[tuple[int, int, str, Any, int, int]] = [
    (55_000, 55_000, "CHANGED", POLICY, 0, 0),
    (55_000, 54_999, "CHANGED", POLICY, 0, 0),
    (55_000, 55_550, "CHANGED", POLICY, 5, 1),
    (55_000, 110_000, "CHANGED", POLICY, 500, 100),
    (55_000, 385_000, "CHANGED", POLICY, 3_000, 600),
    (55_000, 495_000, "CHANGED", POLICY, 3_000, 600),
    (55_000, 165_000, "PLAN_AGREED", HALF, 500, 200),
    (55_000, 165_000, "CHANGED", HALF, 1_000, 200),
]


@pytest.mark.parametrize(("first", "now", "kind", "policy", "points", "months"), GROWTH)
def test_growth_is_capped_and_scaled_by_a_plan(
    first: int, now: int, kind: str, policy: Any, points: int, months: int
) -> None:
    signals = RENT | {"amount_cents": first}, RENT | {"version": 2, "amount_cents": now, "kind": kind}

    grown = [part for part in of(*signals, policy=policy).contributions if part.what == "growth"]

    assert [(part.points, part.quantity) for part in grown] == ([(points, months)] if points else [])


# Share of a plan's points that the policy counts: 40 points of arrears.
@pytest.mark.parametrize(("percent", "points"), [(0, 0), (1, 40), (50, 2_000), (99, 3_960), (100, 4_000)])
def test_a_plan_that_is_kept_counts_as_the_policy_says(percent: int, points: int) -> None:
    policy = replace(POLICY, plan_agreed_percent=percent)

    assert of(RENT | {"kind": "PLAN_AGREED"}, policy=policy).score == points


# What one of several contracts says holds for the household, whichever it is.
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    ("says", "what"), [({"handover_wish": True}, "handover"), ({"crisis_kind": "EVICTION"}, "threatening")]
)
def test_what_one_contract_says_counts_once_for_the_household(
    says: dict[str, Any], what: str, first: bool
) -> None:
    signals = [ENERGY | (says if first else {}), WATER | ({} if first else says)]

    assert [part.what for part in of(*signals).contributions].count(what) == 1
    both = [ENERGY | says, WATER | says]
    assert [part.what for part in of(*both).contributions].count(what) == 1


# Days to a date, hundredths of points. An end of delivery is ranked by the time left (NVVK, 1 November 2023).
NEARNESS = [
    (0, 6_000), (3, 6_000), (4, 4_000), (7, 4_000), (8, 2_500), (14, 2_500), (15, 1_000), (28, 1_000),
    (29, 0),
]  # fmt: skip


@pytest.mark.parametrize(("left", "points"), NEARNESS)
def test_a_date_gives_points_by_the_time_left(left: int, points: int) -> None:
    found = of(RENT | {"crisis_kind": "END_OF_DELIVERY", "crisis_on": MARCH_2 + left})

    near = [(part.points, part.quantity) for part in found.contributions if part.what == "nearness"]
    assert near == ([(points, left)] if points else [])
    assert not found.threatening


def test_a_step_without_points_ends_the_search_and_says_nothing() -> None:
    policy = replace(POLICY, nearness=((7, 0), (28, 1_000)))

    assert (
        of(RENT | {"crisis_kind": "END_OF_DELIVERY", "crisis_on": MARCH_2 + 5}, policy=policy).score == 4_000
    )


# A number of the policy that is zero takes its part off the list of reasons.
@pytest.mark.parametrize(
    ("number", "what"),
    [
        ("plan_broken", "plan-broken"), ("threatening", "threatening"), ("handover", "handover"),
        ("breadth", "breadth"), ("growth", "growth"), ("persistence", "persistence"),
    ],
)  # fmt: skip
def test_what_counts_for_nothing_is_no_reason(number: str, what: str) -> None:
    signals = [
        RENT,
        RENT | {"version": 2, "kind": "PLAN_BROKEN", "amount_cents": 165_000, "handover_wish": True,
                "crisis_kind": "EVICTION"},
        WATER,
    ]  # fmt: skip
    changes: dict[str, Any] = {number: 0}
    off = replace(POLICY, **changes)

    assert what in [part.what for part in of(*signals, months=(673, 674)).contributions]
    assert what not in [part.what for part in of(*signals, months=(673, 674), policy=off).contributions]


# Months with a signal, from January 1970; how many earlier ones count (six months are looked back).
MONTHS: list[tuple[tuple[int, ...], int]] = [
    ((), 0), ((674,), 0), ((673, 674), 1), ((668, 674), 1), ((667, 674), 0), ((668, 669, 670, 674), 3),
]  # fmt: skip


@pytest.mark.parametrize(("months", "earlier"), MONTHS)
def test_earlier_months_are_counted_from_the_newest(months: tuple[int, ...], earlier: int) -> None:
    found = of(RENT, months=months)

    told = [(part.points, part.quantity) for part in found.contributions if part.what == "persistence"]
    assert told == ([(400 * earlier, earlier)] if earlier else [])


# Dates of two contracts, and that which counts: the nearer that has not passed.
@pytest.mark.parametrize(
    ("one", "other", "counts"),
    [(5, 9, 5), (9, 5, 5), (5, None, 5), (None, 5, 5), (-1, 9, 9), (9, -1, 9), (-1, -2, None), (0, 4, 0)],
)
def test_the_nearest_date_to_come_counts(one: int | None, other: int | None, counts: int | None) -> None:
    def ends(day: int | None) -> dict[str, Any]:
        return {"crisis_kind": "END_OF_DELIVERY", "crisis_on": None if day is None else MARCH_2 + day}

    found = of(ENERGY | ends(one), WATER | ends(other))

    assert found.crisis_on == (None if counts is None else MARCH_2 + counts)


def test_with_nothing_that_counts_there_is_nothing_to_tell() -> None:
    assert of(RENT | {"amount_cents": 1}, months=(673, 674)) == Assessment((), 0, 0, 0, False, None)


def test_minor_children_give_their_points_once_and_only_where_arrears_count() -> None:
    families = replace(POLICY, minor_children=1_500)
    positions = (position_of(a_signal()),)

    with_them = assess(positions, (), MARCH_2, families, True)

    assert with_them.contributions[-1] == Points("minor-children", 1_500, 0)
    assert assess(positions, (), MARCH_2, families, False).score == 4_000
    assert assess(positions, (), MARCH_2, POLICY, True).score == 4_000
    assert assess((), (), MARCH_2, families, True).score == 0
