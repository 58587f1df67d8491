"""An afternoon's round: of an area, in walking order, with what was done and what is next in sight."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from eropaf_client.cluster import Cluster
from eropaf_client.records import Band, Change
from eropaf_client.schemas.topics import CLAIMS
from eropaf_client.source import KafkaSource
from eropaf_client.topic_reader import Read, TopicReader
from tests.board.caller import Caller
from tests.board.conftest import Visit, awaited
from tests.board.standing import Standing, city, key
from tests.board.test_pages import POST
from tests.integration.processes import PATIENCE_S, until

pytestmark = pytest.mark.kafka

CITY = city(90)


def going_to(page: Page, *numbers: int) -> None:
    """Claim households for whoever is logged in."""
    for number in numbers:
        assert page.evaluate(POST.format(path=f"/households/{key(number)}/claim")) == 200


def let_go(board: Standing, name: str, *numbers: int) -> None:
    caller = Caller(board)
    caller.log_in(name)
    for number in numbers:
        caller.post(f"/households/{key(number)}/release")


def test_a_round_says_what_was_done_and_leads_to_the_next_door(visit: Visit, board: Standing) -> None:
    page = visit("youssef", phone=True)
    going_to(page, 3, 9, 33)
    page.goto(f"{board.url}/round")
    expect(page.locator("[data-done]")).to_have_text("0 van 3 gedaan")
    doors = page.locator(".walk .row").evaluate_all("rows => rows.map((row) => row.dataset.household)")

    page.click("[data-next]")
    page.wait_for_url(f"**/households/{doors[0]}")
    page.click("button[value=not_reached]")
    expect(page.locator("[data-said]")).to_contain_text("Vastgelegd: Niemand bereikt")
    expect(page.locator("[data-onward]")).to_be_visible()
    page.click("[data-onward]")
    page.wait_for_url(f"**/households/{doors[1]}")

    def told() -> bool:
        page.goto(f"{board.url}/round")
        return page.locator("[data-done]").inner_text() == "1 van 3 gedaan"

    until(told, PATIENCE_S, "one of three is done")
    tried = page.locator(f".row[data-household='{doors[0]}'] .tried")
    expect(tried).to_contain_text("Huisbezoek, niet bereikt")
    expect(page.locator("[data-next]")).to_have_attribute("href", f"/households/{doors[1]}")
    # A door that was brought to an end stays counted.
    page.goto(f"{board.url}/households/{doors[1]}")
    page.click("button[value=ARRANGES_ITSELF]")
    page.goto(f"{board.url}/round")
    let_go(board, "youssef", 3, 9, 33)


def test_a_release_can_be_undone_where_it_was_made(visit: Visit, board: Standing) -> None:
    page = visit("youssef", phone=True)
    going_to(page, 12)
    page.goto(f"{board.url}/round")

    page.click(".walk .act button")

    expect(page.locator(".notice")).to_contain_text("Vrijgegeven")
    expect(page.locator(".walk .row")).to_have_count(0)
    page.click(".notice button")
    expect(page.locator(".walk .row")).to_have_count(1)
    let_go(board, "youssef", 12)


def test_an_area_is_asked_for_and_an_area_without_a_free_address_says_so(
    visit: Visit, board: Standing
) -> None:
    page = visit("youssef")
    page.goto(f"{board.url}/round")

    page.evaluate("document.querySelector('.plan').noValidate = true")
    page.click(".plan button")
    expect(page.locator(".notice")).to_have_text("Kies eerst een wijk.")

    caller = Caller(board)
    caller.log_in("youssef")
    answer = caller.http.post("/round", data={"csrf": caller.csrf, "area": "1102"})
    assert answer.headers["location"].endswith("said=which_area"), "not one of theirs"


def test_who_has_a_full_round_or_comes_too_late_is_told_on_the_page(visit: Visit, board: Standing) -> None:
    merel = Caller(board)
    merel.log_in("merel")
    mine = [number for number in range(90) if number % 3 == 2][:25]
    claimed = [merel.post(f"/households/{key(number)}/claim") for number in mine]
    assert claimed == [303] * 25

    page = visit("merel")
    page.goto(f"{board.url}/households/{key(89)}")
    page.click("form[action$=claim] button")
    expect(page.locator(".notice")).to_contain_text("Uw ronde is vol")
    page.goto(f"{board.url}/round")
    expect(page.locator(".plan")).to_have_count(0)

    lotte = Caller(board)
    lotte.log_in("lotte")
    late = lotte.http.post(f"/households/{key(2)}/claim", data={"csrf": lotte.csrf})
    assert late.headers["location"].endswith("said=lost")
    for number in mine:
        merel.post(f"/households/{key(number)}/release")


def test_a_household_is_handed_to_colleagues_of_its_area_alone(visit: Visit, board: Standing) -> None:
    page = visit("lotte")
    going_to(page, 5)  # of 1102
    page.goto(f"{board.url}/households/{key(5)}")
    assert page.locator("#to option").all_text_contents() == ["Kies een collega", "merel"]

    # From a page that is older than a change of areas.
    page.click(".pass summary")
    page.evaluate("document.querySelector('#to option:last-child').value = 'sanne'")
    page.select_option("#to", "sanne")
    page.click("form[action$=hand-over] button")

    expect(page.locator(".notice")).to_contain_text("werkt niet in deze wijk")
    expect(page.locator(".held")).to_have_text("Van mij")
    let_go(board, "lotte", 5)


def test_after_the_last_result_one_reads_what_was_recorded_and_goes_on(visit: Visit, board: Standing) -> None:
    page = visit("youssef", phone=True)
    going_to(page, 21, 24)
    page.goto(f"{board.url}/households/{key(21)}")
    page.click("button[value=HELP_FINANCIAL]")
    expect(page.locator("[data-onward]")).to_contain_text(CITY[24].postcode[:4])
    # What is final waits ten seconds for an undo: who goes on has decided.
    page.click("[data-onward]")
    page.wait_for_url(f"**/households/{key(24)}")
    gone: Any = replace(CITY[21], sequence=2, band=Band.NONE, respond_by=None, change=Change.PAUSED,
                        event_at=datetime.now(UTC))  # fmt: skip

    awaited(page, "!Object.keys(localStorage).some((name) => name.startsWith('queue:'))")
    board.ranking.tell(gone)

    def told_of_the_result() -> bool:
        page.goto(f"{board.url}/households/{key(21)}")
        return "Vastgelegd: Vervolghulp" in page.locator("h1").inner_text()

    until(told_of_the_result, PATIENCE_S, "the page of a household that left the list")
    expect(page.locator("[data-next]")).to_have_attribute("href", f"/households/{key(24)}")
    let_go(board, "youssef", 24)


def test_an_open_door_hears_that_it_was_paid_and_keeps_what_was_typed(visit: Visit, board: Standing) -> None:
    page = visit("youssef", phone=True)
    going_to(page, 42)
    page.goto(f"{board.url}/households/{key(42)}")
    page.locator("label:has(input[value=LETTER])").first.click()
    paid: Any = replace(CITY[42], sequence=2, band=Band.NONE, respond_by=None, change=Change.CLOSED,
                        event_at=datetime.now(UTC))  # fmt: skip

    board.ranking.tell(paid)

    expect(page.locator("[role=alert] [data-settled]")).to_be_visible()
    expect(page.locator("input[value=LETTER]").first).to_be_checked()
    board.ranking.tell(replace(CITY[42], sequence=3))
    let_go(board, "youssef", 42)


def test_what_left_the_list_is_in_nobodys_round_when_it_comes_back(
    visit: Visit, board: Standing, tmp_path: Path
) -> None:
    # The board that is looked at holds the desk's key too, and a desk publishes no claim of its own.
    of_the_team = Standing(board.bootstrap, tmp_path)
    page = visit("youssef", phone=True)
    going_to(page, 30)
    gone: Any = replace(CITY[30], sequence=2, band=Band.NONE, respond_by=None, change=Change.PAUSED,
                        event_at=datetime.now(UTC))  # fmt: skip
    reader = TopicReader(KafkaSource(Cluster(board.bootstrap), [CLAIMS], "test"), {CLAIMS: bytes})
    claims = list[Read]()

    def released() -> bool:
        claims.extend(each for each in reader.poll(0.1) if each.key == key(30).encode())
        return len(claims) == 2

    board.ranking.tell(gone)
    try:
        of_the_team.start()
        until(released, PATIENCE_S, "the release of what left the list")
    finally:
        of_the_team.kill()
        reader.close()
    board.ranking.tell(replace(CITY[30], sequence=3))

    def free() -> bool:
        page.goto(f"{board.url}/households/{key(30)}")
        return page.locator("form[action$=claim]").count() == 1

    until(free, PATIENCE_S, "the household to be back")


def test_without_a_connection_every_step_gives_a_page_that_says_what_is_kept(
    visit: Visit, board: Standing
) -> None:
    page = visit("youssef", phone=True, worker=True)
    going_to(page, 6, 27)
    page.goto(f"{board.url}/households/{key(6)}")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    awaited(page, "navigator.serviceWorker.controller !== null")
    page.context.set_offline(True)
    page.click("button[value=talked]")

    page.click("[data-onward]")  # a door
    expect(page.locator("h1")).to_have_text("Geen verbinding")
    expect(page.locator(".offline")).to_contain_text("(1)")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Geen verbinding")
    page.goto(f"{board.url}/round")
    expect(page.locator("h1")).to_have_text("Geen verbinding")

    page.context.set_offline(False)
    expect(page.locator(".walk")).to_be_visible()
    awaited(page, "!Object.keys(localStorage).some((name) => name.startsWith('queue:'))")
    page.context.set_offline(True)
    page.click(".walk .act button")  # a release
    expect(page.locator("h1")).to_have_text("Geen verbinding")
    page.context.set_offline(False)
    let_go(board, "youssef", 6, 27)


def test_the_way_back_is_to_where_one_was(visit: Visit, board: Standing) -> None:
    page = visit("lotte")
    page.select_option("#area", "1011")
    page.locator(".row:visible a.home").nth(3).click()
    page.wait_for_url("**/households/*")

    page.click("[data-back]")

    expect(page.locator("#area")).to_have_value("1011")
    assert page.url.endswith("?area=1011")
