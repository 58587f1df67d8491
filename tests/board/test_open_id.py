"""Logging in at a certified OpenID provider that runs on this machine."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.ports import choose
from tests.board.conftest import Visit, look
from tests.board.standing import Standing, city, key
from tests.board.test_pages import POST
from tests.integration.processes import PATIENCE_S, REPO, Process, until
from tests.node import tool

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def board(kafka: EmbeddedKafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    (port,) = choose(1)
    standing = Standing(
        kafka.bootstrap,
        tmp_path_factory.mktemp("open-id"),
        EROPAF_BOARD_OPENID_ISSUER=f"http://127.0.0.1:{port}",
        EROPAF_BOARD_OPENID_CLIENT_SECRET="a secret of the tests",  # noqa: S106
    )
    node, *program = tool("provider.js")
    arguments = [*program, str(port), f"{standing.url}/login/back"]
    provider = Process(arguments, standing.folder / "provider.log", REPO, node)
    try:
        provider.until(
            lambda: answers(f"http://127.0.0.1:{port}/.well-known/openid-configuration"),
            PATIENCE_S,
            "the provider",
        )
        standing.start()
        yield standing
    finally:
        standing.kill()
        provider.kill()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10):  # noqa: S310  # loopback
            return True
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def log_in_there(page: Page, name: str) -> None:
    page.click("a[href='/login/provider']")
    page.fill("input[name=login]", name)
    page.fill("input[name=password]", "any")
    page.click("button[type=submit]")
    page.locator("input[name=login]").wait_for(state="detached")
    page.click("button[type=submit]")  # agrees that the board may know who this is


def test_the_provider_says_who_one_is_and_its_answer_is_worth_one_log_in(
    visit: Visit, board: Standing
) -> None:
    page = visit(None)
    answered: list[str] = []
    page.on("request", lambda request: answered.append(request.url) if "/login/back" in request.url else None)

    log_in_there(page, "vera")

    expect(page.locator("nav")).to_contain_text("Overzicht")
    page.click("[data-logout] button")
    expect(page.locator("#name")).to_be_visible()
    replayed = page.goto(answered[0])
    assert replayed is not None
    assert replayed.status == 403
    assert page.goto(board.url) is not None
    expect(page.locator("#name")).to_be_visible()

    # Another browser cannot use it either, nor begin a log-in for somebody else.
    stranger = visit(None, answered[0])
    expect(stranger.locator("[role=alert]")).to_contain_text("niet gelukt")


def test_whom_the_provider_let_in_is_offered_as_a_colleague(visit: Visit, board: Standing) -> None:
    vera, sam = visit(None), visit(None)
    log_in_there(vera, "vera")
    vera.wait_for_url(board.url + "/")
    log_in_there(sam, "sam")
    sam.wait_for_url(board.url + "/")
    board.ranking.tell(*city(90))

    until(
        lambda: sam.evaluate(POST.format(path=f"/households/{key(74)}/claim")) == 200, PATIENCE_S, "claimed"
    )
    sam.goto(f"{board.url}/households/{key(74)}")
    offered = sam.locator("#to option").evaluate_all("all => all.map((each) => each.value)")
    assert offered == ["", "openid:vera"]
    sam.click(".pass summary")
    sam.select_option("#to", "openid:vera")
    sam.click("form[action$=hand-over] button")
    expect(sam.locator(".held")).to_contain_text("Bij")

    vera.goto(f"{board.url}/households/{key(74)}")
    expect(vera.locator(".held")).to_have_text("Van mij")
    # Sam is of 1102: no colleague for a household of 1011.
    assert vera.evaluate(POST.format(path=f"/households/{key(75)}/claim")) == 200
    vera.goto(f"{board.url}/households/{key(75)}")
    expect(vera.locator("#to")).to_have_count(0)
    for number in (74, 75):
        vera.evaluate(POST.format(path=f"/households/{key(number)}/release"))


OTHERS = ("/", "/round", "/lead", "/why", "/traces", "/state", "/changes")


@pytest.mark.parametrize(
    ("name", "begins", "shows", "may"),
    [
        ("sam", "/", "Wie heeft ons nu nodig", {"/", "/round", "/changes"}),
        ("vera", "/", "Wie heeft ons nu nodig", {"/", "/round", "/changes", "/lead"}),
        # This board does not hold the auditors' key, and says so.
        ("amira", "/why", "Dit bord mag geen uitleg openen", {"/", "/why", "/traces"}),
        ("olaf", "/state", "Toestand van het bord", {"/", "/state"}),
    ],
    ids=["outreach", "lead", "auditor", "operator"],
)
def test_the_role_that_the_provider_gives_is_the_role_that_one_has(
    visit: Visit, board: Standing, name: str, begins: str, shows: str, may: set[str]
) -> None:
    page = visit(None)

    log_in_there(page, name)

    page.wait_for_url(board.url + begins)
    expect(page.locator("main")).to_contain_text(shows)
    answered = page.evaluate(
        """(paths) => Promise.all(paths.map(async (path) => {
            const stop = new AbortController();
            const { status } = await fetch(path, { signal: stop.signal });
            stop.abort();
            return [path, status];
        }))""",
        list(OTHERS),
    )
    assert {path for path, status in answered if status != 403} == may


@pytest.mark.parametrize("name", ["stranger", "mallory"])
def test_who_has_no_role_there_that_we_know_is_not_let_in(
    visit: Visit, board: Standing, seen: Path, name: str
) -> None:
    page = visit(None, phone=name == "stranger", dark=name == "stranger")

    log_in_there(page, name)

    expect(page.locator("[role=alert]")).to_contain_text("niet gelukt")
    assert look(page, seen / f"login-open-id-{name}.png") == []
    page.goto(board.url)
    expect(page.locator("#name")).to_be_visible()
