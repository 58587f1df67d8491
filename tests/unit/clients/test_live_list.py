from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from eropaf_client.live_list import LiveList
from eropaf_client.records import Band, Change, PriorityUpdate

UPDATE = PriorityUpdate(
    "id", "b", 1, "1011AB", 12, "", "1011", 5_000, Band.MEDIUM, date(2026, 3, 30), Change.RAISED, "v",
    datetime(2026, 3, 2, tzinfo=UTC),
)  # fmt: skip


def ranked(*updates: PriorityUpdate) -> list[str]:
    ranking = LiveList()
    for update in updates:
        ranking.apply(update)
    return [row.household for row in ranking.ranked()]


def test_band_goes_before_the_date_and_the_date_before_urgency() -> None:
    assert ranked(
        replace(UPDATE, household="soon", respond_by=date(2026, 3, 5)),
        replace(UPDATE, household="later"),
        replace(UPDATE, household="urgent", band=Band.URGENT, urgency=1),
        replace(UPDATE, household="higher", urgency=5_001),
    ) == ["urgent", "soon", "higher", "later"]


def test_ties_are_broken_by_the_key_which_says_nothing_of_the_person() -> None:
    assert ranked(replace(UPDATE, household="b"), replace(UPDATE, household="a")) == ["a", "b"]


def test_a_household_off_the_list_is_gone() -> None:
    assert ranked(UPDATE, replace(UPDATE, band=Band.NONE, respond_by=None)) == []


def test_a_team_sees_its_own_area() -> None:
    ranking = LiveList()
    ranking.apply(UPDATE)
    ranking.apply(replace(UPDATE, household="c", area="1102"))

    assert [row.household for row in ranking.ranked("1102")] == ["c"]
    assert ranking.bands()[Band.MEDIUM] == 2


@given(st.permutations([replace(UPDATE, household=str(n), urgency=n // 2) for n in range(6)]))
def test_the_order_of_arrival_does_not_change_the_list(updates: list[PriorityUpdate]) -> None:
    assert ranked(*updates) == ["4", "5", "2", "3", "0", "1"]
