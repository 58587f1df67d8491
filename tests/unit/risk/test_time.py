"""What time alone changes: dates that come near, lowerings, what is forgotten; and how a day is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eropaf.risk.events import Tick
from eropaf.risk.records import HouseholdEvent
from tests.builders import HOUSEHOLD, MARCH_2, NOON, day_of
from tests.story import POLICY, on, result, story, tick, told


def test_a_date_that_comes_near_raises_by_time_alone() -> None:
    notice = on(0, crisis_kind="END_OF_DELIVERY", crisis_on=MARCH_2 + 40)

    history = story(notice, *(tick(day) for day in range(1, 41)))

    # 40 points; 50 from 28 days ahead, 65 from 14, 80 from 7, 100 from 3.
    assert [(u.band, day_of(u.event_at) - MARCH_2) for u in history.updates] == [
        ("MEDIUM", 0),
        ("HIGH", 33),
        ("URGENT", 37),
    ]


def test_an_end_of_delivery_is_talked_about_before_it_happens_not_in_three_days() -> None:
    (update,) = story(on(0, crisis_kind="END_OF_DELIVERY", crisis_on=MARCH_2 + 20)).updates

    assert update.respond_by == MARCH_2 + 20


def test_a_household_is_not_lowered_twice_within_a_week_but_is_in_the_end() -> None:
    falling = (on(0, amount_cents=400_000), on(1, version=2, amount_cents=200_000), on(2, version=3))

    history = story(*falling, *(tick(day) for day in range(3, 12)))

    assert told(history) == ["RAISED URGENT", "LOWERED HIGH", "LOWERED MEDIUM"]
    assert day_of(history.updates[-1].event_at) == MARCH_2 + 9


@pytest.mark.parametrize(
    ("ending", "days"),
    [
        (on(1, version=2, kind="PAID"), 183),
        (on(1, version=2, kind="WITHDRAWN"), 30),
        (result(1, "ARRANGES_ITSELF"), 90),
        (result(1, "HELP"), 183),
        (result(1, "DECEASED"), 183),
    ],
)
def test_after_its_time_everything_is_forgotten(ending: HouseholdEvent, days: int) -> None:
    quiet = replace(POLICY, results={name: replace(r, quiet_days=days) for name, r in POLICY.results.items()})

    before = story(on(0), ending, tick(days), policy=quiet)
    after = story(on(0), ending, tick(days), tick(days + 1), policy=quiet)

    assert HOUSEHOLD in before.households
    assert HOUSEHOLD not in after.households
    assert HOUSEHOLD not in after.rankings


def test_erasure_takes_a_household_off_the_list_and_out_of_every_table() -> None:
    erased = HouseholdEvent(HOUSEHOLD, "erasure", NOON, erasure_requested_on=MARCH_2)

    history = story(on(0), erased, on(1, version=2))

    assert told(history) == ["RAISED MEDIUM", "WITHDRAWN NONE", "RAISED MEDIUM"]
    # It counts anew from 1, under ids of their own.
    assert [update.sequence for update in history.updates] == [1, 2, 1]
    assert len({update.update_id for update in history.updates}) == 3


def test_a_tick_that_comes_twice_or_late_changes_nothing() -> None:
    once = story(on(0), result(1, "HELP"), tick(31))
    again = story(on(0), result(1, "HELP"), tick(31), tick(31), tick(20))

    assert again.households == once.households
    assert again.updates == once.updates


def test_a_tick_reaches_its_slice_alone() -> None:
    slices = 16
    own = int(HOUSEHOLD[:4], 16) * slices // 16**4

    assert [number for number in range(slices) if Tick(0, number, slices).among([HOUSEHOLD])] == [own]


def test_a_day_is_told_to_a_partition_in_as_many_slices_as_it_needs() -> None:
    def told(households: int) -> list[tuple[int, int]]:
        ticks, tick = [], Tick(0, 0, 0).follow(households)
        while tick is not None:
            ticks.append((tick.slice, tick.slices))
            tick = tick.follow(households + 1_000)  # those that come meanwhile change nothing
        return ticks

    assert told(0) == [(0, 1)]
    assert told(250) == [(0, 1)]
    assert told(501) == [(0, 3), (1, 3), (2, 3)]


def test_a_day_that_is_not_sliced_yet_concerns_nobody() -> None:
    assert Tick(0, 0, 0).among([HOUSEHOLD]) == []
