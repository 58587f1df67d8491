"""The arithmetic of amsterdam-example, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eropaf.risk.intake import LARGEST_AMOUNT_CENTS
from eropaf.risk.positions import position_of, with_position
from eropaf.risk.rows import Position
from eropaf.risk.score import MOST, assess
from tests.builders import MARCH_2, a_signal, amsterdam_example

POLICY = amsterdam_example()


def score(*signals: dict[str, Any]) -> int:
    positions = [position_of(a_signal(contract=f"contract-{n}", **s)) for n, s in enumerate(signals)]
    return assess(positions, (), MARCH_2, POLICY).score


RENT = {"creditor": "rent", "partner_type": "RENT"}
WATER = {"creditor": "water", "partner_type": "WATER"}

BY_HAND: list[tuple[str, list[dict[str, Any]], int]] = [
    # 1,100 / 550 = 2.00 months x 20 points = 40.00
    ("two months of rent", [RENT], 4_000),
    # 550.00 / 550 = 1.00 x 20
    ("one month of rent", [RENT | {"amount_cents": 55_000}], 2_000),
    # 100 / 20 = 5.00 months x 3: a hundred euros of water is worse than a hundred of rent, and no more
    ("five months of water", [WATER | {"amount_cents": 10_000, "monthly_bill_cents": 2_000}], 1_500),
    # the usual bill of the policy (EUR 20) where the creditor does not say
    ("water, no bill given", [WATER | {"amount_cents": 10_000, "monthly_bill_cents": None}], 1_500),
    # 10 months count as the cap of 6: 6 x 20
    ("capped at six months", [RENT | {"amount_cents": 550_000}], 12_000),
    # EUR 49.99 is below the minimum of EUR 50
    ("below the minimum", [RENT | {"amount_cents": 4_999}], 0),
    # 40 + 15 + 15 for the second creditor
    ("two creditors", [RENT, WATER | {"amount_cents": 10_000, "monthly_bill_cents": 2_000}], 7_000),
    # 40 + 40: two contracts of one creditor are no breadth
    ("two contracts of one creditor", [RENT, RENT], 8_000),
    # a plan that is kept solves the arrears
    ("plan agreed", [RENT | {"kind": "PLAN_AGREED"}], 0),
    # 40 + 10
    ("plan broken", [RENT | {"kind": "PLAN_BROKEN"}], 5_000),
    # 40 + 100, and 10 for a date 26 days ahead
    ("threatening", [RENT | {"crisis_kind": "EVICTION", "crisis_on": MARCH_2 + 26}], 15_000),
    # the same with 3 days left: 60; with 4: 40; with 29: nothing; on the day itself: 60
    ("threatening, 3 days", [RENT | {"crisis_kind": "EVICTION", "crisis_on": MARCH_2 + 3}], 20_000),
    ("threatening, 4 days", [RENT | {"crisis_kind": "EVICTION", "crisis_on": MARCH_2 + 4}], 18_000),
    ("threatening, 29 days", [RENT | {"crisis_kind": "EVICTION", "crisis_on": MARCH_2 + 29}], 14_000),
    ("threatening, today", [RENT | {"crisis_kind": "EVICTION", "crisis_on": MARCH_2}], 20_000),
    # and once it is past, neither threatens nor is near any more
    ("threatening, past", [RENT | {"crisis_kind": "EVICTION", "crisis_on": MARCH_2 - 1}], 4_000),
    # an end of delivery threatens nothing by itself: 40, and 25 for 14 days
    ("end of delivery", [RENT | {"crisis_kind": "END_OF_DELIVERY", "crisis_on": MARCH_2 + 14}], 6_500),
    # 40 + 10
    ("warm handover", [RENT | {"handover_wish": True}], 5_000),
    # 0.09 x 20 = 1.80, however small, and 100
    ("threatening, small", [RENT | {"amount_cents": 5_000, "crisis_kind": "EVICTION"}], 10_180),
    ("paid", [RENT | {"kind": "PAID", "amount_cents": 0}], 0),
    ("withdrawn", [RENT | {"kind": "WITHDRAWN"}], 0),
]


@pytest.mark.parametrize(("what", "signals", "points"), BY_HAND, ids=[row[0] for row in BY_HAND])
def test_points_are_as_worked_out_by_hand(what: str, signals: list[dict[str, Any]], points: int) -> None:
    assert score(*signals) == points


def test_contributions_name_their_creditor_and_add_up() -> None:
    positions = [position_of(a_signal()), position_of(a_signal(creditor="water", partner_type="WATER"))]

    assessment = assess(positions, (), MARCH_2, POLICY)

    assert [(part.what, part.creditor) for part in assessment.contributions] == [
        ("arrears", "rent"),
        ("arrears", "water"),
        ("breadth", None),
    ]
    assert assessment.score == sum(part.points for part in assessment.contributions)


def test_numbers_that_no_record_could_hold_stand_at_the_most_that_it_can() -> None:
    steepest = replace(POLICY.partners["RENT"], points_per_month=100_000)
    policy = replace(POLICY, partners={"RENT": steepest}, months_cap=12_000)
    largest = {"amount_cents": LARGEST_AMOUNT_CENTS, "monthly_bill_cents": 1}
    positions = [position_of(a_signal(contract=f"contract-{n}", **largest)) for n in range(200)]

    assessment = assess(positions, (), MARCH_2, policy)

    assert (assessment.score, assessment.months_behind) == (MOST, MOST)


def test_growth_counts_from_the_lowest_version_whatever_came_first() -> None:
    first, grown = a_signal(amount_cents=55_000), a_signal(version=2, amount_cents=165_000)

    for order in ((first, grown), (grown, first)):
        positions: tuple[Position, ...] = ()
        for signal in order:
            positions = with_position(positions, position_of(signal))
        # 3 months x 20, and 2 months grown x 5
        assert assess(positions, (), MARCH_2, POLICY).score == 7_000


@pytest.mark.parametrize(
    ("months", "points"),
    [
        ((674,), 0),
        ((673, 674), 400),  # one earlier month x 4
        ((668, 672, 673, 674), 1_200),  # three
        ((667, 674), 0),  # seven months ago is before the look-back
    ],
)
def test_earlier_months_count_within_the_look_back(months: tuple[int, ...], points: int) -> None:
    assert assess([position_of(a_signal())], months, MARCH_2, POLICY).score == 4_000 + points
