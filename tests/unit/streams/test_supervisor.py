from __future__ import annotations

import asyncio
import errno
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from eropaf.streams.errors import WorkerKeepsFailing
from eropaf.streams.operate.supervisor import Supervisor


async def eventually(condition: object) -> None:
    async with asyncio.timeout(60):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.02)


@contextmanager
def nobody_left_behind() -> Iterator[None]:
    """Check that no process outlives the block that was started in it: brokers of other tests may run."""
    before = set(psutil.Process().children())
    yield
    left = set(psutil.Process().children()) - before
    assert not [each for each in left if each.status() != psutil.STATUS_ZOMBIE]


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
        await asyncio.wait_for(running, 60)

    asyncio.run(run())


def test_stopping_ends_the_workers(tmp_path: Path) -> None:
    async def run() -> None:
        supervisor = a_supervisor(tmp_path, "import time; time.sleep(600)")
        running = asyncio.create_task(supervisor.run())
        await eventually(lambda: starts(tmp_path) == 1)
        supervisor.stop()
        await asyncio.wait_for(running, 60)

    asyncio.run(run())

    (worker,) = tmp_path.iterdir()
    assert not psutil.pid_exists(int(worker.name))


def test_a_worker_that_keeps_failing_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    fails = "from eropaf.streams.errors import stop_at_once; stop_at_once('the table is torn')"
    supervisor = a_supervisor(tmp_path, fails, give_up_after=2)

    with pytest.raises(WorkerKeepsFailing, match=r"one failed 2 times in a row .*: the table is torn"):
        asyncio.run(asyncio.wait_for(supervisor.run(), 60))

    assert starts(tmp_path) == 2


def test_a_worker_that_was_killed_is_named_so(tmp_path: Path) -> None:
    supervisor = a_supervisor(tmp_path, "os.kill(os.getpid(), 9)", give_up_after=1)

    with pytest.raises(WorkerKeepsFailing, match="killed by SIGKILL"):
        asyncio.run(asyncio.wait_for(supervisor.run(), 60))


def test_waiting_for_a_broker_is_no_failure(tmp_path: Path) -> None:
    async def run() -> None:
        supervisor = a_supervisor(tmp_path, "raise SystemExit(75)", give_up_after=1)
        running = asyncio.create_task(supervisor.run())
        await eventually(lambda: starts(tmp_path) >= 3)
        supervisor.stop()
        await asyncio.wait_for(running, 60)

    asyncio.run(run())


def test_stopping_while_a_worker_is_being_started_ends_it_too(tmp_path: Path) -> None:
    async def run() -> None:
        supervisor = a_supervisor(tmp_path, "import time; time.sleep(600)")
        running = asyncio.create_task(supervisor.run())
        await asyncio.sleep(0)  # the keeper has begun to start the process
        await asyncio.sleep(0)
        supervisor.stop()
        await asyncio.wait_for(running, 60)

    with nobody_left_behind():
        asyncio.run(run())


def test_a_worker_that_cannot_be_started_is_given_up_too() -> None:
    supervisor = Supervisor(["one"], lambda name: ["/nowhere/at-all"], {}, give_up_after=2)

    with pytest.raises(WorkerKeepsFailing, match="could not be started"):
        asyncio.run(asyncio.wait_for(supervisor.run(), 60))


def test_whatever_goes_wrong_with_one_worker_leaves_no_other_behind(tmp_path: Path) -> None:
    def command(name: str) -> list[str]:
        if name == "two":
            raise LookupError(name)
        return [sys.executable, "-c", "import time; time.sleep(600)"]

    with nobody_left_behind(), pytest.raises(ExceptionGroup):
        asyncio.run(asyncio.wait_for(Supervisor(["one", "two"], command, {}).run(), 60))


def test_a_worker_for_which_there_is_no_pipe_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left() -> tuple[int, int]:
        raise OSError(errno.EMFILE, "Too many open files")

    supervisor = a_supervisor(tmp_path, "", give_up_after=2)
    monkeypatch.setattr(os, "pipe", none_left)

    with pytest.raises(WorkerKeepsFailing, match="could not be started"):
        asyncio.run(asyncio.wait_for(supervisor.run(), 60))


def test_a_worker_that_was_killed_by_a_signal_without_a_name_is_given_up_too(tmp_path: Path) -> None:
    supervisor = a_supervisor(tmp_path, f"os.kill(os.getpid(), {signal.SIGRTMIN + 1})", give_up_after=1)

    with pytest.raises(WorkerKeepsFailing, match=f"killed by signal {signal.SIGRTMIN + 1}"):
        asyncio.run(asyncio.wait_for(supervisor.run(), 60))
