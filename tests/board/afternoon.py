"""An afternoon of two workers with phones, and everything that goes wrong in it (`make afternoon SEEDS=50`).

In an order that follows from a seed the line breaks, hangs, a log-in expires, the board is killed with -9 and
starts again, while results are tapped, tapped twice, taken back, and pages are left at once. In the end each
result that a phone said was kept is stored and shown once: no fewer, no more.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.install import install
from eropaf_client.records import Band, PriorityUpdate
from eropaf_client.schemas.topics import OUTCOMES
from tests.board.caller import Caller
from tests.board.standing import PASSWORD, Standing, city, put_accounts
from tests.board.test_survival import read
from tests.integration.processes import PATIENCE_S, until

CHROMIUM = Path("/usr/bin/chromium")
PHONE = {"width": 390, "height": 844}
NAMES = ("sanne", "youssef")
DOORS = 12
LONG_OVERDUE = timedelta(days=1000)
STEPS = 10
PASSING = ("not_reached", "talked")
FINAL = ("ADVICE", "HELP_FINANCIAL", "ARRANGES_ITSELF")
TAP_AGAIN_MS = 350
KEPT = "Object.keys(localStorage).filter((name) => name.startsWith('queue:')).length"
# Done with the second tap: a form that is taken back before it would take that for a result of its own.
TAP_TWICE = f"""(button) => new Promise((done) => {{
    button.click();
    setTimeout(() => {{ button.click(); done(); }}, {TAP_AGAIN_MS});
}})"""
# At once with the look whether it is still offered.
TAKE_BACK = """(undo) => {
    if (undo.hidden) return false;
    undo.click();
    return !undo.closest("section, dialog").querySelector("[data-register]").hidden;
}"""

CONTROLLED = "navigator.serviceWorker.controller !== null"

Result = tuple[str, str]  # household, what came of it


@dataclass(slots=True)
class Worker:
    """Somebody with a phone; `kept` counts what it said that it keeps."""

    name: str
    page: Page
    url: str
    kept: Counter[Result]

    def log_in(self) -> None:
        """Log in where that is asked for."""
        if self.page.locator("#password").count():
            self.page.fill("#name", self.name)
            self.page.fill("#password", PASSWORD)
            self.page.click("form[action^='/login'] button")
            self.page.wait_for_selector("[data-logout]", state="attached")

    def go(self, path: str) -> None:
        """Open a page, and log in first where that is asked for."""
        until(partial(self._opened, path), PATIENCE_S, f"{self.name} sees {path}")
        if self.page.locator("#password").count():
            self.log_in()
            until(partial(self._opened, path), PATIENCE_S, f"{self.name} sees {path}")

    def _opened(self, path: str) -> bool:
        try:
            self.page.goto(self.url + path)
        except PlaywrightError:  # the page went somewhere by itself at this moment: the line is back
            return False
        return self.page.locator("[data-offline]").count() == 0

    def is_back(self) -> None:
        """Wait until the page without a connection has gone where one was going.

        It goes by itself: whatever the test opens at that very moment would lose.
        """
        expect(self.page.locator("[data-offline]")).to_have_count(0)

    def tap(self, place: str, household: str, result: str, twice: bool) -> None:
        """Tap a result, and note it once the phone says that it keeps it."""
        button = self.page.locator(f"{place} button[value={result}]")
        if twice:
            button.evaluate(TAP_TWICE)
        else:
            button.click()
        expect(self.page.locator(f"{place} [data-said]")).to_be_visible()
        self.kept[(household, result)] += 1

    def take_back(self, place: str, household: str, result: str) -> None:
        """Undo, where that is still offered: then the form is back, and nothing is told."""
        if self.page.locator(f"{place} [data-undo]").evaluate(TAKE_BACK):
            self.kept[(household, result)] -= 1


class Afternoon:
    """Two workers, one board, and a seed from which everything follows."""

    def __init__(self, board: Standing, browser: Browser, seed: int, steps: int = STEPS) -> None:
        self._board = board
        self._steps = steps
        self._random = random.Random(seed)
        self._city = doors(seed)
        self.errors: list[str] = []
        self._contexts = [
            browser.new_context(viewport=PHONE, has_touch=True, device_scale_factor=2, locale="nl-NL")  # type: ignore[arg-type]  # a literal is wanted
            for _ in NAMES
        ]
        self.workers = [self._worker(name, number) for number, name in enumerate(NAMES)]
        self.faults: Counter[str] = Counter()

    def _worker(self, name: str, number: int) -> Worker:
        self._contexts[number].set_default_timeout(PATIENCE_S * 1000)
        page = self._contexts[number].new_page()
        page.on("pageerror", lambda error: self.errors.append(f"{name}: {error}"))
        return Worker(name, page, self._board.url, Counter())

    def run(self) -> None:
        """Work through the afternoon, and see that everything was sent at its end."""
        self._board.ranking.tell(*self._city)
        for worker in self.workers:
            worker.go("/")
            until(
                partial(worker.page.evaluate, CONTROLLED),
                PATIENCE_S,
                "a page for when there is no connection",
            )
        steps: list[Callable[[Worker], None]] = [
            self._calm, self._offline, self._from_the_list, self._hanging, self._expired, self._killed,
        ]  # fmt: skip
        order = [*steps, *self._random.choices(steps, k=self._steps - len(steps))]
        self._random.shuffle(order)
        for step in order:
            step(self._random.choice(self.workers))
        for worker in self.workers:
            worker.go("/")
            until(partial(self._nothing_waits, worker), PATIENCE_S, f"{worker.name}: all sent")

    def _nothing_waits(self, worker: Worker) -> bool:
        waits: int = worker.page.evaluate(KEPT)
        return waits == 0

    def close(self) -> None:
        """Put the phones away."""
        for context in self._contexts:
            context.close()

    @property
    def kept(self) -> Counter[Result]:
        """What both phones said that they keep, and was not taken back."""
        return +sum((worker.kept for worker in self.workers), Counter[Result]())

    def stored(self) -> Counter[Result]:
        """Return what is on the topic; the same id counts once."""
        ours = {each.household for each in self._city}
        records = {
            each["outcome_id"]: each for each in read(self._board.bootstrap, OUTCOMES, "OutreachOutcome")
        }
        found: Counter[Result] = Counter()
        for each in records.values():
            if each["household"] in ours:
                attempt = each["attempt"]
                assert isinstance(attempt, dict)
                passing = "talked" if attempt["reached"] else "not_reached"
                found[(str(each["household"]), str(each["result"] or passing))] += 1
        return found

    def wrong(self) -> list[str]:
        """Return what does not count exactly once: on the topic, and as the board shows it of each door."""
        kept, stored = self.kept, self.stored()
        found = [f"kept and not stored: {each} x {count}" for each, count in (kept - stored).items()]
        found += [f"stored and not kept: {each} x {count}" for each, count in (stored - kept).items()]
        of_door: Counter[str] = Counter()
        for (household, _), count in kept.items():
            of_door[household] += count
        caller = Caller(self._board)
        caller.log_in("lotte")
        try:
            until(lambda: self._shown(caller) == of_door, PATIENCE_S, "shown as it was kept")
        except AssertionError as error:
            found.append(
                f"{error}: {self._shown(caller) - of_door} too many, {of_door - self._shown(caller)} too few"
            )
        finally:
            caller.http.close()
        return found + self.errors

    def _shown(self, caller: Caller) -> Counter[str]:
        pages = {each.household: caller.http.get(f"/households/{each.household}").text for each in self._city}
        return +Counter({household: page.count("<li><time") for household, page in pages.items()})

    def told(self) -> str:
        """Return what happened, for people."""
        faults = ", ".join(f"{what} {count}" for what, count in sorted(self.faults.items()))
        return f"{self.kept.total()} kept; {faults}"

    def _door(self, worker: Worker) -> str:
        household = self._random.choice(self._city).household
        worker.go(f"/households/{household}")
        worker.page.wait_for_selector("[data-register]")
        return household

    def _register(self, worker: Worker, place: str, household: str) -> None:
        result = self._random.choice(PASSING + FINAL)
        worker.tap(place, household, result, twice=self._random.random() < 0.3)
        if result in FINAL and self._random.random() < 0.25:
            worker.take_back(place, household, result)

    def _calm(self, worker: Worker) -> None:
        household = self._door(worker)
        self._register(worker, "section", household)
        if self._random.random() < 0.5:
            worker.page.reload()

    def _offline(self, worker: Worker) -> None:
        self.faults["offline"] += 1
        household = self._door(worker)
        worker.page.context.set_offline(True)
        self._register(worker, "section", household)
        left = self._random.random() < 0.5  # at once, without a connection
        if left:
            worker.page.goto(f"{self._board.url}/round")
            expect(worker.page.locator("[data-offline]")).to_be_visible()
        worker.page.context.set_offline(False)
        if left:
            worker.is_back()

    def _from_the_list(self, worker: Worker) -> None:
        self.faults["offline on the list"] += 1
        worker.go("/")
        worker.page.wait_for_selector("body[data-live=whole]")
        worker.page.context.set_offline(True)
        household = self._random.choice(self._city).household
        worker.page.locator(f"a.home[href$='{household}']").click()
        self._register(worker, "dialog", household)
        worker.page.locator("dialog .heading button").click()
        worker.page.context.set_offline(False)

    def _hanging(self, worker: Worker) -> None:
        self.faults["hanging"] += 1
        household = self._door(worker)
        with self._stopped():
            self._register(worker, "section", household)
            left = self._random.random() < 0.5
            if left:
                worker.page.goto(self._board.url)  # left while it hangs: the worker has a page for that
        if left:
            worker.is_back()

    def _expired(self, worker: Worker) -> None:
        self.faults["expired"] += 1
        household = self._door(worker)
        with (
            closing(sqlite3.connect(self._board.folder / "board.db", timeout=PATIENCE_S)) as database,
            database,
        ):
            database.execute("DELETE FROM session WHERE name = ?", (worker.name,))
        worker.tap("section", household, self._random.choice(PASSING), twice=False)
        worker.page.locator("[data-login]").click()
        worker.page.wait_for_selector("#password")
        worker.log_in()
        worker.page.wait_for_url(f"**/households/{household}")

    def _killed(self, worker: Worker) -> None:
        self.faults["kill -9"] += 1
        household = self._door(worker)
        self._board.kill()
        try:
            self._register(worker, "section", household)
        finally:
            self._board.start()

    @contextmanager
    def _stopped(self) -> Iterator[None]:
        """Let the board answer nothing, as a line that hangs does."""
        os.kill(self._board.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._board.pid, signal.SIGCONT)


def doors(seed: int) -> list[PriorityUpdate]:
    """Return households that no other seed has, all of one area, the first on every list."""
    return [
        replace(
            each,
            household=hashlib.sha256(f"afternoon {seed} {number}".encode()).hexdigest()[:32],
            area="1011",
            # Before those of other tests, and of the seeds before.
            band=Band.URGENT,
            urgency=1_000_000 + 100 * seed + number,
            respond_by=datetime.now(UTC).date() - LONG_OVERDUE,
            house_number=1 + number,
        )
        for number, each in enumerate(city(DOORS))
    ]


def main() -> int:
    """Run as many afternoons as are asked for; say of each what was kept, stored and shown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first", type=int, default=1)
    chosen = parser.parse_args()
    wrong = 0
    expect.set_options(timeout=PATIENCE_S * 1000)
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedKafka(installation=install(None)) as kafka,
        sync_playwright() as playwright,
        ExitStack() as stack,
    ):
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=arguments, timeout=PATIENCE_S * 1000
        )
        stack.callback(browser.close)
        board = Standing(kafka.bootstrap, Path(folder))
        stack.callback(board.kill)
        put_accounts(board.database)
        board.start()
        for seed in range(chosen.first, chosen.first + chosen.seeds):
            began, afternoon = time.monotonic(), Afternoon(board, browser, seed)
            try:
                afternoon.run()
                found = afternoon.wrong()
            except (AssertionError, PlaywrightError) as error:  # the other seeds still have their say
                found = [f"it did not come to its end: {error}"]
            finally:
                afternoon.close()
            wrong += bool(found)
            said = "; ".join(["WRONG", *found]) if found else "each once"
            sys.stdout.write(f"seed {seed}: {afternoon.told()}; {time.monotonic() - began:.0f} s; {said}\n")
            sys.stdout.flush()
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
