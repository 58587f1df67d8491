"""Who moves takes the arrears along; of who left the municipality the creditor hears."""

from __future__ import annotations

from dataclasses import replace

from eropaf.risk.household import fold
from eropaf.risk.records import Departure, HouseholdEvent
from tests.builders import HOME, HOUSEHOLD, NOON
from tests.story import POLICY, on, story, told


def test_who_moves_takes_the_arrears_to_the_new_household() -> None:
    row = fold(None, on(0, amount_cents=165_000), POLICY).row
    there = Departure("rent", "contract-1", "f" * 32, replace(HOME, house_number=99))

    left = fold(row, HouseholdEvent(HOUSEHOLD, "residents-0-1/0", NOON, departure=there), POLICY)

    assert left.risk is not None
    assert left.risk.open_positions == 0
    (arrival,) = left.onward
    arrived = fold(None, arrival, POLICY)
    assert arrived.risk is not None
    assert (arrived.risk.score, arrived.risk.address.house_number) == (6_000, 99)


def test_of_who_left_the_municipality_the_creditor_hears() -> None:
    gone = Departure("rent", "contract-1", None, None)

    history = story(on(0), HouseholdEvent(HOUSEHOLD, "r", NOON, departure=gone))

    assert [answer.status for answer in history.answers] == ["NOT_A_RESIDENT"]
    assert told(history)[-1] == "WITHDRAWN NONE"
