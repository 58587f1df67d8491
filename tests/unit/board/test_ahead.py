"""What a lead sees coming, and that each number leads to the rows that it counts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from eropaf.board.ahead import Compared, Due, becoming_overdue, two_weeks
from eropaf.board.asked import BANDS, Asked, Shown
from eropaf.board.claims import Holder
from eropaf.board.figures import DayFigures
from eropaf.board.row import Row
from eropaf_client.records import Band
from tests.unit.board.test_board import an_update

TODAY = date(2026, 3, 30)


def due_in(days: int | None, holder: str | None = None) -> Row:
    on = None if days is None else TODAY + timedelta(days=days)
    return Row(an_update(respond_by=on), (holder and Holder(holder, holder, 0)) or None)


def test_who_may_still_be_talked_to_today_is_overdue_tomorrow() -> None:
    ahead = becoming_overdue(
        [due_in(-1), due_in(0), due_in(0, "sanne"), due_in(6), due_in(7), due_in(None)], TODAY
    )

    assert ahead[0] == Due(TODAY + timedelta(days=1), 2, 1)
    assert ahead[6] == Due(TODAY + timedelta(days=7), 1, 1)
    assert sum(day.count for day in ahead) == 3


@pytest.mark.parametrize(
    ("shown", "days"),
    [
        (Shown.ALL, {-3, 0, 6, 7, None}),
        (Shown.OVERDUE, {-3}),
        (Shown.TOMORROW, {0}),
        (Shown.WEEK, {0, 6}),
    ],
)
def test_a_tile_counts_the_rows_to_which_it_leads(shown: Shown, days: set[int | None]) -> None:
    asked = Asked.of({"show": shown.value}, [])
    rows = {left: due_in(left) for left in (-3, 0, 6, 7, None)}

    assert {left for left, row in rows.items() if asked.matches(row, TODAY)} == days


def test_the_days_of_the_table_are_those_of_the_tiles() -> None:
    rows = [due_in(days) for days in range(-5, 12)]
    ahead = becoming_overdue(rows, TODAY)

    assert ahead[0].count == sum(Shown.TOMORROW.of(row, TODAY) for row in rows)
    assert sum(day.count for day in ahead) == sum(Shown.WEEK.of(row, TODAY) for row in rows)


def test_free_and_held_are_the_whole_list() -> None:
    free, held = due_in(1), due_in(1, "sanne")

    assert [Shown.FREE.of(row, TODAY) for row in (free, held)] == [True, False]
    assert [Shown.HELD.of(row, TODAY) for row in (free, held)] == [False, True]


def test_what_an_address_asks_that_nobody_knows_counts_as_not_said() -> None:
    assert Asked.of({"show": "<script>"}, ["none"]) == Asked("", BANDS, Shown.ALL)
    assert Asked.of({"area": "1011"}, ["URGENT"]).bands == (Band.URGENT.value,)


def test_this_week_stands_beside_the_last() -> None:
    inflow = [(TODAY - timedelta(days=back), 1 if back < 7 else 2) for back in reversed(range(28))]
    attempts = [DayFigures(day, 3, 2, 1) for day, _ in inflow]

    weeks = two_weeks(inflow, attempts)

    assert weeks[0] == Compared("new", 7, 14)
    assert weeks[0].more == -7
    unknown = [(day, None if at < 20 else count) for at, (day, count) in enumerate(inflow)]
    part = two_weeks(unknown, attempts)[0]
    assert (part.now, part.before, part.more) == (7, None, None)
    assert [(each.what, each.now, each.more) for each in weeks[1:]] == [
        ("tried", 21, 0),
        ("reached", 14, 0),
        ("accepted", 7, 0),
    ]
