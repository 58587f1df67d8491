"""Where an address register is loaded: streets on the board, rounds that follow them, and a drawing."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from pathlib import Path

import pytest

from eropaf.board.address_register import AddressRegister, Premises
from eropaf.board.claims import Holder
from eropaf.board.reading import News
from eropaf.board.rounds import Door
from eropaf.board.row import Row
from eropaf.board.sketch import HEIGHT, WIDTH, sketch_of
from eropaf.board.state import State
from eropaf.board.user import EVERYWHERE, Role, User
from eropaf.board.walking import in_walking_order
from eropaf.files.address_extract import extract
from eropaf_client.inbox import Received
from eropaf_client.outcomes import ContactAttempt, ContactChannel
from tests.integration.clients.telling import an_update
from tests.unit.files.test_address_extract import BAG

EVERYBODY = User("u", "lotte", Role.LEAD, EVERYWHERE)


def a_row(number: int, premises: Premises | None = None, postcode: str = "1011AB") -> Row:
    update = an_update(household=f"h-{postcode}-{number}", postcode=postcode, house_number=number)
    return Row(update, Holder("u", "lotte", 0), premises)


def on(street: str, east: float, north: float = 0.0) -> Premises:
    return Premises(street, "Amsterdam", east, north)


@pytest.fixture
def register(tmp_path: Path) -> AddressRegister:
    extract(BAG, "Amsterdam", tmp_path / "addresses.db")
    return AddressRegister(tmp_path / "addresses.db")


def told(register: AddressRegister | None, *numbers: int) -> list[Row]:
    """Return the rows of a board that was told of these numbers of one postcode."""

    async def listed() -> list[Row]:
        state = State(event_clock=False, register=register)
        updates = [
            an_update(household=f"h-{each}", postcode="1011AB", house_number=each, addition="A")
            for each in numbers
        ]
        state.take(News([Received(each.household, each, 0, 0, 0, b"") for each in updates], caught_up=True))
        return state.rows(EVERYBODY)

    return asyncio.run(listed())


def test_an_address_that_the_register_has_is_shown_by_its_street(register: AddressRegister) -> None:
    known, unknown = sorted(told(register, 3, 5), key=lambda row: row.update.house_number)
    assert known.address == "Oude Voorbeeldstraat 3 A, 1011 AB"
    assert known.to_json()["postal"] == known.postal == "1011 AB 3 A"
    assert unknown.address == unknown.postal == "1011 AB 5 A"


def test_without_a_register_all_is_as_it_was() -> None:
    (row,) = told(None, 3)
    assert row.address == "1011 AB 3 A"
    assert "postal" not in row.to_json()


def test_a_round_goes_street_by_street_and_on_to_the_nearest() -> None:
    """A postcode's number says nothing of what lies beside it: the next street is the one that is near."""
    begin, beside, far = on("Beginstraat", 0), on("Zijstraat", 120), on("Verre Weg", 900)
    rows = [
        a_row(1, far, "1011AC"),
        a_row(2, beside, "1012XX"),
        a_row(1, begin, "1011AB"),
        a_row(3, on("Beginstraat", 100), "1011AB"),
    ]
    assert [
        (row.premises and row.premises.street, row.update.house_number) for row in in_walking_order(rows)
    ] == [
        ("Beginstraat", 1),
        ("Beginstraat", 3),
        ("Zijstraat", 2),
        ("Verre Weg", 1),
    ]


def test_a_street_is_walked_from_the_end_that_is_nearer() -> None:
    rows = [
        a_row(1, on("Eerste", 0), "1011AA"),
        *(a_row(number, on("Tweede", 1000 - number), "1011AB") for number in (1, 301, 601)),
    ]
    assert [row.update.house_number for row in in_walking_order(rows)] == [1, 601, 301, 1]


def test_what_the_register_does_not_have_follows_by_postcode_and_loses_nobody() -> None:
    rows = [a_row(9, None, "1012AA"), a_row(4, None, "1011ZZ"), a_row(1, on("Beginstraat", 0), "1015AA")]
    walked = in_walking_order(rows)
    assert [row.update.postcode for row in walked] == ["1015AA", "1011ZZ", "1012AA"]
    placeless = a_row(2, Premises("Zonder Plek", "Amsterdam", None, None))
    assert sorted(row.household for row in in_walking_order([*rows, placeless])) == sorted(
        row.household for row in [*rows, placeless]
    )


def doors(*points: tuple[float, float] | None, tried: int = 0) -> list[Door]:
    attempt = ContactAttempt(ContactChannel.VISIT, reached=False, on=date(2026, 3, 2))
    return [
        Door(
            a_row(number, None if point is None else on("Straat", *point)),
            carried=False,
            tried=attempt if number <= tried else None,
            tried_at=datetime(2026, 3, 2) if number <= tried else None,  # no hour is drawn
            follow_up=None,
        )
        for number, point in enumerate(points, 1)
    ]


def test_a_drawing_keeps_north_above_and_the_numbers_of_the_list() -> None:
    sketch = sketch_of(doors((0, 0), None, (400, 300)))
    assert sketch is not None
    first, last = sketch.marks
    assert (first.text, last.text) == ("1", "3")
    assert first.x < last.x
    assert first.y > last.y
    assert all(0 < mark.x < WIDTH and 0 < mark.y < HEIGHT for mark in sketch.marks)
    assert (sketch.bar_m, sketch.bar) == (100, 70.7)  # 300 m are 212 high


def test_doors_that_lie_on_each_other_share_a_mark() -> None:
    sketch = sketch_of(doors((0, 0), (1, 1), (500, 0), tried=1))
    assert sketch is not None
    assert [(mark.text, mark.tried) for mark in sketch.marks] == [("1-2", False), ("3", False)]
    sketch = sketch_of(doors((0, 0), (500, 0), (1, 1), tried=3))
    assert sketch is not None
    assert [(mark.text, mark.tried) for mark in sketch.marks] == [("1…", True), ("2", True)]


@pytest.mark.parametrize("points", [(), ((0.0, 0.0),), (None, None), ((0.0, 0.0), None)])
def test_nothing_is_drawn_of_fewer_than_two_places(points: tuple[tuple[float, float] | None, ...]) -> None:
    assert sketch_of(doors(*points)) is None
