"""Event published → row on the page: 50 browsers' streams open, 100 updates a second (`make pace`).

Also prints how long one frame takes at most while a real browser scrolls ten thousand rows.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import aiohttp
from playwright.async_api import async_playwright

from deploy.embedded import EmbeddedKafka
from tests.board.standing import PASSWORD, Standing, city, put_accounts

STREAMS = 50
A_SECOND = 100
SECONDS = 20
HOUSEHOLDS = 10_000

SCROLL = """async () => {
    let longest = 0, last = performance.now();
    for (let step = 0; step < 200; step++) {
        scrollBy(0, 400);
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        if (step > 10) longest = Math.max(longest, now - last);
        last = now;
    }
    return longest;
}"""


async def listen(
    session: aiohttp.ClientSession, url: str, open_: asyncio.Semaphore, seen: list[float]
) -> None:
    """Read one stream; note the age of each row, by the time that its urgency stands for."""
    whole = False
    async with session.get(f"{url}/changes", timeout=aiohttp.ClientTimeout(total=None)) as answer:
        async for line in answer.content:
            if line.startswith(b"event: whole"):
                whole = True
                open_.release()
            elif whole and line.startswith(b"data: ["):
                now = time.time()
                for row in json.loads(line[6:]):
                    if row["rank"]:
                        sent_ms = 9_999_999_999 - int(row["rank"][1:11])
                        seen.append(now - BEGAN - sent_ms / 1000)


BEGAN = time.time()


async def measure(board: Standing) -> None:
    """Publish, listen, scroll, and print."""
    seen: list[float] = []
    open_ = asyncio.Semaphore(0)
    households = city(HOUSEHOLDS)
    async with aiohttp.ClientSession(
        read_bufsize=1 << 24, cookie_jar=aiohttp.CookieJar(unsafe=True)
    ) as session:
        await session.post(f"{board.url}/login", data={"name": "lotte", "password": PASSWORD})
        streams = [asyncio.create_task(listen(session, board.url, open_, seen)) for _ in range(STREAMS)]
        for _ in range(STREAMS):
            await open_.acquire()
        start = time.monotonic()
        for number in range(A_SECOND * SECONDS):
            await asyncio.sleep(max(0.0, start + number / A_SECOND - time.monotonic()))
            urgency = int((time.time() - BEGAN) * 1000)
            moved = replace(households[number], sequence=2, urgency=urgency)
            await asyncio.to_thread(board.ranking.tell, moved)
        await asyncio.sleep(2)
        for stream in streams:
            stream.cancel()
    seen.sort()
    print(f"{STREAMS} streams, {A_SECOND} updates/s for {SECONDS} s: {len(seen):,} rows seen")
    for share in (0.5, 0.95, 0.99):
        print(f"published → seen p{share * 100:.0f}: {seen[int(len(seen) * share)] * 1000:.0f} ms")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = await browser.new_page()
        await page.goto(board.url)
        await page.fill("#name", "lotte")
        await page.fill("#password", PASSWORD)
        await page.click("form[action='/login'] button")
        await page.wait_for_selector("body[data-live=whole]")
        print(f"longest frame while scrolling {HOUSEHOLDS:,} rows: {await page.evaluate(SCROLL):.0f} ms")
        await browser.close()


def main() -> None:
    """Run it all on a real Kafka and a board of its own."""
    with EmbeddedKafka() as kafka, tempfile.TemporaryDirectory() as folder:
        board = Standing(kafka.bootstrap, Path(folder))
        put_accounts(board.database)
        board.ranking.tell(*city(HOUSEHOLDS))
        try:
            board.start()
            asyncio.run(measure(board))
        finally:
            board.kill()


if __name__ == "__main__":
    main()
