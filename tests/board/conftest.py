"""One board for all tests of its pages, and a real browser."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from eropaf.agents import access
from eropaf.agents.sealing import new_keys
from eropaf.agents.topology import table
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.installation import Installation
from eropaf.deploy.embedded.security import ADMIN, Security
from eropaf.streams.operate import acls
from eropaf.streams.operate.topics import admin
from tests.board.caller import hang_up
from tests.board.standing import PASSWORD, Standing, begun, city, put_accounts
from tests.conftest import SOON
from tests.integration.processes import PATIENCE_S, until
from tests.node import missing

CHROMIUM = Path("/usr/bin/chromium")
# WCAG 2.0 to 2.2, levels A and AA, and what axe tries out for them.
TAGS = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "experimental"],
}
# What is scrolled out from under the bar at the bottom has its whole size: axe measures what the bar leaves.
BAR_STANDS = "document.querySelectorAll('.bottom').forEach((bar) => { bar.style.position = 'static'; })"
RULES = {"runOnly": TAGS, "resultTypes": ["violations"]}  # what is right need not be told of each element
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1180, "height": 860}
SHOWN = "body[data-live=whole], main:not(:has([data-list])):not(:has(#password))"
PUBLIC, PRIVATE = new_keys()
expect.set_options(timeout=PATIENCE_S * 1000)
SEEN = Path(__file__).parents[2] / "build" / "screenshots"


@pytest.fixture(autouse=True)
def hung_up() -> Iterator[None]:
    """Leave no caller's connection open, however a test ends."""
    yield
    hang_up()


@pytest.fixture(scope="package")
def kafka(installation: Installation) -> Iterator[EmbeddedKafka]:
    with EmbeddedKafka(installation=installation, properties=SOON) as running:
        yield running


@pytest.fixture(scope="package")
def board(kafka: EmbeddedKafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    folder = tmp_path_factory.mktemp("board")
    standing = Standing(kafka.bootstrap, folder, EROPAF_AUDITORS_PRIVATE_KEY=PRIVATE)
    put_accounts(standing.database)
    standing.ranking.tell(*city(90))
    try:
        standing.start()
        yield standing
    finally:
        standing.kill()


@pytest.fixture(scope="module")
def secured(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[EmbeddedKafka, Security]]:
    everybody = access.roles(table("eropaf", ["rent"]))
    security = Security(tmp_path_factory.mktemp("certificates"), everybody)
    with EmbeddedKafka(security=security, installation=installation) as kafka:
        administrator = admin(kafka.bootstrap, security.client(ADMIN))
        grants = access.grants(table("eropaf", ["rent"]), "eropaf")
        acls.apply(administrator, grants)
        # The controller has them; the broker that is asked hears of them a little later.
        until(lambda: not acls.compare(administrator, grants), PATIENCE_S, "the rights to be seen")
        yield kafka, security


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        missing("chromium", "Debian's chromium")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        running = playwright.chromium.launch(
            executable_path=CHROMIUM, args=arguments, timeout=PATIENCE_S * 1000
        )
        yield running
        running.close()


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, board: Standing) -> Iterator[Visit]:
    """Open the board as somebody, each in a browser of their own; what goes wrong there fails the test."""
    wrong: list[str] = []
    contexts = []

    def opened(
        name: str | None,
        url: str = "",
        *,
        phone: bool = False,
        dark: bool = False,
        language: str = "nl",
        worker: bool = False,
        another: Standing | None = None,
        **more: Any,
    ) -> Page:
        context = browser.new_context(
            viewport=PHONE if phone else DESK,
            device_scale_factor=2 if phone else 1,
            has_touch=phone,
            color_scheme="dark" if dark else "light",
            # A worker answers before a test's own routes could.
            service_workers="allow" if worker else "block",
            **more,
            locale={"nl": "nl-NL", "en": "en-GB"}[language],
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_S * 1000)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
        page.on("dialog", lambda dialog: wrong.append(f"a dialog: {dialog.message}"))
        at = another or board
        if name is not None:
            token = begun(at.database, name)
            context.add_cookies(
                [
                    {
                        "name": "session",
                        "value": token,
                        "url": at.url,
                        "httpOnly": True,
                        "sameSite": "Lax",
                    }
                ]
            )
        page.goto(url or at.url)
        if name is not None:
            page.wait_for_selector(SHOWN)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


# What a row says of its move stands there for some seconds: noted as it is drawn, however late one looks.
WATCH = """(household) => {
    const note = () => {
        const rows = [...document.querySelectorAll(".row")].filter((row) => row.checkVisibility());
        const at = rows.findIndex((row) => row.dataset.household === household);
        const said = rows[at]?.querySelector(".change").textContent ?? "";
        if (/[0-9]/.test(said)) window.moved ??= [at, said];
    };
    const anything = { subtree: true, childList: true };
    new MutationObserver(note).observe(document.querySelector("[data-list]"), anything);
}"""


def watch(page: Page, household: str) -> None:
    """Note where a row comes to stand when it moves, and what it says of that: see `moved`."""
    page.evaluate(WATCH, household)


def moved(page: Page) -> tuple[int, str]:
    """Return the place of the row that is watched after its move, and what it said of that."""
    awaited(page, "window.moved !== undefined")
    at, said = page.evaluate("window.moved")
    return at, said


def awaited(page: Page, expression: str, within_s: float = PATIENCE_S) -> None:
    """Wait until an expression is true in a page: by its own way Playwright evaluates a text in it."""
    until(lambda: bool(page.evaluate(expression)), within_s, expression)


def log_in(page: Page, name: str) -> None:
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("form[action^='/login'] button")
    page.wait_for_selector(SHOWN)


def look(page: Page, picture: Path) -> list[str]:
    """Take a picture; give what axe finds wrong."""
    page.evaluate("scrollTo(0, 0)")  # else what stays at the top lies over the middle of a whole page
    page.screenshot(path=picture, full_page="list-" not in picture.name)
    page.evaluate(BAR_STANDS)
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]


def look_otherwise(page: Page, picture: Path) -> list[str]:
    """Look at a page as it is on the other kind of screen, in the dark: nobody logs in for it once more."""
    page.emulate_media(reduced_motion="reduce")  # half-way from light to dark no row has its contrast
    page.emulate_media(color_scheme="dark")
    narrow = page.viewport_size == PHONE
    page.set_viewport_size(DESK if narrow else PHONE)
    return look(page, picture)


@pytest.fixture(scope="session")
def seen() -> Path:
    """Where the suite leaves its pictures of the board, for people to look at."""
    SEEN.mkdir(parents=True, exist_ok=True)
    return SEEN
