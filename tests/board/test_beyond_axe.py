"""WCAG 2.2 AA where a machine's rules see nothing: large text, own colours, focus, a log-in that failed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.board.conftest import Visit, look
from tests.board.standing import Standing, city, key
from tests.integration.processes import PATIENCE_S, until

pytestmark = pytest.mark.kafka

LARGE = "document.documentElement.style.fontSize = '200%'"
# Texts that lie over each other, and what sticks out of the page at its side.
SPILLS = """() => {
    // The headings of a table whose rows stack are for screen readers alone.
    const heads = [...document.querySelectorAll("thead")]
        .filter((each) => getComputedStyle(each).clipPath !== "none");
    const shown = [...document.querySelectorAll("body *")].filter((each) =>
        [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())
        && each.checkVisibility({ opacityProperty: true, contentVisibilityAuto: true })
        && !each.closest(".sr, .skip, .bottom, svg, .drawn, option")
        && !heads.some((head) => head.contains(each)));
    const boxes = shown.map((each) => {
        const range = document.createRange();
        range.selectNodeContents(each);
        return [each, [...range.getClientRects()].filter((box) => box.width > 1 && box.height > 1)];
    });
    const found = [];
    if (document.documentElement.scrollWidth > innerWidth + 1) found.push("wider than the screen");
    const across = (one, two) => one.left < two.right - 2 && two.left < one.right - 2;
    const along = (one, two) => one.top < two.bottom - 4 && two.top < one.bottom - 4;
    const over = (ones, twos) => ones.some((a) => twos.some((b) => across(a, b) && along(a, b)));
    boxes.forEach(([one, ones], at) => boxes.slice(at + 1).forEach(([two, twos]) => {
        if (one.contains(two) || two.contains(one) || !over(ones, twos)) return;
        found.push(`${one.textContent.trim()} / ${two.textContent.trim()}`);
    }));
    return found;
}"""
STICKY = """() => [...document.querySelectorAll("header")].map((each) =>
    getComputedStyle(each).position === "sticky" ? each.getBoundingClientRect().height / innerHeight : 0)"""
# Words of what is named that stand on two lines. What ends in a hyphen may go on below.
BROKEN = r"""(of) => {
    for (const each of document.querySelectorAll("details")) each.open = true;
    const found = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const { currentNode: text } = texts;
        if (!text.parentElement.closest(of) || text.parentElement.closest(".sr")) continue;
        for (const { 0: word, index } of text.textContent.matchAll(/[^\s-]+-?/g)) {
            const range = document.createRange();
            range.setStart(text, index);
            range.setEnd(text, index + word.length);
            if (new Set([...range.getClientRects()].map((box) => box.top)).size > 1) found.push(word);
        }
    }
    return found;
}"""
PLACES = {"list": "", "round": "/round", "household": f"/households/{key(10)}", "lead": "/lead"}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_text_of_twice_the_size_overlaps_nothing_on_a_phone(
    visit: Visit, board: Standing, seen: Path, language: str
) -> None:
    page = visit("lotte", phone=True, language=language)
    found = {}
    for name, path in PLACES.items():
        page.goto(board.url + path)
        if name == "list":
            page.wait_for_selector("body[data-live=whole]")
        assert page.evaluate(STICKY)[0] <= 0.15
        page.evaluate(LARGE)
        assert page.evaluate(STICKY)[0] <= 0.15
        found[name] = page.evaluate(SPILLS)
        found[name] += look(page, seen / f"{name}-{language}-phone-large.png")

    assert {name: spills for name, spills in found.items() if spills} == {}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_word_in_a_leads_tables_is_broken_on_a_phone(visit: Visit, board: Standing, language: str) -> None:
    page = visit("lotte", phone=True, language=language)
    page.goto(f"{board.url}/lead")

    assert page.locator("table td").count() > 20
    assert page.evaluate(BROKEN, "table") == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(LARGE)
    assert page.evaluate(BROKEN, "table") == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_word_that_is_tapped_is_broken_where_letters_are_twice_as_large(
    visit: Visit, board: Standing, language: str
) -> None:
    page = visit("lotte", phone=True, language=language)
    page.goto(board.url + PLACES["household"])
    page.evaluate(LARGE)

    assert page.evaluate(BROKEN, "nav, .ways, .results > button, .bottom") == []


def test_the_bar_at_the_top_takes_little_of_a_screen_that_is_low(visit: Visit) -> None:
    page = visit("lotte")
    for height in (400, 640, 860):
        page.set_viewport_size({"width": 1180, "height": height})
        assert page.evaluate(STICKY)[0] <= 0.15, height


def test_own_colours_keep_choice_level_and_state(visit: Visit, board: Standing, seen: Path) -> None:
    page = visit("lotte", phone=True, forced_colors="active")
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    levels = page.locator(".row .level").evaluate_all(
        "all => [...new Set(all.map((each) => getComputedStyle(each).backgroundImage))]"
    )
    assert len(levels) > 1
    assert "none" not in levels, "how urgent, in bars"
    dot = page.locator("[data-state]")
    live = dot.evaluate("(each) => getComputedStyle(each).backgroundColor")
    chip = ".chip:has(input[value=LOW]) span"
    chosen = page.locator(chip).evaluate("(each) => getComputedStyle(each).backgroundColor")
    page.locator("[data-fold] > summary").click()
    page.click(".chip:has(input[value=LOW])")
    assert page.locator(chip).evaluate("(each) => getComputedStyle(each).backgroundColor") != chosen
    assert look(page, seen / "list-nl-phone-forced.png") == []
    dot.evaluate("(each) => { each.dataset.state = 'lost'; }")
    assert dot.evaluate("(each) => getComputedStyle(each).backgroundColor") != live

    for name in ("household", "lead", "round"):
        page.goto(board.url + PLACES[name])
        if name == "household":
            ways = page.locator(".choice input[name=channel]")
            colours = ways.evaluate_all(
                """all => all.slice(0, 2).map(
                    (each) => getComputedStyle(each.nextElementSibling).backgroundColor)"""
            )
            assert colours[0] != colours[1], "which way is chosen"
        assert look(page, seen / f"{name}-nl-phone-forced.png") == []


def test_after_a_result_the_focus_is_on_what_one_does_next(visit: Visit, board: Standing) -> None:
    page = visit("sanne")
    page.goto(f"{board.url}/households/{key(18)}")
    page.locator("button[value=not_reached]").focus()

    page.keyboard.press("Enter")

    expect(page.locator("[data-said]")).to_be_focused()
    expect(page.locator(".history li")).to_have_count(1)
    expect(page.locator("[data-said]")).to_contain_text("Vastgelegd")
    expect(page.locator("[data-said]")).to_be_focused()


def test_a_wrong_password_keeps_the_name_and_says_which_field(visit: Visit) -> None:
    page = visit(None)
    page.fill("#name", "sanne")
    page.fill("#password", "not this one")
    page.click("form[action^='/login'] button")

    expect(page.locator("#name")).to_have_value("sanne")
    field = page.locator("#password")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("Dit wachtwoord hoort niet bij deze naam. Kijk beide na.")


def named(page: Page, tile: str) -> int:
    return int(page.locator(f"[data-tile={tile}]").inner_text())


def test_each_of_a_leads_numbers_leads_to_its_rows(visit: Visit, board: Standing) -> None:
    today = datetime.now(ZoneInfo("Europe/Amsterdam")).date()
    # Of 1011, the first not overdue: from here on overdue tomorrow.
    board.ranking.tell(replace(city(90)[3], sequence=50, respond_by=today, event_at=datetime.now(UTC)))
    page = visit("lotte")

    def told() -> bool:
        page.goto(f"{board.url}/lead?area=1011")
        return named(page, "tomorrow") >= 1

    until(told, PATIENCE_S, "one that becomes overdue tomorrow")
    for tile in ("open", "overdue", "tomorrow", "week", "held", "free"):
        counted = named(page, tile)
        page.click(f"[data-tile={tile}] a")
        page.wait_for_selector("body[data-live=whole]")
        expect(page.locator("[data-count]")).to_have_text(str(counted))
        page.go_back()

    expect(page.locator(".heading time")).to_have_text(re.compile(r"\d\d:\d\d"))
    assert str(named(page, "tomorrow")) in page.locator("[data-ahead]").inner_text()
    assert page.locator("[data-areas] tbody th").all_inner_texts() == ["1011"]
    with page.expect_download() as file:
        page.click("a[download]")
    rows = Path(file.value.path()).read_text("utf-8-sig").splitlines()
    assert rows[0].split(";")[:2] == ["Dag", "Nieuw op de lijst"]
    assert len(rows) == 29
    assert not any(key(number) in "".join(rows) for number in range(90))
    page.emulate_media(media="print")
    expect(page.locator("nav")).to_be_hidden()
    expect(page.locator("h1")).to_be_visible()


SEEN_TO_THEIR_END = """() => [...document.querySelectorAll(".drawn")].map((each) => {
    const bars = [...each.querySelectorAll(".rect")].map((bar) => bar.getBoundingClientRect().right);
    return [Math.max(...bars), each.getBoundingClientRect().right];
})"""
ENDS_OF_ROWS = """() => [...document.querySelectorAll("dl.numbers")].map((each) =>
    Math.abs(each.lastElementChild.getBoundingClientRect().right - each.getBoundingClientRect().right))"""


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desk"])
def test_the_newest_day_of_a_plot_is_in_sight_and_tiles_leave_no_hole(
    visit: Visit, board: Standing, phone: bool
) -> None:
    page = visit("lotte", phone=phone)
    page.goto(f"{board.url}/lead")

    drawn = page.evaluate(SEEN_TO_THEIR_END)
    assert drawn
    for last_bar, edge in drawn:
        assert last_bar <= edge + 1
    assert max(page.evaluate(ENDS_OF_ROWS)) <= 1
