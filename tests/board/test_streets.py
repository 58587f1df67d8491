"""A board with an address register: streets on the list, in the search, and in a round that is drawn."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from eropaf.board.address_register import APPLICATION_ID, TABLE, TABLE_FORM
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.installation import Installation
from tests.board.conftest import PHONE, SHOWN, look, look_otherwise
from tests.board.standing import Standing, begun, city, key, put_accounts
from tests.board.test_beyond_axe import LARGE, SPILLS
from tests.board.test_pages import POST
from tests.conftest import SOON
from tests.integration.processes import PATIENCE_S

pytestmark = pytest.mark.kafka

# Named as the streets of no city, some as long as a street's name gets.
STREETS = ("Korte Voorbeeldstraat", "Burgemeester van der Voorbeeldenlaan", "Proefkade")
CITY = city(30)
GRID_M = 140.0


def a_register(file: Path) -> Path:
    """Write a register that has every household's address but that of household 6."""
    with closing(sqlite3.connect(file)) as rows:
        rows.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        rows.execute(f"PRAGMA user_version = {TABLE_FORM}")
        rows.execute(TABLE)
        for number, each in enumerate(CITY):
            if number != 6:
                where = (121_000 + GRID_M * (number % 4), 487_000 + GRID_M * (number % 5))
                values = (
                    each.postcode,
                    each.house_number,
                    each.addition,
                    STREETS[number % 3],
                    "Amsterdam",
                    *where,
                )
                rows.execute("INSERT INTO premises VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        rows.commit()
    return file


@pytest.fixture(scope="module")
def city_of_streets(installation: Installation) -> Iterator[EmbeddedKafka]:
    """Run a broker for this board alone: what is claimed here, other boards would show as held."""
    with EmbeddedKafka(installation=installation, properties=SOON) as running:
        yield running


@pytest.fixture(scope="module")
def page(
    city_of_streets: EmbeddedKafka, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("streets")
    register = a_register(folder / "addresses.db")
    board = Standing(city_of_streets.bootstrap, folder, EROPAF_BOARD_ADDRESS_REGISTER=str(register))
    put_accounts(board.database)
    board.ranking.tell(*CITY)
    context = browser.new_context(
        viewport=PHONE, locale="nl-NL", service_workers="block", base_url=board.url, has_touch=True
    )
    context.set_default_timeout(PATIENCE_S * 1000)
    try:
        board.start()
        token = begun(board.database, "lotte")
        context.add_cookies([{"name": "session", "value": token, "url": board.url, "httpOnly": True}])
        yield context.new_page()
    finally:
        context.close()
        board.kill()


def of(page: Page, number: int) -> Locator:
    return page.locator(f".row[data-household='{key(number)}']")


def test_the_list_names_streets_and_finds_by_street_and_by_postcode(page: Page) -> None:
    page.goto("/")
    page.wait_for_selector(SHOWN)
    known, unknown = CITY[3], CITY[6]
    shown = f"{STREETS[0]} {known.house_number} {known.addition}".strip()
    expect(of(page, 3).locator(".address")).to_have_text(
        f"{shown}, {known.postcode[:4]} {known.postcode[4:]}"
    )
    expect(of(page, 6).locator(".address")).to_contain_text(f"{unknown.postcode[:4]} {unknown.postcode[4:]}")

    for sought in (shown.lower(), f"{known.postcode}{known.house_number}"):
        page.fill("#search", sought)
        expect(of(page, 4)).to_be_hidden()
        expect(of(page, 3)).to_be_visible()


def test_a_round_is_drawn_with_the_numbers_of_its_list(page: Page, seen: Path) -> None:
    page.goto("/")
    page.wait_for_selector(SHOWN)
    for number in (0, 3, 6, 9, 12, 15):
        assert page.evaluate(POST.format(path=f"/households/{key(number)}/claim")) == 200
    page.goto("/round")
    marks = page.locator(".sketch g text")
    numbers = page.locator(".walk .number").all_inner_texts()
    assert [text.rstrip(".") for text in numbers] == [str(each) for each in range(1, 7)]
    last = page.locator(".walk .row").last
    assert last.get_attribute("data-household") == key(6), "nobody knows where it is"
    assert set(marks.all_text_contents()) <= set("12345"), "five places, each with its door's number"
    assert look(page, seen / "round-drawn-phone.png") == []
    assert look_otherwise(page, seen / "round-drawn-desk-dark.png") == []
    foot = page.locator(".sketch .metres").bounding_box()
    assert foot is not None
    for mark in page.locator(".sketch circle").all():
        box = mark.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= foot["y"], "the scale lies under no mark"


@pytest.mark.parametrize("path", ["/", "/round", f"/households/{key(0)}"])
def test_a_long_street_fits_a_phone_whose_letters_are_large(page: Page, path: str) -> None:
    for number in (0, 1, 4):
        page.goto("/")
        page.evaluate(POST.format(path=f"/households/{key(number)}/claim"))
    page.set_viewport_size(PHONE)
    page.goto(path)
    page.wait_for_selector(SHOWN)
    assert "van der Voorbeeldenlaan" in page.inner_text("main") or path.startswith("/households")

    page.evaluate(LARGE)

    assert page.evaluate(SPILLS) == []
