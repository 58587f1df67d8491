"""How long the board's list takes on a slow line, the first time and again (`make slow-line`).

400 ms until anything answers, 400 kbit/s, a real browser that has never seen the board, 1,515 households.
Prints the seconds until the list is whole and live: opened first, and after a look at one household.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from eropaf.deploy.embedded import EmbeddedKafka
from tests.board.afternoon import CHROMIUM, PHONE
from tests.board.standing import PASSWORD, Standing, city, key, put_accounts

HOUSEHOLDS = 1_515
LATENCY_MS = 400
BYTES_A_SECOND = 50_000
WHOLE = "body[data-live=whole]"


def measured(browser: Browser, board: Standing) -> tuple[float, float]:
    """Return the seconds of a list that is opened for the first time, and of one that is opened again."""
    context = browser.new_context(viewport=PHONE, locale="nl-NL")  # type: ignore[arg-type]  # a literal is wanted
    context.set_default_timeout(120_000)
    page = context.new_page()
    page.goto(f"{board.url}/login")
    page.fill("#name", "lotte")
    page.fill("#password", PASSWORD)
    context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": BYTES_A_SECOND,
            "uploadThroughput": BYTES_A_SECOND,
        },
    )
    first = took(page, lambda: page.click("form[action='/login'] button"))
    page.wait_for_timeout(4_000)  # what a tab keeps, it keeps some seconds later
    page.goto(f"{board.url}/households/{key(10)}")
    again = took(page, lambda: page.click("[data-back], .back"))
    context.close()
    return first, again


def took(page: Page, act: object) -> float:
    """Return the seconds from `act` until the list is whole."""
    began = time.monotonic()
    assert callable(act)
    act()
    page.wait_for_selector(WHOLE, state="attached")
    return time.monotonic() - began


def main() -> None:
    """Measure three browsers."""
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedKafka() as kafka,
        sync_playwright() as playwright,
    ):
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        board = Standing(kafka.bootstrap, Path(folder))
        put_accounts(board.database)
        board.ranking.tell(*city(HOUSEHOLDS))
        board.start()
        try:
            for number in range(3):
                first, again = measured(browser, board)
                sys.stdout.write(f"browser {number + 1}: first {first:.1f} s, again {again:.1f} s\n")
                sys.stdout.flush()
        finally:
            board.kill()
            browser.close()


if __name__ == "__main__":
    main()
