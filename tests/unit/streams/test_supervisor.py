from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import psutil

from streams.supervisor import Supervisor


async def eventually(condition: object) -> None:
    async with asyncio.timeout(10):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.02)


def starts(folder: Path) -> int:
    return len(list(folder.iterdir()))


def a_supervisor(folder: Path, script: str) -> Supervisor:
    code = f"import os, pathlib; pathlib.Path({str(folder)!r}, str(os.getpid())).touch(); {script}"
    return Supervisor(["one"], lambda name: [sys.executable, "-c", code], {})


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
