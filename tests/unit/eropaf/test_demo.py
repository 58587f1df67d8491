"""The demo ends when what it shows cannot go on, and says why."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from eropaf.demo import show
from eropaf.deploy.embedded.errors import BrokerEnded
from eropaf.process.terminated import Terminated
from eropaf.settings import Settings
from eropaf.streams.errors import WorkerKeepsFailing
from eropaf_client.errors import BrokerUnreachable
from eropaf_client.live_list import LiveList


def until(stopped: Callable[[], bool]) -> None:
    while not stopped():
        time.sleep(0.01)


class Workers:
    """Give up at once, or run until they are stopped."""

    def __init__(self, fail: bool) -> None:
        self._fail = fail
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        self._stopped.set()

    async def run(self) -> None:
        if self._fail:
            raise WorkerKeepsFailing("worker-1 failed 20 times in a row and is given up")
        await self._stopped.wait()


class Feed:
    today = None
    sent = 0
    fails = False

    def __init__(self, **_: object) -> None:
        pass

    def publish(self, days: object, pace: float, stopped: Callable[[], bool]) -> None:
        if self.fails:
            raise BrokerUnreachable("no Kafka broker answered")
        until(stopped)


class Watcher:
    fails = False

    def __init__(self, *_: object) -> None:
        self.ranking = LiveList()
        self.updates: list[Any] = []

    def watch(self, stopped: Callable[[], bool]) -> None:
        if self.fails:
            raise BrokerUnreachable("no Kafka broker answered")
        until(stopped)


def stands() -> None:
    """Kafka runs."""


def fell() -> None:
    raise BrokerEnded("Kafka node 1 has ended")


@pytest.mark.parametrize("what", ["kafka", "workers", "feed", "watcher"])
def test_a_demo_whose_parts_give_up_ends_and_says_why(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show, "supervisor", lambda *_: Workers(what == "workers"))
    monkeypatch.setattr(show, "Feed", type("Feed", (Feed,), {"fails": what == "feed"}))
    monkeypatch.setattr(show, "Watcher", type("Watcher", (Watcher,), {"fails": what == "watcher"}))
    monkeypatch.setattr(show, "healthy", lambda *_: True)
    monkeypatch.setattr(show.Scene, "lines", lambda *_: iter(()))
    console = Console(file=io.StringIO())
    performance = show._Performance(
        show.Show(100, 1.0, 1, once=False, secure=True), Settings(), [], console, None
    )

    async def run() -> None:
        await asyncio.wait_for(performance.run(fell if what == "kafka" else stands), 60)

    with pytest.raises(
        (BrokerEnded, WorkerKeepsFailing, BrokerUnreachable), match=r"ended|given up|answered"
    ):
        asyncio.run(run())


class AtOnce(Feed):
    """All is sent as soon as it begins."""

    def publish(self, days: object, pace: float, stopped: Callable[[], bool]) -> None:
        pass


class Late(Watcher):
    """Stands still while the month passes, as on a machine that has other things to do."""

    def to_the_end(self) -> None:
        self.updates.append("an update")

    def summary(self) -> dict[str, int]:
        return {"updates": len(self.updates)}

    def close(self) -> None:
        pass


def test_the_summary_is_of_all_that_was_told_however_late_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show, "supervisor", lambda *_: Workers(fail=False))
    monkeypatch.setattr(show, "Feed", AtOnce)
    monkeypatch.setattr(show, "Watcher", Late)
    monkeypatch.setattr(show, "healthy", lambda *_: True)
    monkeypatch.setattr(show, "QUIET_S", 0.0)
    monkeypatch.setattr(show.Scene, "lines", lambda *_: iter(()))
    console = Console(file=io.StringIO())
    once = show.Show(100, 1.0, 1, once=True, secure=True)

    summary = asyncio.run(show._Performance(once, Settings(), [], console, None).run(stands))

    assert summary["updates"] == 1


class Broker:
    """Kafka that runs, or has ended."""

    bootstrap = "nowhere:9092"

    def __init__(self, check: Callable[[], None]) -> None:
        self.check = check

    def __enter__(self) -> Broker:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Told(Feed):
    """Somebody ends the demo while the month goes by."""

    def publish(self, days: object, pace: float, stopped: Callable[[], bool]) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        until(stopped)


@pytest.mark.parametrize(("check", "feed", "ends"), [(fell, Feed, BrokerEnded), (stands, Told, Terminated)])
def test_however_a_demo_ends_its_watcher_ends_and_then_lets_go(
    check: Callable[[], None], feed: type[Feed], ends: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, closed_while_it_watched = threading.Event(), list[bool]()

    class Slow(Late):
        """Is in the middle of a look when it is told to stop."""

        def watch(self, stopped: Callable[[], bool]) -> None:
            until(stopped)
            closed_while_it_watched.append(closed.wait(0.5))

        def close(self) -> None:
            closed.set()

    monkeypatch.setattr(show, "EmbeddedKafka", lambda: Broker(check))
    monkeypatch.setattr(show, "create_topics", lambda *_: None)
    monkeypatch.setattr(show, "supervisor", lambda *_: Workers(fail=False))
    monkeypatch.setattr(show, "Feed", feed)
    monkeypatch.setattr(show, "Watcher", Slow)
    monkeypatch.setattr(show, "healthy", lambda *_: True)
    monkeypatch.setattr(show.Scene, "lines", lambda *_: iter(()))
    monkeypatch.setattr(show, "month", lambda *_: [])

    with pytest.raises(ends):
        show.perform(show.Show(100, 1.0, 1, once=True, secure=False), Console(file=io.StringIO()))

    assert closed_while_it_watched == [False]
    assert closed.is_set()
