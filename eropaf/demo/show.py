"""The demo from start to end: broker, topics, workers, feed, list, summary."""

from __future__ import annotations

import asyncio
import hashlib
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.live import Live

from eropaf.agents.roles import WORKER
from eropaf.agents.sealing import new_keys
from eropaf.cluster.flow_topics import create_topics
from eropaf.demo import browser
from eropaf.demo.feed import Feed
from eropaf.demo.fort import Fort
from eropaf.demo.news import News
from eropaf.demo.outreach import Outreach, Rounds
from eropaf.demo.rehearsal import Rehearsal
from eropaf.demo.scene import Scene
from eropaf.demo.watcher import Watcher
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.ports import choose, first_free
from eropaf.healthy import healthy
from eropaf.process import form
from eropaf.process.extras import missing
from eropaf.process.supervised import supervisor
from eropaf.process.terminated import Terminated
from eropaf.serving.until_told import on_told
from eropaf.settings import Settings
from eropaf.simulate.month import Day, month
from eropaf_client.cluster import Cluster

# The month with the peak: January's health premium becomes reportable.
MONTH = date(2026, 3, 1)
SECONDS_PER_DAY = 1.8
WORKERS_READY_WITHIN_S = 60.0
READY = "/health/ready"
# After the last event: longer than any update was seen to take.
QUIET_S = 2.0


@dataclass(frozen=True, slots=True)
class Show:
    """What to show."""

    households: int
    speed: float
    seed: int
    once: bool
    secure: bool


def perform(show: Show, console: Console) -> dict[str, Any]:
    """Run the demo; return its summary.

    Ctrl-C and SIGTERM end it cleanly; one that was to end by itself has no summary then.
    """
    console.print(form.told(), highlight=False)
    with ExitStack() as stack:
        secrets = stack.enter_context(TemporaryDirectory(prefix="eropaf-demo-")) if show.secure else None
        fort = Fort(Path(secrets)) if secrets else None
        kafka = stack.enter_context(fort.kafka() if fort else EmbeddedKafka())
        public_key, private_key = new_keys()
        given = Settings(
            auditors_public_key=public_key,
            auditors_private_key=private_key,
            bootstrap=kafka.bootstrap,
            **(fort.settings(WORKER) if fort else {}),
            # Synthetic households, so nothing to hide; the same keys for the same seed.
            household_secret=hashlib.sha256(f"demo {show.seed}".encode()).hexdigest(),
        )
        # A real worker may hold the usual ports, and a second demo that starts with this one would take the
        # same: seconds pass until a worker listens.
        port = first_free(choose(1)[0], given.workers)
        settings = given.model_copy(update={"metrics_port": port})
        if fort:
            fort.open(settings)
        else:
            create_topics(settings)
        days = month(show.households, MONTH, show.seed)
        performance = _Performance(show, settings, days, console, fort)
        stack.callback(performance.close)  # also where Kafka ended, or a signal came
        return asyncio.run(performance.run(kafka.check))


class _Performance:
    def __init__(
        self, show: Show, settings: Settings, days: list[Day], console: Console, fort: Fort | None
    ) -> None:
        def client(role: str) -> Mapping[str, str]:
            return fort.client(role) if fort else {}

        self._fort = fort
        self._show = show
        self._settings = settings
        self._days = days
        self._console = console
        self._stopped = False
        self._told = asyncio.Event()
        self._last_count, self._last_count_at = -1, 0.0
        news, kafka, parts = News(), settings.bootstrap, settings.partitions
        rehearsal = Rehearsal(settings.creditors, MONTH)
        self._feed = Feed(
            bootstrap=kafka,
            group=settings.group,
            creditors=settings.creditors,
            partitions=parts,
            client=client,
            news=news,
            rehearsal=rehearsal,
        )
        self._watcher = Watcher(kafka, client, news, rehearsal)
        # Where it ends by itself one seed is one set of updates, which visits at any moment would change.
        self._rounds = None if show.once or show.secure else Rounds(show.households, show.seed)
        self._scene = Scene(console, self._watcher, news, self._rounds)

    async def run(self, check_kafka: Callable[[], None]) -> dict[str, Any]:
        told = on_told(self._stop)
        secret = self._settings.household_secret
        environment = {
            "EROPAF_LOG_LEVEL": "warning",
            # Its days are those of its month: the day of today would end every signal of it.
            "EROPAF_CLOCK": "none",
            "EROPAF_BOOTSTRAP": self._settings.bootstrap,
            "EROPAF_HOUSEHOLD_SECRET": secret.get_secret_value() if secret else "",
            "EROPAF_AUDITORS_PUBLIC_KEY": self._settings.auditors_public_key or "",
            **(self._fort.environment(WORKER) if self._fort else {}),
        }
        workers = supervisor(self._settings, environment)
        working = asyncio.create_task(workers.run())
        watching = asyncio.create_task(asyncio.to_thread(self._watcher.watch, lambda: self._stopped))
        standing = asyncio.create_task(self._while_stands(check_kafka))
        parts = [standing, working, watching, *self._visiting()]
        for task in parts:  # none ends by itself but because it cannot go on
            task.add_done_callback(lambda _: self._stop())
        started = time.monotonic()
        whole = False
        try:
            async with self._page():
                try:
                    await self._until_ready()
                    await self._play()
                    whole = not self._stopped
                finally:
                    workers.stop()  # while the board ends too: Ctrl-C is answered in seconds
        finally:
            self._stopped = True
            workers.stop()
            # All end before anything is closed; without Kafka the others fail too, so that is said first.
            await asyncio.wait(parts)
            for task in parts:
                task.result()
        if self._show.once and told.done():  # its summary would be of a part of the month
            raise Terminated if told.result() == signal.SIGTERM else KeyboardInterrupt
        if whole:  # quiet for a while is not the end: on a busy machine this process may have stood still
            await asyncio.to_thread(self._watcher.to_the_end)
        return self._summary(time.monotonic() - started)

    def close(self) -> None:
        """Close the topics that it watched."""
        self._watcher.close()

    def _visiting(self) -> Iterator[asyncio.Task[None]]:
        """Yield the outreach team at work, where there is one."""
        if self._rounds is not None:
            outreach = Cluster(self._settings.bootstrap)
            team = Outreach(outreach, self._watcher, self._rounds)
            work = asyncio.to_thread(team.work, lambda: self._feed.today, lambda: self._stopped)
            yield asyncio.create_task(work)

    @asynccontextmanager
    async def _page(self) -> AsyncIterator[None]:
        """Serve the outreach team's page while the block runs, and print how to log in."""
        # Nobody looks at a demo that ends by itself; and the secure one is about who may do what.
        if self._show.once or self._show.secure:
            yield
            return
        try:
            from eropaf.demo.team import doors, team  # what it needs is an extra
        except ModuleNotFoundError as error:
            self._scene.say(str(missing("the outreach team's page", "board", error)))
            yield
            return
        async with team(self._settings) as address:
            self._scene.say(*doors(address))
            if self._console.is_terminal:
                browser.show(address)
            yield

    async def _while_stands(self, check_kafka: Callable[[], None]) -> None:
        while not self._stopped:
            check_kafka()
            await self._pause(0.5)

    def _stop(self) -> None:
        self._stopped = True
        self._told.set()

    async def _play(self) -> None:
        pace = SECONDS_PER_DAY / self._show.speed
        feeding = asyncio.create_task(
            asyncio.to_thread(self._feed.publish, self._days, pace, lambda: self._stopped)
        )
        feeding.add_done_callback(lambda task: self._stop() if task.exception() else None)
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            await self._draw(feeding)
        else:
            await self._report(feeding)
        await feeding

    async def _draw(self, feeding: asyncio.Task[None]) -> None:
        with Live(console=self._console, auto_refresh=False, screen=False) as live:
            while not self._stopped and not (self._show.once and feeding.done() and self._quiet()):
                frame = self._scene.frame(self._today, self._feed.sent, feeding.done())
                live.update(frame, refresh=True)
                await self._pause(0.25)

    async def _report(self, feeding: asyncio.Task[None]) -> None:
        told: tuple[date | None, bool] = (None, False)
        while not self._stopped and not (self._show.once and feeding.done() and self._quiet()):
            if (self._feed.today, feeding.done()) != told:
                told = self._feed.today, feeding.done()
                self._scene.say(*self._scene.lines(self._today, self._feed.sent, feeding.done()))
            await self._pause(0.1)

    @property
    def _today(self) -> date:
        return self._feed.today or MONTH

    def _quiet(self) -> bool:
        """Return whether no update has arrived for a while."""
        count = len(self._watcher.updates)
        if count != self._last_count:
            self._last_count, self._last_count_at = count, time.monotonic()
        return time.monotonic() - self._last_count_at > QUIET_S

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._told.wait(), seconds)

    async def _until_ready(self) -> None:
        ports = range(self._settings.metrics_port, self._settings.metrics_port + self._settings.workers)
        deadline = time.monotonic() + WORKERS_READY_WITHIN_S
        waiting, host = list(ports), self._settings.metrics_host
        while waiting and not self._stopped and time.monotonic() < deadline:
            waiting = [port for port in waiting if not await asyncio.to_thread(healthy, port, READY, host)]
            await self._pause(0.1)

    def _summary(self, took_s: float) -> dict[str, Any]:
        reported = {sent.household for day in self._days for wave in day.waves for sent in wave}
        return {
            "seed": self._show.seed,
            "city_households": self._show.households,
            "households": len(reported),
            "events": self._feed.sent,
            "took_s": round(took_s, 1),
            **self._watcher.summary(),
            "updates_sha256": hashlib.sha256(repr(sorted(self._watcher.updates)).encode()).hexdigest(),
        }
