"""The board under load (`make pace`): 50 browsers' streams open, 100 updates a second, ten thousand rows.

Prints how long it takes from published to told on every stream, and to painted in a real browser; and how
long frames take while that browser scrolls.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import aiohttp
from playwright.async_api import Browser, Page, async_playwright

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf_client.records import Band
from tests.board.standing import PASSWORD, Standing, city, put_accounts

STREAMS = 50
A_SECOND = 100
SECONDS = 20
HOUSEHOLDS = 10_000
# Above every other row, so that each update is a row that moves to the top of what is on the screen.
ABOVE = 1_000_000

BEGAN = time.time()
HIGHEST = 9_999_999_999

# Each frame's length in ms, all the way down the list.
SCROLL = """async () => {
    const frames = [];
    let last = await new Promise(requestAnimationFrame);
    for (let step = 0; step < 600; step++) {
        scrollBy(0, 400);
        const now = await new Promise(requestAnimationFrame);
        if (step > 10) frames.push(now - last);
        last = now;
    }
    return frames;
}"""

# Notes for each row whose rank changes when the frame that shows it has been painted: what comes after
# requestAnimationFrame's own task runs once the frame is out.
WATCH = """() => {
    window.painted = [];
    new MutationObserver((changes) => {
        const ranks = new Set();
        for (const { target, addedNodes } of changes) {
            for (const each of [target, ...addedNodes]) if (each.dataset?.rank) ranks.add(each.dataset.rank);
        }
        requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.onmessage = () => {
                const now = Date.now();
                for (const rank of ranks) window.painted.push([rank, now]);
            };
            channel.port2.postMessage(null);
        });
    }).observe(document.querySelector("[data-list]"), {
        childList: true, subtree: true, attributes: true, attributeFilter: ["data-rank"],
    });
}"""


def sent_at(rank: str) -> float | None:
    """Return when the update of this rank was published, in seconds since 1970; None: before we began."""
    urgency = HIGHEST - int(rank[11:21])
    return BEGAN + (urgency - ABOVE) / 1000 if urgency >= ABOVE else None


def said(what: str, values: Sequence[float], unit: str = "ms") -> None:
    """Print a line of percentiles."""
    ordered = sorted(values)
    shown = [f"p{share * 100:.0f} {ordered[int(len(ordered) * share)]:.0f}" for share in (0.5, 0.95, 0.99)]
    print(f"{what}: {', '.join(shown)}, worst {ordered[-1]:.0f} {unit} ({len(ordered):,} seen)")


async def listen(
    session: aiohttp.ClientSession, url: str, open_: asyncio.Semaphore, ages: list[float]
) -> None:
    """Read one stream; note the age of each row in ms, by the time that its urgency stands for."""
    whole = False
    async with session.get(f"{url}/changes", timeout=aiohttp.ClientTimeout(total=None)) as answer:
        async for line in answer.content:
            if line.startswith(b"event: whole"):
                whole = True
                open_.release()
            elif whole and line.startswith(b"data: ["):
                now = time.time()
                for row in json.loads(line[6:]):
                    if row["rank"] and (sent := sent_at(row["rank"])) is not None:
                        ages.append((now - sent) * 1000)


async def publish(board: Standing) -> None:
    """Publish updates at an even pace; each says by its urgency when it was."""
    households = city(HOUSEHOLDS)
    start = time.monotonic()
    for number in range(A_SECOND * SECONDS):
        await asyncio.sleep(max(0.0, start + number / A_SECOND - time.monotonic()))
        urgency = ABOVE + int((time.time() - BEGAN) * 1000)
        moved = replace(households[number], sequence=2, urgency=urgency, band=Band.URGENT)
        await asyncio.to_thread(board.ranking.tell, moved)


async def opened(browser: Browser, board: Standing) -> Page:
    """Open the list as a team lead sees it."""
    page = await browser.new_page()
    await page.goto(board.url)
    await page.fill("#name", "lotte")
    await page.fill("#password", PASSWORD)
    await page.click("form[action='/login'] button")
    await page.wait_for_selector("body[data-live=whole]")
    return page


async def measure(board: Standing, browser: Browser) -> None:
    """Publish, listen, look and scroll, and print."""
    ages: list[float] = []
    open_ = asyncio.Semaphore(0)
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(read_bufsize=1 << 24, cookie_jar=jar) as session:
        await session.post(f"{board.url}/login", data={"name": "lotte", "password": PASSWORD})
        streams = [asyncio.create_task(listen(session, board.url, open_, ages)) for _ in range(STREAMS)]
        for _ in range(STREAMS):
            await open_.acquire()
        page = await opened(browser, board)
        await page.evaluate(WATCH)
        await publish(board)
        await asyncio.sleep(2)
        painted = await page.evaluate("window.painted")
        for stream in streams:
            stream.cancel()
    print(f"{STREAMS} streams and a browser, {A_SECOND} updates/s for {SECONDS} s, {HOUSEHOLDS:,} rows")
    said("published → told on a stream", ages)
    first = {rank: at for rank, at in reversed(painted) if sent_at(rank) is not None}
    said(
        "published → painted in the browser", [at - 1000 * (sent_at(rank) or 0) for rank, at in first.items()]
    )
    said("a frame while scrolling", await page.evaluate(SCROLL))
    print(f"rows in the page afterwards: {await page.locator('.row').count():,}")


async def _measured(board: Standing) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        await measure(board, browser)
        await browser.close()


def main() -> None:
    """Run it all on a real Kafka and a board of its own."""
    with EmbeddedKafka() as kafka, tempfile.TemporaryDirectory() as folder:
        board = Standing(kafka.bootstrap, Path(folder))
        put_accounts(board.database)
        board.ranking.tell(*city(HOUSEHOLDS))
        try:
            board.start()
            asyncio.run(_measured(board))
        finally:
            board.kill()


if __name__ == "__main__":
    main()
