"""Bands move slowly downwards, by the points alone, and a worker's decision does not creep.

Source: the policy's `stability` (a round is planned for a week) and `bands` (left only below `leave`).
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from eropaf.risk.ranking import Ranked, rank, update_id
from eropaf.risk.records import DAY_MS
from eropaf.risk.rows import RankingRow
from eropaf.risk.told import HouseholdRisk
from tests.builders import MARCH_2, NOON, a_risk, amsterdam_example

POLICY = amsterdam_example()  # LOW from the first accepted signal, MEDIUM 40/32, HIGH 70/60, URGENT 100/90


def risk(day: int, points: int, sequence: int, overrule: str | None = None) -> HouseholdRisk:
    at = NOON + day * DAY_MS
    return a_risk(score=points * 100, sequence=sequence, at=at, overrule=overrule)


def story(*risks: tuple[int, int, str | None]) -> list[tuple[int, str]]:
    """Return the band that outreach was told after each, with its day."""
    row, told = None, []
    for number, (day, points, overrule) in enumerate(risks, 1):
        ranked = rank(row, risk(day, points, number, overrule), POLICY)
        row = ranked.row
        if ranked.update is not None:
            told.append((day, ranked.update.band))
    return told


# Day, points; then day and band of each update. Seven days lie between two lowerings.
FALLS: list[tuple[str, list[tuple[int, int]], list[tuple[int, str]]]] = [
    ("the first fall is told at once", [(0, 100), (1, 65)], [(0, "URGENT"), (1, "HIGH")]),
    ("the second waits", [(0, 100), (1, 65), (7, 0)], [(0, "URGENT"), (1, "HIGH")]),
    ("a week after the first it is told", [(0, 100), (1, 65), (8, 0)],
     [(0, "URGENT"), (1, "HIGH"), (8, "LOW")]),
    ("what stays the same renews no wait", [(0, 100), (1, 65), (4, 65), (6, 64), (8, 0)],
     [(0, "URGENT"), (1, "HIGH"), (8, "LOW")]),
    ("a rise between renews no wait", [(0, 100), (1, 65), (4, 100), (7, 65), (8, 65)],
     [(0, "URGENT"), (1, "HIGH"), (4, "URGENT"), (8, "HIGH")]),
    ("a rise never waits", [(0, 100), (1, 35), (2, 40), (3, 100)],
     [(0, "URGENT"), (1, "MEDIUM"), (3, "URGENT")]),
]  # fmt: skip


@pytest.mark.parametrize(("case", "points", "told"), FALLS, ids=[row[0] for row in FALLS])
def test_a_household_is_lowered_once_in_a_week(
    case: str, points: list[tuple[int, int]], told: list[tuple[int, str]]
) -> None:
    assert story(*((day, score, None) for day, score in points)) == told


def test_the_end_of_all_arrears_waits_for_nothing() -> None:
    row = None
    for number, (day, points) in enumerate([(0, 100), (1, 65)], 1):
        row = rank(row, risk(day, points, number), POLICY).row

    paid = rank(
        row, a_risk(score=0, open_positions=0, ended_by="PAID", sequence=3, at=NOON + 2 * DAY_MS), POLICY
    )

    assert paid.update is not None
    assert paid.update.band == "NONE"


# Day, points, decision; then day and band of each update. The band of the points goes on underneath.
OVERRULED: list[tuple[str, list[tuple[int, int, str | None]], list[tuple[int, str]]]] = [
    ("35 points do not enter MEDIUM, raised or not", [(0, 30, None), (1, 30, "RAISE"), (2, 35, "RAISE")],
     [(0, "LOW"), (1, "MEDIUM")]),
    ("35 points keep MEDIUM, lowered or not", [(0, 40, None), (1, 40, "LOWER"), (2, 35, "LOWER")],
     [(0, "MEDIUM"), (1, "LOW")]),
    ("and are MEDIUM when the decision ends", [(0, 40, None), (1, 40, "LOWER"), (2, 35, None)],
     [(0, "MEDIUM"), (1, "LOW"), (2, "MEDIUM")]),
    ("a decision to raise ends in the points' band", [(0, 40, None), (1, 40, "RAISE"), (2, 40, None)],
     [(0, "MEDIUM"), (1, "HIGH"), (2, "MEDIUM")]),
    ("who is held stays, whatever the points", [(0, 40, None), (1, 120, "HOLD"), (2, 0, "HOLD")],
     [(0, "MEDIUM")]),
    ("and goes where the points are in the end", [(0, 40, None), (1, 120, "HOLD"), (2, 120, None)],
     [(0, "MEDIUM"), (2, "URGENT")]),
    ("a fall within the week waits in the points' band, not in the decision's",
     [(0, 100, None), (1, 65, None), (2, 65, "RAISE"), (3, 40, None)],
     [(0, "URGENT"), (1, "HIGH"), (2, "URGENT"), (3, "HIGH")]),
    ("URGENT is the highest", [(0, 120, None), (1, 120, "RAISE")], [(0, "URGENT")]),
    ("LOW is the lowest", [(0, 0, None), (1, 0, "LOWER")], [(0, "LOW")]),
    ("a decision that nobody knows changes nothing", [(0, 40, None), (1, 40, "UNKNOWN")], [(0, "MEDIUM")]),
]  # fmt: skip


@pytest.mark.parametrize(("case", "risks", "told"), OVERRULED, ids=[row[0] for row in OVERRULED])
def test_a_decision_lies_over_the_band_of_the_points(
    case: str, risks: list[tuple[int, int, str | None]], told: list[tuple[int, str]]
) -> None:
    assert story(*risks) == told


def test_an_update_says_overruled_where_the_decision_made_it_another_band() -> None:
    def overruled(points: int, overrule: str | None) -> bool:
        row = rank(None, risk(0, points, 1), POLICY).row
        ranked = rank(row, a_risk(score=20_000, sequence=2, overrule=overrule), POLICY)
        assert ranked.update is not None
        return ranked.update.overruled

    assert overruled(40, "LOWER")
    assert not overruled(40, "RAISE")  # URGENT is URGENT by the points alone
    assert not overruled(40, None)


def test_everything_that_is_told_and_kept_is_in_its_place() -> None:
    told = a_risk(
        household="f" * 32, sequence=7, score=9_500, threatening=True, crisis_on=MARCH_2 + 2, overrule="RAISE"
    )
    before = RankingRow(4, "MEDIUM", MARCH_2 + 20, 6, MARCH_2 - 30, None, MARCH_2 - 8, None)

    ranked: Ranked = rank(before, told, POLICY)

    assert ranked.row == RankingRow(5, "URGENT", MARCH_2 + 2, 7, MARCH_2 - 30, "HIGH", MARCH_2 - 8, MARCH_2)
    assert ranked.update is not None
    record = ranked.update.to_record()
    record.pop("update_id")
    assert record == {
        "household": "f" * 32, "sequence": 5, "address": told.address.to_record(), "area": "1011",
        "urgency": 9_500, "band": "URGENT", "respond_by": MARCH_2 + 2, "change": "RAISED",
        "policy_version": "amsterdam-example-3", "event_at": NOON, "overruled": True,
        "action": "SEVERAL_ATTEMPTS", "respond_by_norm": "MUNICIPAL",
    }  # fmt: skip


def test_who_is_forgotten_leaves_the_table_and_the_list() -> None:
    row = rank(None, risk(0, 40, 1), POLICY).row

    forgotten = rank(row, a_risk(open_positions=0, score=0, sequence=2, ended_by="FORGOTTEN"), POLICY)

    assert forgotten.row is None
    assert forgotten.update is not None
    assert forgotten.update.change == "WITHDRAWN"


def test_an_older_risk_than_the_last_gives_the_same_row_and_no_update() -> None:
    row = rank(None, risk(0, 40, 5), POLICY).row

    for sequence in (4, 5):
        again = rank(row, risk(0, 120, sequence), POLICY)
        assert again.row is row
        assert again.update is None


def test_the_band_of_the_points_is_kept_while_a_decision_lies_over_it_alone() -> None:
    decided = rank(None, risk(0, 40, 1, "RAISE"), POLICY).row
    over = rank(decided, risk(1, 40, 2), POLICY).row

    assert decided is not None
    assert over is not None
    assert (decided.band, decided.points_band) == ("HIGH", "MEDIUM")
    assert (over.band, over.points_band) == ("MEDIUM", None)


def test_an_end_of_which_this_version_knows_no_word_is_told_as_closed() -> None:
    row = rank(None, risk(0, 40, 1), POLICY).row

    update = rank(row, a_risk(open_positions=0, score=0, sequence=2, ended_by="NEWER"), POLICY).update

    assert update is not None
    assert update.change == "CLOSED"


def test_where_both_norms_name_one_day_the_date_is_that_of_the_threat() -> None:
    both = replace(
        POLICY, first_talk_days=3, threatening_working_days=False, first_talk_norm="MUNICIPAL",
        threatening_norm="LEGAL",
    )  # fmt: skip

    update = rank(None, a_risk(threatening=True), both).update

    assert update is not None
    assert (update.respond_by, update.respond_by_norm) == (MARCH_2 + 3, "LEGAL")


def test_an_update_is_named_after_its_household_its_count_and_its_moment() -> None:
    update = rank(None, a_risk(household="e" * 32, at=NOON + 7), POLICY).update

    assert update is not None
    assert update.update_id == update_id("e" * 32, 1, NOON + 7)
