"""A result is kept on the phone before it is sent, and counts once, whatever network and fingers do."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from eropaf_client.schemas.topics import OUTCOMES
from tests.board.conftest import Visit, awaited, log_in
from tests.board.standing import Standing, key
from tests.board.test_pages import waiting
from tests.board.test_survival import read
from tests.integration.processes import PATIENCE_S, until

pytestmark = pytest.mark.kafka

HELP = "button[value=HELP_FINANCIAL]"
TALKED = "button[value=talked]"
# Where a line comes back each tab sends what is kept, at once.
LINE_IS_BACK = "dispatchEvent(new Event('online'))"
# As another tab does that is sending: one sends at a time.
SEND_NOTHING = """new Promise((held) => navigator.locks.request("queue:sanne:",
    () => new Promise((done) => { window.sendAgain = done; held(); })))"""


def told(board: Standing, household: str) -> list[dict[str, Any]]:
    """Return the outcomes of a household, by their ids: one that was sent again counts once."""
    found = read(board.bootstrap, OUTCOMES, "OutreachOutcome")
    return list({each["outcome_id"]: each for each in found if each["household"] == household}.values())


def at_the_door(visit: Visit, board: Standing, number: int) -> Page:
    page = visit("sanne", phone=True)
    page.goto(f"{board.url}/households/{key(number)}")
    return page


def hang(page: Page) -> None:
    """Let no result through, and answer nothing, as a stairwell does."""

    def keep(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()

    page.route("**/households/*", keep)


def test_a_result_survives_a_network_that_hangs_and_a_page_that_is_left(
    visit: Visit, board: Standing
) -> None:
    page = at_the_door(visit, board, 40)
    hang(page)

    page.click(HELP)
    page.goto(board.url)  # left while it hangs
    assert [item["outcome"] for item in waiting(page)] == ["HELP_FINANCIAL"]

    page.unroute("**/households/*")
    page.reload()
    until(lambda: waiting(page) == [], PATIENCE_S, "the result was taken")
    assert [outcome["result"] for outcome in told(board, key(40))] == ["HELP_FINANCIAL"]


@pytest.mark.parametrize("line", [True, False], ids=["online", "offline"])
def test_two_taps_are_one_result(visit: Visit, board: Standing, line: bool) -> None:
    number = 48 if line else 57
    page = at_the_door(visit, board, number)
    page.context.set_offline(not line)

    page.evaluate(
        f"""() => {{ const button = document.querySelector("{TALKED}"); button.click();
        setTimeout(() => {{ button.click(); window.tapped = true; }}, 350); }}"""
    )

    awaited(page, "window.tapped === true")
    page.context.set_offline(False)
    until(lambda: waiting(page) == [], PATIENCE_S, "all results taken")
    expect(page.locator(".history li")).to_have_count(1)
    assert len(told(board, key(number))) == 1


def test_of_two_tabs_one_sends_at_a_time(visit: Visit, board: Standing) -> None:
    page = at_the_door(visit, board, 63)
    other = page.context.new_page()
    other.goto(page.url)
    other.evaluate(SEND_NOTHING)

    page.click(TALKED)
    expect(page.locator("[data-said]")).to_be_visible()
    page.evaluate(LINE_IS_BACK)
    assert [item["tried"] for item in waiting(page)] == [False]

    other.evaluate("sendAgain()")
    page.evaluate(LINE_IS_BACK)
    until(lambda: waiting(page) == [], PATIENCE_S, "the result was taken")
    assert len(told(board, key(63))) == 1


def test_each_door_begins_with_a_form_as_nobody_filled_it_in(visit: Visit, board: Standing) -> None:
    page = visit("sanne", phone=True)
    page.context.set_offline(True)
    asked = page.locator("dialog")

    def opened(number: int) -> None:
        page.locator(f"a.home[href$='{key(number)}']").click()
        expect(asked).to_be_visible()

    opened(18)
    first = asked.locator("[name=outcome_id]").input_value()
    asked.locator("label:has(input[value=LETTER])").click()
    asked.locator(".for-next summary").click()
    asked.locator("label:has([name=card_left])").click()
    asked.locator(".heading button").click()
    opened(24)

    expect(asked.locator("input[value=VISIT]")).to_be_checked()
    expect(asked.locator("[name=card_left]")).not_to_be_checked()
    assert asked.locator("[name=outcome_id]").input_value() not in ("", first)
    page.context.set_offline(False)


def test_a_session_that_ended_keeps_the_result_and_comes_back_to_the_door(
    visit: Visit, board: Standing
) -> None:
    page = at_the_door(visit, board, 42)
    page.context.clear_cookies()

    page.click(TALKED)

    expect(page.locator(".offline")).to_contain_text("Log opnieuw in")
    assert len(waiting(page)) == 1
    page.click("[data-login]")
    expect(page.locator(".offline")).to_contain_text("(1)")
    page.fill("#name", "sanne")
    log_in(page, "sanne")
    page.wait_for_url(f"**/households/{key(42)}")
    until(lambda: waiting(page) == [], PATIENCE_S, "the result was taken")
    assert len(told(board, key(42))) == 1


def test_a_token_that_another_tab_renewed_stops_no_result(visit: Visit, board: Standing) -> None:
    page = at_the_door(visit, board, 43)
    other = page.context.new_page()
    other.goto(f"{board.url}/login")
    log_in(other, "sanne")  # another session, and another token

    page.click(TALKED)

    until(lambda: waiting(page) == [], PATIENCE_S, "the result was taken")
    assert len(told(board, key(43))) == 1


def test_a_final_result_can_be_undone_before_it_is_told(visit: Visit, board: Standing) -> None:
    page = at_the_door(visit, board, 49)
    page.click("label:has(input[value=PHONE])")
    page.evaluate(SEND_NOTHING)  # however long this takes here: after ten seconds it would be sent
    page.click(HELP)
    expect(page.locator("[data-onward]")).to_be_visible()

    page.click("[data-undo]")

    assert waiting(page) == []
    expect(page.locator(HELP)).to_be_visible()
    expect(page.locator("input[value=VISIT]")).to_be_checked()  # as it begins, not as it was left
    page.evaluate("sendAgain()")
    page.click("button[value=not_reached]")
    until(lambda: len(told(board, key(49))) == 1, PATIENCE_S, "the attempt")
    assert told(board, key(49))[0]["result"] is None


def test_what_the_board_refuses_stays_in_sight_until_it_was_seen(visit: Visit, board: Standing) -> None:
    page = at_the_door(visit, board, 45)
    page.route("**/households/*", lambda route: refused(route))

    page.click(TALKED)

    expect(page.locator("[data-refused] li")).to_contain_text("Niet overgenomen")
    expect(page.locator("[data-refused] li")).to_contain_text("een dag klopt niet")
    page.unroute("**/households/*")
    page.goto(board.url)
    expect(page.locator("[data-refused] li")).to_have_count(1)
    page.click("[data-refused] button")
    expect(page.locator("[data-refused]")).to_be_hidden()
    assert waiting(page) == []


def test_a_phone_whose_clock_is_wrong_registers_all_the_same(visit: Visit, board: Standing) -> None:
    page = visit("sanne", phone=True)
    page.add_init_script("const real = Date.now; Date.now = () => real() + 3 * 3_600_000;")
    page.goto(f"{board.url}/households/{key(46)}")

    page.click(TALKED)

    until(lambda: len(told(board, key(46))) == 1, PATIENCE_S, "the attempt")


def test_what_the_version_before_kept_is_sent(visit: Visit, board: Standing) -> None:
    page = visit("sanne", phone=True)
    before = {
        "household": key(51), "channel": "VISIT", "outcome": "talked",
        "outcome_id": "6f1f4f0e-7a55-4a1c-9d5c-2f6a4b1f0d11",
    }  # fmt: skip
    page.evaluate(
        "(item) => localStorage.setItem('queue:sanne', JSON.stringify([{...item, at: new Date()}]))",
        before,
    )

    page.reload()

    until(lambda: len(told(board, key(51))) == 1, PATIENCE_S, "the attempt")
    awaited(page, "!JSON.stringify(Object.keys(localStorage)).includes('queue')")


def refused(route: Route) -> None:
    """Answer a result as the board answers one that it will never take."""
    if route.request.method == "POST":
        route.fulfill(status=400, body="{}", headers={"Eropaf-Board": "1"})
    else:
        route.continue_()
