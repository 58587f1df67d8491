"""A rule, compiled or not, reads the field that a value has now, wherever its class keeps it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from eropaf.risk.zone import CivilZone
from eropaf_client.schemas.epoch import DAY_MS

FIELDS: dict[str, Any] = {"name": "nowhere", "since": (0,), "ahead": (0,)}
OFTEN = 20


class Further(CivilZone):
    """A zone that keeps more, so that its fields may stand elsewhere."""

    __slots__ = ("also",)


@pytest.fixture
def zone() -> CivilZone:
    zone = CivilZone(**FIELDS)
    for _ in range(OFTEN):
        assert zone.day_of(DAY_MS) == 1
    return zone


def test_a_field_that_became_a_property_of_its_class_is_read_as_that(
    zone: CivilZone, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(CivilZone, "ahead", property(lambda _: (DAY_MS,)))
        assert zone.day_of(DAY_MS) == 2

    assert zone.day_of(DAY_MS) == 1


def test_a_field_that_is_not_set_is_told_by_its_name(zone: CivilZone) -> None:
    del zone.ahead

    with pytest.raises(AttributeError, match="ahead"):
        zone.day_of(DAY_MS)


def test_a_field_that_is_set_anew_is_read_anew(zone: CivilZone) -> None:
    zone.ahead = (DAY_MS,)  # type: ignore[misc]

    assert zone.day_of(DAY_MS) == 2


@pytest.mark.parametrize(
    "other", [SimpleNamespace(**FIELDS), Further(**FIELDS)], ids=["no slots", "subclass"]
)
def test_values_of_several_classes_are_read_at_one_place(zone: CivilZone, other: Any) -> None:
    for _ in range(OFTEN):
        assert (CivilZone.day_of(other, DAY_MS), zone.day_of(2 * DAY_MS)) == (1, 2)
