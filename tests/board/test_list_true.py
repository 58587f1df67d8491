"""The list shows what is so: while it loads, under a finger, on a bad line, and held still."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from eropaf_client.records import Band
from tests.board.conftest import Visit, awaited, moved, watch
from tests.board.standing import Standing, city, key
from tests.integration.processes import PATIENCE_S, until

pytestmark = pytest.mark.kafka

CITY = city(90)
STREAM = "**/changes*"
FINGER_DOWN = "dispatchEvent(new PointerEvent('pointerdown'))"
FINGER_UP = "dispatchEvent(new PointerEvent('pointerup'))"

# The colour of what is overdue, and which other elements have it in text, border, ground or shadow.
RED = """() => {
    const over = [...document.querySelectorAll(".due[data-over]")];
    const colours = new Set(over.map((each) => getComputedStyle(each).color));
    const has = (each, style) => [...colours].some((red) =>
        ["backgroundColor", "borderTopColor", "boxShadow", "fill"].some((it) => style[it].includes(red))
        || style.color === red && [...each.childNodes].some((it) => it.nodeType === 3 && it.data.trim()));
    const others = [...document.querySelectorAll("body *")].filter((each) =>
        each.checkVisibility() && !over.includes(each) && has(each, getComputedStyle(each)));
    return { overdue: colours.size, else: others.map((each) => each.outerHTML.slice(0, 100)) };
}"""


def row(page: Page, number: int) -> Any:
    return page.locator(f".row[data-household='{key(number)}']")


def changed(number: int, sequence: int, **changes: Any) -> Any:
    return replace(CITY[number], sequence=sequence, event_at=datetime.now(UTC), **changes)


def test_a_filter_before_the_list_is_whole_shows_who_matches_and_never_an_empty_list(visit: Visit) -> None:
    page = visit("lotte")
    held: list[Route] = []
    page.evaluate("sessionStorage.clear()")
    page.route(STREAM, lambda route: held.append(route))  # Playwright looks at what is given
    page.reload()

    page.select_option("#area", "1012")

    assert page.locator(".row:visible").evaluate_all(
        "rows => [...new Set(rows.map((row) => row.dataset.area))]"
    ) == ["1012"]
    expect(page.locator("[data-empty]")).to_be_hidden()
    until(lambda: bool(page.evaluate("true") and held), PATIENCE_S, "the list is asked for")
    held[0].continue_()
    expect(page.locator("body[data-live=whole]")).to_have_count(1)
    expect(page.locator("[data-count]")).to_have_text(str(page.locator(".row:visible").count()))


def test_a_finger_held_down_while_the_list_is_told_anew_empties_nothing(
    visit: Visit, board: Standing
) -> None:
    page = visit("sanne")
    count = page.locator("[data-count]").inner_text()
    page.evaluate(FINGER_DOWN)

    board.kill()
    expect(page.locator("[data-state=lost]")).to_be_attached()
    board.start()  # it tells everything again

    expect(page.locator("[data-state=live]")).to_be_attached()
    assert page.locator(".row:visible").count() > 20
    page.evaluate(FINGER_UP)
    expect(page.locator("[data-count]")).to_have_text(count)


def test_a_stream_that_is_refused_once_comes_back_and_a_bar_says_so_meanwhile(visit: Visit) -> None:
    page = visit("sanne")
    refuses = True
    page.evaluate("sessionStorage.clear()")
    page.route(STREAM, lambda route: route.fulfill(status=502) if refuses else route.continue_())
    page.reload()

    expect(page.locator(".offline")).to_contain_text("De lijst kan achterlopen")
    refuses = False

    expect(page.locator("[data-state=live]")).to_be_visible()
    expect(page.locator(".offline")).to_be_hidden()


def test_a_page_opens_again_with_what_it_knew_and_hears_what_changed(visit: Visit, board: Standing) -> None:
    page = visit("sanne")
    awaited(page, "sessionStorage.getItem('kept:rows') !== null")
    kept = page.evaluate("sessionStorage.getItem('kept:rows')")
    assert CITY[1].postcode not in str(kept)
    page.goto(f"{board.url}/households/{key(55)}")
    board.ranking.tell(changed(55, 2, band=Band.URGENT, urgency=70_000))

    with page.expect_request(STREAM) as asked:
        page.goto(board.url)

    assert "since=" in asked.value.url
    answer = asked.value.response()
    assert answer is not None
    assert answer.headers["content-encoding"] == "gzip"
    expect(row(page, 55)).to_contain_text("Spoed")
    # Another log-in opens nothing of it.
    opened = page.evaluate(
        """async () => { const { src } = document.querySelector("script[src$='board.js']");
        const { Kept } = await import(src.replace("board.js", "kept.js"));
        return await new Kept(btoa("x".repeat(32))).get("rows"); }"""
    )
    assert opened is None


def test_a_list_that_is_held_still_says_how_much_waits_and_shows_it_when_asked(
    visit: Visit, board: Standing
) -> None:
    page = visit("sanne")
    page.click("[data-pause]")
    first = page.locator(".row:visible").first
    before = first.get_attribute("data-household")

    board.ranking.tell(changed(60, 2, band=Band.URGENT, urgency=95_000, respond_by=CITY[0].respond_by))
    expect(page.locator("[data-pause]")).to_have_text("1 wijziging, toon")
    assert first.get_attribute("data-household") == before
    page.click("[data-pause]")

    expect(row(page, 60)).to_contain_text("Spoed")
    expect(page.locator("[data-pause]")).to_have_text("Houd stil")


def test_a_row_that_moved_says_how_far(visit: Visit, board: Standing) -> None:
    page = visit("sanne")
    places = page.locator(".row:visible").evaluate_all("rows => rows.map((row) => row.dataset.household)")
    was = places.index(key(64))
    watch(page, key(64))

    board.ranking.tell(changed(64, 2, band=Band.URGENT, urgency=96_000))

    at, said = moved(page)
    assert said == f"{was - at} plaatsen omhoog"
    expect(row(page, 64).locator(".change")).to_have_text("gestegen")


def test_after_a_claim_the_focus_stays_on_the_row(visit: Visit) -> None:
    page = visit("sanne")
    claim = row(page, 61).locator("button.claim")
    claim.focus()

    page.keyboard.press("Enter")

    expect(row(page, 61)).to_have_attribute("data-holder", "mine")
    expect(row(page, 61).locator("a.home")).to_be_focused()


def test_the_list_speaks_of_its_first_row_and_of_ones_own_and_of_nothing_else(
    visit: Visit, board: Standing
) -> None:
    page = visit("sanne", language="en")
    row(page, 66).locator("button.claim").click()
    expect(row(page, 66)).to_have_attribute("data-holder", "mine")
    said = page.locator("[data-announce]")

    board.ranking.tell(changed(69, 2, urgency=1))  # somebody else's, far down
    board.ranking.tell(changed(66, 2, band=Band.URGENT, urgency=60_000))

    expect(said).to_contain_text("Changed in your round")
    assert CITY[66].postcode[:4] in said.inner_text()
    assert CITY[69].postcode[4:] + f" {CITY[69].house_number}" not in said.inner_text()


def test_what_is_chosen_stands_in_the_address_and_the_way_back_leads_to_it(visit: Visit) -> None:
    page = visit("lotte")
    page.select_option("#area", "1011")
    page.select_option("#show", "free")
    page.fill("#search", "1011")
    awaited(page, "sessionStorage.getItem('kept:place')")
    awaited(page, "sessionStorage.getItem('kept:rows')")

    page.locator(".row:visible a.home").first.click()
    page.wait_for_url("**/households/*")
    page.go_back()

    expect(page.locator("#area")).to_have_value("1011")
    expect(page.locator("#show")).to_have_value("free")
    expect(page.locator("#search")).to_have_value("1011")
    assert "1011" not in page.url.replace("area=1011", "")


def test_on_a_phone_the_rows_come_first_and_a_folded_filter_says_what_it_leaves_out(visit: Visit) -> None:
    page = visit("lotte", phone=True)
    fold = page.locator("[data-fold]")
    assert page.locator(".row").first.evaluate("(each) => each.getBoundingClientRect().y") < 844 / 2
    expect(page.locator("#area")).to_be_hidden()

    fold.locator("summary").click()
    page.select_option("#area", "1011")
    page.locator(".chip:has([value=LOW])").click()
    fold.locator("summary").click()

    expect(page.locator("#area")).to_be_hidden()
    expect(fold.locator("summary")).to_have_text("Kies wie u ziet: 1011, Spoed, Hoog, Midden")
    page.reload()
    expect(page.locator("#area")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_red_is_for_what_is_overdue_and_for_nothing_else(visit: Visit, dark: bool) -> None:
    page = visit("lotte", dark=dark)
    assert page.locator(".due[data-over]").count() > 2
    page.context.set_offline(True)  # what says that the line is gone is no red either
    expect(page.locator("[data-state=lost]")).to_be_visible()

    red = page.evaluate(RED)

    assert red["overdue"] == 1
    assert red["else"] == []
    page.context.set_offline(False)


def test_the_light_is_out_as_soon_as_a_phone_knows_that_it_has_no_line(visit: Visit) -> None:
    page = visit("sanne", phone=True)
    light = page.locator("[data-state]")
    expect(light).to_have_attribute("data-state", "live")

    page.context.set_offline(True)
    expect(light).to_have_attribute("data-state", "lost")
    page.context.set_offline(False)
    expect(light).to_have_attribute("data-state", "live")


def test_the_list_leads_to_a_round_to_begin_or_to_the_one_that_is_walked(visit: Visit) -> None:
    page = visit("merel", phone=True)
    step = page.locator(".bottom")
    expect(step).to_have_text("Plan een ronde", use_inner_text=True)

    page.locator(".row:not([data-holder]) .claim").first.click()

    expect(step).to_have_text("Verder met mijn ronde", use_inner_text=True)
    going_to = page.locator(".row[data-holder=mine]").get_attribute("data-household")
    step.locator("a").click()
    page.wait_for_url("**/round")
    page.locator(f".row[data-household='{going_to}'] .act button").click()
    expect(page.locator(".notice")).to_contain_text("Vrijgegeven")
