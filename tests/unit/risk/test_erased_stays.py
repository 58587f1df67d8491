"""What was said before an erasure brings nobody back: it lay unread, or was set aside and is sent again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eropaf.agents.topology import ARREARS_DAYS, REJECTED_DAYS
from eropaf.risk.erasures import ERASURE_REMEMBERED_DAYS
from eropaf.risk.household import fold
from eropaf.risk.people import ARRIVES
from eropaf.risk.positions import AGREED, is_open
from eropaf.risk.records import DAY_MS, NOWHERE, HouseholdEvent, MinorChildren
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.rows import HouseholdRow
from tests.builders import HOME, HOUSEHOLD, MARCH_2, NOON, families_count
from tests.story import POLICY, on, result, story, tick, told

ERASED = HouseholdEvent(HOUSEHOLD, "erasure", NOON + 9 * DAY_MS, erasure_requested_on=MARCH_2 + 9)
REFUSED = {**AGREED, "offer": "REFUSED"}
MOMENT_ALONE = HouseholdRow(NOWHERE, ERASED.at, 0, (), erased_at=ERASED.at)


def objection(day: int, stands: bool = True) -> HouseholdEvent:
    at = NOON + day * DAY_MS
    return HouseholdEvent(HOUSEHOLD, f"objection-{day}-{stands}", at, HOME, objection_stands=stands)


def children(day: int, at_home: bool) -> HouseholdEvent:
    at = NOON + day * DAY_MS
    return HouseholdEvent(HOUSEHOLD, f"c-{day}", at, HOME, minor_children=MinorChildren("ann", at_home))


@pytest.mark.parametrize(
    "before", [(on(0),), (on(0), result(1, "HELP")), ()], ids=["listed", "helped", "unread"]
)
@pytest.mark.parametrize("day", [0, 8, 9])
def test_what_was_said_until_an_erasure_brings_nobody_back(
    before: tuple[HouseholdEvent, ...], day: int
) -> None:
    history = story(*before, ERASED, on(day, contract="set-aside", signal_id="s-2"))

    assert history.households == {HOUSEHOLD: MOMENT_ALONE}
    assert told(history) == told(story(*before, ERASED))
    last = history.answers[-1]
    assert (last.contract, last.status, last.reason) == ("set-aside", "NOT_PICKED_UP_OTHER", None)


def test_that_arrears_of_before_have_ended_is_not_answered() -> None:
    assert story(ERASED, on(3, kind="PAID")).answers == []


def test_what_is_said_later_brings_a_household_back_and_nothing_of_before_with_it() -> None:
    first = story(on(10, version=3), on(10, version=3)).households[HOUSEHOLD]

    row = story(on(0), ERASED, on(10, version=3), on(0, contract="set-aside")).households[HOUSEHOLD]

    assert row == replace(first, erased_at=ERASED.at)


def test_the_moment_of_the_newest_erasure_holds_whichever_comes_first() -> None:
    earlier = replace(ERASED, at=ERASED.at - 5 * DAY_MS)

    for erasures in ((ERASED, earlier), (earlier, ERASED), (ERASED, ERASED)):
        assert story(on(0), *erasures, on(8, version=3)).households == {HOUSEHOLD: MOMENT_ALONE}


def test_an_erasure_sent_again_where_a_household_came_back_bars_what_it_forgot() -> None:
    row = story(on(40), ERASED, on(5, contract="set-aside")).households[HOUSEHOLD]

    assert [each.contract for each in row.positions] == ["contract-1"]


@pytest.mark.parametrize("change", [{"kind": "PAID"}, {"own_effort": REFUSED}], ids=["paid", "refused"])
def test_where_a_household_came_back_an_ending_of_before_still_holds(change: dict[str, Any]) -> None:
    row = story(on(40), ERASED, on(5, version=2, **change)).households[HOUSEHOLD]

    assert [is_open(each) for each in row.positions] == [False]


@pytest.mark.parametrize("moved_at", [ERASED.at + 1, None], ids=["later", "an older version's"])
def test_who_moves_to_an_address_that_was_erased_brings_their_arrears(moved_at: int | None) -> None:
    arrives = replace(on(3), event_id=f"register/0/1{ARRIVES}", moved_at=moved_at)

    row = story(ERASED, arrives).households[HOUSEHOLD]

    assert (row.address, [each.contract for each in row.positions]) == (HOME, ["contract-1"])


@pytest.mark.parametrize("days", [-3, 0])
def test_an_arrival_of_before_an_erasure_that_is_sent_again_brings_nobody_back(days: int) -> None:
    """It was set aside, or lay unread: who had moved here by then was erased here."""
    arrives = replace(on(3), event_id=f"register/0/1{ARRIVES}", moved_at=ERASED.at + days * DAY_MS)

    history = story(ERASED, arrives)

    assert history.households == {HOUSEHOLD: MOMENT_ALONE}
    assert [each.status for each in history.answers] == ["NOT_PICKED_UP_OTHER"]


@pytest.mark.parametrize(
    "lives",
    [(objection(10, stands=False),), (children(10, True), children(11, False)), (tick(20),)],
    ids=["a withdrawal", "the register", "a day"],
)
def test_the_moment_outlasts_what_is_said_there_meanwhile(lives: tuple[HouseholdEvent, ...]) -> None:
    row = story(ERASED, *lives, on(0), policy=families_count()).households[HOUSEHOLD]

    assert (row.address, row.positions, row.erased_at) == (NOWHERE, (), ERASED.at)


def test_an_objection_or_a_child_after_an_erasure_has_its_address() -> None:
    for lives in (objection(10), children(10, at_home=True)):
        assert story(ERASED, lives, policy=families_count()).households[HOUSEHOLD].address == HOME


def test_of_an_erased_household_nothing_is_known() -> None:
    with pytest.raises(Refused) as refused:
        fold(MOMENT_ALONE, result(10, "HELP"), POLICY)

    assert refused.value.reason is Reason.UNKNOWN_HOUSEHOLD


def test_the_moment_is_forgotten_once_nothing_of_before_can_come() -> None:
    assert ERASURE_REMEMBERED_DAYS == REJECTED_DAYS + ARREARS_DAYS
    last = 9 + ERASURE_REMEMBERED_DAYS

    assert story(on(0), ERASED, tick(last - 1)).households == {HOUSEHOLD: MOMENT_ALONE}
    assert story(on(0), ERASED, tick(last - 1), tick(last)).households == {}
