"""Before an address is visited a worker sees that it is unsafe: on the list, in a round and at the door."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.board.conftest import PHONE, Visit, look, look_otherwise
from tests.board.standing import Standing, key
from tests.board.test_pages import POST
from tests.board.test_round import CITY, going_to, let_go

pytestmark = pytest.mark.kafka


def decide(page: Page, board: Standing, number: int, level: str) -> None:
    """Have whoever leads say how colleagues go to a household."""
    page.goto(f"{board.url}/households/{key(number)}")
    form = page.locator("[data-safety-form]")
    if form.get_attribute("open") is None:
        form.locator("summary").click()
    page.select_option("#level", level)
    if level:
        page.fill("#until", (date.today() + timedelta(days=90)).isoformat())
    form.locator("button").click()
    expect(page.locator(".notice")).to_be_visible()


def sought(page: Page, number: int) -> Locator:
    """Return a household's row on the list, which draws a hundred at first: by its address."""
    page.fill("#search", f"{CITY[number].postcode}{CITY[number].house_number}")
    return page.locator(f"[data-list] .row[data-household='{key(number)}']")


def test_an_unsafe_address_says_so_before_it_is_visited(visit: Visit, board: Standing, seen: Path) -> None:
    lead, page = visit("lotte"), visit("youssef", phone=True)
    going_to(page, 36, 42)

    decide(lead, board, 36, "NOT_ALONE")
    decide(lead, board, 39, "OFFICE_ONLY")

    # The list, as it stands open on a phone.
    expect(sought(page, 36).locator(".safety")).to_have_text("Niet alleen")
    office = sought(page, 39)
    expect(office.locator(".safety")).to_have_text("Alleen op kantoor")
    expect(office.locator(".claim")).to_be_hidden()
    page.reload()
    expect(office.locator(".safety")).to_have_text("Alleen op kantoor")
    assert page.evaluate(POST.format(path=f"/households/{key(39)}/claim")) == 409

    # Its form without a connection begins as its own page does: nobody goes there.
    page.context.set_offline(True)
    office.locator("a.home").click()
    expect(page.locator("dialog input[value=LETTER]")).to_be_checked()
    page.locator("dialog .heading button").click()
    sought(page, 45).locator("a.home").click()
    expect(page.locator("dialog input[value=VISIT]")).to_be_checked()
    page.locator("dialog .heading button").click()
    page.context.set_offline(False)

    page.goto(f"{board.url}/round")
    expect(page.locator(f".row[data-household='{key(36)}'] .safety")).to_have_text("Niet alleen")
    assert look(page, seen / "unsafe-round-phone.png") == []

    page.goto(f"{board.url}/households/{key(39)}")
    expect(page.locator(".unsafe")).to_contain_text("Ga hier niet heen")
    expect(page.locator("form[action$=claim] button")).to_have_text("Ik bel of schrijf")
    assert look(page, seen / "unsafe-door-phone.png") == []
    assert look_otherwise(page, seen / "unsafe-door-desk-dark.png") == []
    assert look(lead, seen / "unsafe-lead-desk.png") == []

    decide(lead, board, 36, "")
    page.goto(board.url)
    alone = sought(page, 36)
    expect(alone).to_be_visible()
    expect(alone.locator(".safety")).to_be_hidden()
    decide(lead, board, 39, "")
    let_go(board, "youssef", 36, 42)


def test_it_is_said_in_english_too(visit: Visit, board: Standing, seen: Path) -> None:
    lead = visit("lotte")
    decide(lead, board, 45, "OFFICE_ONLY")
    page = visit("sanne", phone=True, language="en")

    page.goto(f"{board.url}/households/{key(45)}")

    expect(page.locator(".unsafe")).to_contain_text("Office only Do not go here.")
    assert look(page, seen / "unsafe-door-phone-english.png") == []
    decide(lead, board, 45, "")


def test_who_is_at_a_door_says_so_and_is_seen_by_the_lead(visit: Visit, board: Standing, seen: Path) -> None:
    page, lead = visit("youssef", phone=True), visit("lotte")
    going_to(page, 48)
    page.goto(f"{board.url}/households/{key(48)}")

    page.click("form[action$=check-in] button")

    expect(page.locator(".at-door")).to_contain_text("Aan de deur sinds")
    assert look(page, seen / "at-the-door-phone.png") == []
    lead.goto(f"{board.url}/lead")
    expect(lead.locator("[data-visits]")).to_contain_text("youssef")
    assert look(lead, seen / "at-the-door-lead-desk.png") == []
    assert look_otherwise(lead, seen / "at-the-door-lead-phone-dark.png") == []
    back = lead.locator("[data-visits] button").bounding_box()
    assert back is not None
    assert back["x"] + back["width"] < PHONE["width"], "in sight, with nothing to scroll"

    page.click("form[action$=check-out] button")

    expect(page.locator("form[action$=check-in]")).to_be_visible()
    lead.goto(f"{board.url}/lead")
    expect(lead.locator("[data-visits]")).to_have_count(0)
    let_go(board, "youssef", 48)
