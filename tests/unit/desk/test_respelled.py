"""An objection under a spelling of before must be found after an upgrade, on the list or not."""

from __future__ import annotations

from typing import Any

import pytest

from eropaf.desk.respelled import Respelled, respelled
from eropaf.risk.records import Address


def row(addition: str, **changes: Any) -> dict[str, Any]:
    address = {"postcode": "1011AB", "house_number": 12, "addition": addition}
    return {"address": address, "objected": False, "objectors": [], **changes}


def test_a_household_that_is_spelled_as_today_is_not_named() -> None:
    assert list(respelled([("k", row("HS")), ("l", row("")), ("m", None), ("p", {"address": None})])) == []


def test_one_that_objected_is_named_though_it_was_never_on_the_list() -> None:
    (found,) = respelled([("k", row("HUIS", objected=True))])

    assert found == Respelled("k", Address("1011AB", 12, "HS"), True, 0)
    assert str(found) == "k  1011AB 12 HS  objected"


@pytest.mark.parametrize(
    ("changes", "said"),
    [({}, "no objection"), ({"objectors": ["a", "b"]}, "residents who object: 2")],
)
def test_who_objects_is_said(changes: dict[str, Any], said: str) -> None:
    (found,) = respelled([("k", row("HUIS", **changes))])

    assert str(found).endswith(said)


def test_what_a_program_had_made_of_an_addition_is_named_by_the_address_of_today() -> None:
    (found,) = respelled([("k", row("NULL", objected=True))])

    assert str(found) == "k  1011AB 12  objected"


def test_an_address_that_no_signal_can_have_any_more_is_named_too() -> None:
    (found,) = respelled([("k", row("TWAALF HOOG ACHTER"))])

    assert (found.today, str(found)) == (None, "k  no address any more  no objection")
