"""Values that are made by name, and changed copies of them: the same as the standard library makes."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from eropaf.risk.records import HouseholdEvent, Signal, new_event, new_signal
from eropaf.risk.rows import (
    HouseholdRow,
    Position,
    RankingRow,
    new_household_row,
    new_position,
    new_ranking_row,
)
from eropaf.risk.score import Assessment, new_assessment
from eropaf.risk.told import HouseholdRisk, PriorityUpdate, new_risk, new_update
from eropaf.risk.value import replace

MADE_BY_NAME: list[tuple[Any, Any]] = [
    (HouseholdEvent, new_event),
    (Signal, new_signal),
    (HouseholdRow, new_household_row),
    (Position, new_position),
    (RankingRow, new_ranking_row),
    (Assessment, new_assessment),
    (HouseholdRisk, new_risk),
    (PriorityUpdate, new_update),
]


def needed_by(kind: Any) -> dict[str, str]:
    """A word of its own for each field without a default."""
    return {each.name: each.name for each in fields(kind) if each.default is dataclasses.MISSING}


def fields(kind: Any) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(kind)


@pytest.mark.parametrize(("kind", "new"), MADE_BY_NAME)
def test_what_is_made_by_name_is_what_the_constructor_makes(kind: Any, new: Any) -> None:
    every = {each.name: each.name for each in fields(kind)}

    for given in (needed_by(kind), every):
        assert new(**given) == kind(**given)
        assert type(new(**given)) is kind


@pytest.mark.parametrize(("kind", "new"), MADE_BY_NAME)
def test_a_field_that_is_missing_or_unknown_is_refused(kind: Any, new: Any) -> None:
    needed = needed_by(kind)
    first, *_ = needed

    with pytest.raises(TypeError):
        new(**{name: word for name, word in needed.items() if name != first})
    with pytest.raises(TypeError):
        new(**needed, no_field=1)
    with pytest.raises(TypeError):
        new(*needed.values())


@pytest.mark.parametrize(("kind", "new"), MADE_BY_NAME)
def test_a_changed_copy_is_the_standard_librarys_and_leaves_the_value(kind: Any, new: Any) -> None:
    whole = new(**needed_by(kind))
    before = new(**needed_by(kind))

    for each in fields(kind):
        assert replace(whole, **{each.name: "changed"}) == dataclasses.replace(
            whole, **{each.name: "changed"}
        )
    assert replace(whole) == whole
    assert replace(whole) is not whole
    assert whole == before


def test_a_copy_changes_no_field_that_there_is_not() -> None:
    with pytest.raises(AttributeError):
        replace(Assessment((), 0, 0, 0, False, None), no_field=1)  # type: ignore[call-arg]  # it is refused
