"""The board in a real browser, as the people who use it see it."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect

from eropaf_client.records import Band, Change
from tests.board.afternoon import LONG_OVERDUE
from tests.board.conftest import Visit, awaited, look, moved, watch
from tests.board.standing import Standing, city, key
from tests.integration.processes import PATIENCE_S, until

pytestmark = pytest.mark.kafka

CITY = city(90)
REGISTER = """fetch('{path}', {{method: 'POST', headers: {{accept: 'application/json'}},
    body: new URLSearchParams({{csrf: document.body.dataset.csrf, outcome_id: crypto.randomUUID(),
        channel: 'PHONE', outcome: 'HELP_FINANCIAL'}})}}).then((said) => said.status)"""
POST = """fetch('{path}', {{method: 'POST', headers: {{accept: 'application/json'}},
    body: new URLSearchParams({{csrf: document.body.dataset.csrf}})}}).then((said) => said.status)"""


WAITING = """Object.entries(localStorage).filter(([name]) => name.startsWith('queue:'))
    .map(([, item]) => JSON.parse(item))"""


def waiting(page: Page) -> list[dict[str, Any]]:
    """Return what the browser keeps until the board has it."""
    found: list[dict[str, Any]] = page.evaluate(WAITING)
    return found


def row(page: Page, number: int) -> Any:
    return page.locator(f".row[data-household='{key(number)}']")


def raised(number: int, sequence: int, **changes: Any) -> Any:
    changes = {"band": Band.URGENT, "urgency": 90_000 + sequence, **changes}
    return replace(CITY[number], sequence=sequence, event_at=datetime.now(UTC), **changes)


def test_a_household_moves_to_its_place_as_the_update_arrives(visit: Visit, board: Standing) -> None:
    page = visit("sanne")
    first = page.locator(".row:visible .address").first
    assert first.inner_text() != "1012 KB 36 HS"
    page.evaluate("window.stayed = true")
    watch(page, key(34))

    # Within a band the nearest day comes first; those of an afternoon are due for longer than any other.
    long_ago = min(each.respond_by for each in CITY if each.respond_by) - 2 * LONG_OVERDUE
    board.ranking.tell(raised(34, 2, respond_by=long_ago))

    expect(page.locator(".row:visible").first).to_have_attribute("data-household", key(34))
    expect(row(page, 34)).to_contain_text("Spoed")
    assert "omhoog" in moved(page)[1]
    assert page.evaluate("window.stayed"), "the page was not loaded anew"

    board.ranking.tell(raised(34, 3, band=Band.NONE, respond_by=None, change=Change.CLOSED))
    expect(row(page, 34)).to_have_count(0)


def test_a_row_that_moves_keeps_the_keyboards_focus(visit: Visit, board: Standing) -> None:
    page = visit("sanne")
    link = row(page, 31).locator("a.home")
    link.focus()

    board.ranking.tell(raised(31, 2, urgency=80_000))

    expect(row(page, 31)).to_contain_text("Spoed")
    expect(link).to_be_focused()


def test_two_browsers_one_claim(visit: Visit, board: Standing) -> None:
    sanne, youssef = visit("sanne"), visit("youssef")
    claim = POST.format(path=f"/households/{key(1)}/claim")
    for page in (sanne, youssef):
        page.evaluate(f"window.claiming = {claim}; null")
    answers = [page.evaluate("window.claiming") for page in (sanne, youssef)]

    assert sorted(answers) == [200, 409]
    winner, other = (sanne, youssef) if answers[0] == 200 else (youssef, sanne)
    expect(row(winner, 1)).to_have_attribute("data-holder", "mine")
    expect(row(other, 1)).to_have_attribute("data-holder", "other")
    expect(row(other, 1)).to_contain_text("Bij sanne" if winner is sanne else "Bij youssef")
    expect(row(other, 1).locator("button.claim")).to_be_hidden()
    # Whoever won: else a round of another test has a door more.
    assert winner.evaluate(POST.format(path=f"/households/{key(1)}/release")) == 200


def test_who_is_just_too_late_is_told_who_goes(visit: Visit, board: Standing) -> None:
    sanne, youssef = visit("sanne"), visit("youssef")
    # Youssef's page hears nothing any more, as on a bad line, and still shows the household as free.
    youssef.route("**/changes*", lambda route: route.abort())
    youssef.reload()
    expect(row(youssef, 54).locator("button.claim")).to_be_visible()
    row(sanne, 54).locator("button.claim").click()
    expect(row(sanne, 54)).to_have_attribute("data-holder", "mine")

    row(youssef, 54).locator("button.claim").click()

    expect(youssef.locator("[data-toast]")).to_contain_text("sanne gaat hier al heen")


def test_a_round_is_planned_walked_registered_and_handed_over(visit: Visit, board: Standing) -> None:
    lotte = visit("lotte", phone=True, language="en")
    lotte.click("text=My round")
    lotte.wait_for_url("**/round")  # the list has a choice of areas too
    lotte.select_option("#area", "1012")
    lotte.click("text=Plan a round of ten")
    expect(lotte.locator(".walk .row")).to_have_count(10)
    addresses = lotte.locator(".walk .address").all_inner_texts()
    assert [each[:7] for each in addresses] == sorted(each[:7] for each in addresses)

    lotte.locator(".walk a.home").first.click()
    lotte.click("button[value=not_reached]")  # the second tap
    expect(lotte.locator(".history")).to_contain_text("Home visit, not reached")
    lotte.click(".pass summary")
    lotte.select_option("#to", "sanne")
    lotte.click("form[action$=hand-over] button")
    expect(lotte.locator(".held")).to_have_text("With sanne")
    lotte.goto(f"{board.url}/round")
    expect(lotte.locator(".walk .row")).to_have_count(9)
    for left in reversed(range(9)):
        lotte.locator(".walk .act button").first.click()
        expect(lotte.locator(".walk .row")).to_have_count(left)


def test_what_is_registered_without_a_connection_is_sent_later_and_counts_once(
    visit: Visit, board: Standing
) -> None:
    page = visit("sanne", phone=True)
    page.goto(f"{board.url}/households/{key(7)}")
    page.context.set_offline(True)

    page.click("button[value=ADVICE]")

    expect(page.locator("[data-said]")).to_contain_text("Bewaard op dit toestel")
    expect(page.locator(".offline")).to_be_visible()
    kept = waiting(page)
    assert len(kept) == 1
    assert CITY[7].postcode not in json.dumps(kept)

    page.context.set_offline(False)
    expect(page.locator(".offline")).to_be_hidden()
    assert waiting(page) == []
    # Sent once more, as after an answer that was lost on the way.
    page.evaluate(
        """(item) => fetch(`/households/${item.household}`, {method: 'POST',
        headers: {accept: 'application/json'},
        body: new URLSearchParams({...item, ago_ms: 1000, csrf: document.body.dataset.csrf})})""",
        kept[0],
    )

    def told_once() -> bool:
        page.reload()
        return page.locator(".history li").count() == 1

    until(told_once, PATIENCE_S, "the result, once")


@pytest.mark.parametrize("place", ["/", "/round"], ids=["list", "round"])
def test_from_a_page_that_is_open_a_visit_is_registered_without_a_connection(
    visit: Visit, board: Standing, seen: Path, place: str
) -> None:
    number = 13 if place == "/" else 16
    page = visit("sanne", phone=True)
    if place == "/round":
        page.evaluate(POST.format(path=f"/households/{key(number)}/claim"))
        page.goto(board.url + place)
    page.context.set_offline(True)

    page.locator(f"a.home[href$='{key(number)}']").click()
    asked = page.locator("dialog")
    expect(asked.locator("h2")).to_contain_text(CITY[number].postcode[:4])
    assert look(page, seen / f"unconnected-{place.strip('/') or 'list'}-nl-phone-light.png") == []
    asked.locator("button[value=not_reached]").click()
    expect(asked.locator("[data-said]")).to_contain_text("Bewaard op dit toestel")
    asked.get_by_text("Sluit", exact=True).click()
    expect(asked).to_be_hidden()
    page.context.set_offline(False)

    expect(page.locator(".offline")).to_be_hidden()

    def told() -> bool:
        page.goto(f"{board.url}/households/{key(number)}")
        return page.locator(".history li").count() == 1

    until(told, PATIENCE_S, "the attempt, once")


def test_what_does_not_come_through_counts_as_no_connection(visit: Visit, board: Standing) -> None:
    page = visit("sanne")
    # The phone says that it is online, and nothing comes through.
    page.route("**/changes*", lambda route: route.abort())
    page.reload()
    expect(page.locator("[data-state=lost]")).to_be_visible()

    row(page, 19).locator("a.home").click()

    asked = page.locator("dialog")
    expect(asked).to_be_visible()
    # Where it was the stream alone, the page can still be asked for.
    asked.get_by_text("Toch naar de pagina").click()
    expect(page.locator("h1")).to_contain_text(CITY[19].postcode[:4])


def test_after_logging_out_the_browser_holds_nothing_of_a_household(visit: Visit, board: Standing) -> None:
    page = visit("sanne", phone=True, worker=True)
    awaited(page, "sessionStorage.getItem('kept:rows')")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.goto(f"{board.url}/households/{key(10)}")
    address = page.locator("h1").inner_text()

    page.click("[data-logout] button")
    expect(page.locator("#password")).to_be_visible()

    kept = page.evaluate(
        """async () => JSON.stringify([localStorage, sessionStorage, document.cookie,
            await indexedDB.databases()])"""
    )
    assert kept == '[{},{},"",[]]'
    # A worker holds what pages are made of, and the one page that is nobody's.
    for url, text in page.evaluate(
        """async () => { const found = [];
        for (const name of await caches.keys()) { const cache = await caches.open(name);
            for (const asked of await cache.keys())
                found.push([new URL(asked.url).pathname, await (await cache.match(asked)).text()]); }
        return found; }"""
    ):
        assert url == "/offline" or url.startswith("/static/")
        assert address not in text
    page.go_back()
    expect(page.locator("#password")).to_be_visible()
    page.context.set_offline(True)
    with contextlib.suppress(PlaywrightError):  # without a connection there is no page at all
        page.go_back()
    expect(page.locator("body")).not_to_contain_text(address[:7])


def test_filters_and_search_keep_to_what_is_asked(visit: Visit) -> None:
    page = visit("lotte")
    page.fill("#search", "1102 cb")
    shown = page.locator(".row:visible .address").all_inner_texts()
    assert shown
    assert all(each.startswith("1102 CB") for each in shown)
    page.fill("#search", "")
    page.select_option("#area", "1012")
    page.locator(".chip", has_text="Spoed").click()

    shown = page.locator(".row:visible").evaluate_all(
        "rows => rows.map(row => [row.dataset.area, row.dataset.band])"
    )
    assert {area for area, _ in shown} == {"1012"}
    assert "URGENT" not in {band for _, band in shown}
    assert page.locator("[data-count]").inner_text() == str(len(shown))


def test_an_address_that_holds_a_script_is_text_and_nothing_else(visit: Visit, board: Standing) -> None:
    page = visit("sanne")
    board.ranking.tell(raised(37, 2, addition="<img src=x onerror=alert(1)>"))
    expect(row(page, 37)).to_contain_text("<img src=x onerror=alert(1)>")
    page.reload()
    expect(row(page, 37)).to_contain_text("<img src=x onerror=alert(1)>")
    row(page, 37).locator("a").click()
    expect(page.locator("h1")).to_contain_text("<img src=x onerror=alert(1)>")


def test_ten_thousand_rows_scroll_without_a_stall(visit: Visit, board: Standing) -> None:
    many = [
        replace(update, area="9999", postcode="9999ZZ", household=f"{number:016x}{1:016x}")
        for number, update in enumerate(city(10_000))
    ]
    board.ranking.tell(*many)
    page = visit("lotte")
    until(
        lambda: int(page.locator("[data-count]").inner_text()) > 10_000,
        PATIENCE_S,
        "ten thousand on the list",
    )

    passed_over = page.evaluate(
        """async () => {
        for (let step = 0; step < 150; step++) {
            scrollBy(0, 400);
            await new Promise(requestAnimationFrame);
        }
        return [...document.querySelectorAll("[data-list] > *")].map((each) =>
            getComputedStyle(each).contentVisibility === "auto" ? each.childElementCount : Infinity);
    }"""
    )
    # How long a frame takes `make pace` measures, on a machine that does nothing else.
    assert 600 < page.locator(".row").count() < 2_000, "rows are drawn as they come near"
    assert max(passed_over) <= 80, "what is off the screen is passed over, some rows at once"
    board.ranking.tell(
        *(replace(each, sequence=2, band=Band.NONE, respond_by=None, change=Change.CLOSED) for each in many)
    )
    until(
        lambda: int(page.locator("[data-count]").inner_text()) < 10_000,
        PATIENCE_S,
        "they leave the list again",
    )


def test_a_lead_sees_each_days_work_by_area_and_channel(visit: Visit, board: Standing) -> None:
    lotte = visit("lotte", language="en")
    # Reached by phone, and helped: nothing else in this suite is.
    lotte.evaluate(REGISTER.format(path=f"/households/{key(2)}"))

    def drawn(title: str) -> list[str]:
        card = lotte.locator(".card", has=lotte.get_by_role("heading", name=title, exact=True))
        if card.locator("details").count() == 0:
            return []
        card.locator("summary").click()
        return card.locator("tbody tr").last.locator("td").all_inner_texts()

    def told() -> bool:
        lotte.goto(f"{board.url}/lead?area=1102&channel=PHONE")
        return drawn("Reached and helped, by day") == ["1", "1"]

    until(told, PATIENCE_S, "one reached and helped")
    assert drawn("Contact attempts by day") == ["1", "1"]
    open_now = lotte.locator(".numbers dd").nth(0).inner_text()
    overdue_now = lotte.locator(".numbers dd").nth(1).inner_text()
    assert drawn("On the list, by day") == [open_now, overdue_now]

    lotte.select_option("#channel", "LETTER")
    lotte.wait_for_url("**channel=LETTER")
    assert drawn("Contact attempts by day") == []


@pytest.mark.parametrize(
    ("language", "phone", "dark"),
    [("nl", False, False), ("nl", True, True), ("en", True, False), ("en", False, True)],
    ids=["nl-desk-light", "nl-phone-dark", "en-phone-light", "en-desk-dark"],
)
def test_every_page_meets_wcag_2_2_aa_and_is_seen(
    visit: Visit, board: Standing, seen: Path, language: str, phone: bool, dark: bool
) -> None:
    name = f"{language}-{'phone' if phone else 'desk'}-{'dark' if dark else 'light'}"
    page = visit(None, phone=phone, dark=dark, language=language)
    faults = {"login": look(page, seen / f"login-{name}.png")}
    page.close()
    page = visit("lotte", phone=phone, dark=dark, language=language)
    places = {
        "list": "",
        "round": "/round",
        "household": f"/households/{key(10)}",
        "lead": "/lead",
        "missing": "/x",
        "offline": f"/offline?language={language}",
    }
    page.route("**/session", lambda route: route.abort())  # the page without a connection stays
    for place, path in places.items():
        page.goto(board.url + path)
        if place == "list":
            page.wait_for_selector("body[data-live=whole]")
        faults[place] = look(page, seen / f"{place}-{name}.png")

    assert {place: found for place, found in faults.items() if found} == {}


def test_the_days_are_counted_from_today(visit: Visit, board: Standing) -> None:
    page = visit("sanne", language="en")
    today = datetime.now(ZoneInfo("Europe/Amsterdam")).date()
    for sequence, (days, said) in enumerate(
        [(0, "today"), (1, "1 day left"), (9, "9 days left"), (-1, "1 day overdue")], 2
    ):
        board.ranking.tell(raised(40, sequence, respond_by=today + timedelta(days=days)))
        expect(row(page, 40)).to_contain_text(said)
