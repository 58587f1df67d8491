"""Processes that a test starts, watches and ends."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

REPO = Path(__file__).parents[2]
# Where a machine has much to do a thing takes its time; nothing here is a measure of speed.
PATIENCE_S = 120.0
# Of a process that ended, or was waited for in vain: the end of what it wrote.
LAST_WORDS = 3_000


def until(
    condition: Callable[[], bool], within_s: float, what: str, can_still: Callable[[], None] = lambda: None
) -> None:
    """Wait until `condition()` holds; fail with `what` where it does not in time.

    `can_still` raises where it never will: with a better word, and at once.
    """
    deadline = time.monotonic() + within_s
    while not condition():
        can_still()
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s:g} s: {what}")
        time.sleep(0.05)


def at_last(attempt: Callable[[], object], failure: type[Exception], times: int = 5) -> None:
    """Call `attempt` until it raises no `failure`; fail where it does so `times` in a row."""
    for _ in range(times):
        try:
            attempt()
        except failure:
            continue
        return
    raise AssertionError(f"{failure.__name__} {times} times in a row")


class Process:
    """A Python process of ours, with its output in a file; `code` holds the packages that `python` runs."""

    def __init__(
        self,
        arguments: list[str],
        log: Path,
        code: Path = REPO,
        python: str = sys.executable,
        /,
        **environment: str,
    ) -> None:
        self.log = log
        with log.open("ab") as out:
            self.popen = subprocess.Popen(
                [python, *arguments],
                cwd=code,
                stdout=out,
                stderr=out,
                env={
                    **os.environ,
                    "STREAMS_PARENT": str(os.getpid()),
                    "PYTHONPATH": str(code / "clients"),
                    **environment,
                },
            )

    @property
    def said(self) -> str:
        """What the process wrote so far."""
        return self.log.read_text("utf-8", errors="replace")

    def check(self) -> None:
        """Raise where it has ended, with the end of what it wrote."""
        status = self.popen.poll()
        if status is not None:
            raise AssertionError(f"it ended with {status}; {self._last_words()}")

    def until(self, condition: Callable[[], bool], within_s: float, what: str) -> None:
        """Wait until `condition()` holds, which comes of this process: no longer than it runs.

        Where it does not, the end of its log is told, and it is ended: who waits may not come to do so.
        """

        def can_still() -> None:
            # It may have come with the last thing that the process did.
            if self.popen.poll() is not None and not condition():
                raise AssertionError(f"it ended with {self.popen.returncode} before: {what}")

        try:
            until(condition, within_s, what, can_still)
        except BaseException as error:
            self.kill()
            if isinstance(error, AssertionError):
                raise AssertionError(f"{error}; {self._last_words()}") from None
            raise

    def _last_words(self) -> str:
        return f"{self.log.name} ends with\n{self.said[-LAST_WORDS:]}"

    def wait(self, within_s: float) -> int:
        """Wait for the end; give the exit status."""
        return self.popen.wait(within_s)

    def kill(self) -> None:
        """End it now, as kill -9 does."""
        self.popen.kill()
        self.popen.wait()


@contextmanager
def ended(*processes: Process) -> Iterator[None]:
    """Leave no process behind."""
    try:
        yield
    finally:
        for process in processes:
            process.kill()


@contextmanager
def meanwhile(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Do `work` on a thread of its own until the end of the block."""
    over = threading.Event()
    thread = threading.Thread(target=work, args=(over,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def slowed(*processes: psutil.Process, runs_s: float, rests_s: float) -> Iterator[None]:
    """Let processes run for the first of each of these pairs of times only, all at the same time."""

    def stop_and_go(over: threading.Event) -> None:
        while not over.wait(runs_s):
            for process in processes:
                process.suspend()
            over.wait(rests_s)
            for process in processes:
                process.resume()

    with meanwhile(stop_and_go):
        yield
