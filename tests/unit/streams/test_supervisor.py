from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import psutil
import pytest

from eropaf.streams.errors import WorkerKeepsFailing
from eropaf.streams.operate.supervisor import Supervisor


async def eventually(condition: object) -> None:
    async with asyncio.timeout(10):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.02)


def starts(folder: Path) -> int:
    return len(list(folder.iterdir()))


def a_supervisor(folder: Path, script: str, **more: int) -> Supervisor:
    code = f"import os, pathlib; pathlib.Path({str(folder)!r}, str(os.getpid())).touch(); {script}"
    return Supervisor(["one"], lambda name: [sys.executable, "-c", code], {}, **more)


def test_a_worker_that_ends_is_started_again(tmp_path: Path) -> None:
    async def run() -> None:
        supervisor = a_supervisor(tmp_path, "raise SystemExit(70)")
        running = asyncio.create_task(supervisor.run())
        await eventually(lambda: starts(tmp_path) >= 2)
        supervisor.stop()
        await asyncio.wait_for(running, 5)

    asyncio.run(run())


def test_stopping_ends_the_workers(tmp_path: Path) -> None:
    async def run() -> None:
        supervisor = a_supervisor(tmp_path, "import time; time.sleep(60)")
        running = asyncio.create_task(supervisor.run())
        await eventually(lambda: starts(tmp_path) == 1)
        supervisor.stop()
        await asyncio.wait_for(running, 5)

    asyncio.run(run())

    (worker,) = tmp_path.iterdir()
    assert not psutil.pid_exists(int(worker.name))


def test_a_worker_that_keeps_failing_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    fails = "from streams.errors import stop_at_once; stop_at_once('the table is torn')"
    supervisor = a_supervisor(tmp_path, fails, give_up_after=2)

    with pytest.raises(WorkerKeepsFailing, match=r"one failed 2 times in a row .*: the table is torn"):
        asyncio.run(asyncio.wait_for(supervisor.run(), 30))

    assert starts(tmp_path) == 2


def test_a_worker_that_was_killed_is_named_so(tmp_path: Path) -> None:
    supervisor = a_supervisor(tmp_path, "os.kill(os.getpid(), 9)", give_up_after=1)

    with pytest.raises(WorkerKeepsFailing, match="killed by SIGKILL"):
        asyncio.run(asyncio.wait_for(supervisor.run(), 30))


def test_waiting_for_a_broker_is_no_failure(tmp_path: Path) -> None:
    async def run() -> None:
        supervisor = a_supervisor(tmp_path, "raise SystemExit(75)", give_up_after=1)
        running = asyncio.create_task(supervisor.run())
        await eventually(lambda: starts(tmp_path) >= 3)
        supervisor.stop()
        await asyncio.wait_for(running, 5)

    asyncio.run(run())
