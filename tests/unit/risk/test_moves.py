"""Who moves takes the arrears along; of who left the municipality the creditor hears."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eropaf.risk.history import tell
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


def test_of_an_address_that_there_is_not_the_creditor_hears_what_is_wrong() -> None:
    unknown = Departure("rent", "contract-1", None, None, address_unknown=True)

    history = story(on(0), on(0, creditor="water"), HouseholdEvent(HOUSEHOLD, "a", NOON, departure=unknown))

    (answer,) = history.answers
    assert (answer.creditor, answer.status, answer.reason) == (
        "rent", "NOT_PICKED_UP_UNJUSTIFIED", "address-unknown",
    )  # fmt: skip
    positions = history.households[HOUSEHOLD].positions
    assert [each.creditor for each in positions] == ["water"], "of another contract nobody spoke"


def test_where_there_is_no_such_address_an_objection_stands() -> None:
    objects = HouseholdEvent(HOUSEHOLD, "o", NOON - 1, HOME, objection_stands=True)
    unknown = Departure("rent", "contract-1", None, None, address_unknown=True)

    history = story(on(0), objects, HouseholdEvent(HOUSEHOLD, "a", NOON, departure=unknown))

    assert history.households[HOUSEHOLD].objected


# What the creditor says of its own effort, and whether a municipality that asks for it takes the signal: who
# moves takes along what was taken (Bgs art. 2), and no more.
SAID: dict[str, Any] = {"personal_contact": True, "debt_help_pointed_at": True, "written_reminders": 2}
EFFORTS: list[tuple[dict[str, Any] | None, str, int]] = [
    (SAID | {"offer": "NO_ANSWER"}, "refuse", 1),
    (SAID | {"offer": "AGREED"}, "refuse", 1),
    (None, "refuse", 0),
    (None, "accept", 1),
]


@pytest.mark.parametrize(("effort", "unsaid", "stands"), EFFORTS)
def test_arrears_are_as_lawful_at_the_new_address_as_they_were(
    effort: dict[str, Any] | None, unsaid: str, stands: int
) -> None:
    policy = replace(POLICY, own_effort_may_be_unsaid=unsaid == "accept")
    here = fold(None, on(0, own_effort=effort), policy).row
    there = Departure("rent", "contract-1", "f" * 32, replace(HOME, house_number=99))

    arrivals = fold(here, HouseholdEvent(HOUSEHOLD, "r", NOON, departure=there), policy).onward
    after = tell(arrivals, policy)

    assert [risk.open_positions for risk in after.risks] == [1] * stands
    assert after.answers == []
