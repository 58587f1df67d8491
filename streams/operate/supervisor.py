"""Starts worker processes, and restarts the ones that end."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import structlog

from eropaf.streams.errors import EXIT_NOBODY_ANSWERS, LAST_WORDS, LONGEST_LAST_WORDS, WorkerKeepsFailing

log = structlog.get_logger(__name__)

FIRST_PAUSE_S = 0.5
LONGEST_RESTART_PAUSE_S = 30.0
# After a run this long the back-off starts from its first pause again.
WELL_AFTER_S = 10.0
# After a run this long the count of failures restarts. Longer than a stall before a watchdog ends it, so that
# a worker that always stalls is given up too.
SOUND_AFTER_S = 300.0
WORKER_STOPS_WITHIN_S = 10.0
# Holds the pid of the process that a worker must not outlive.
PARENT = "STREAMS_PARENT"

# sysexits.h EX_OSERR: the system refused to start a process.
EXIT_NOT_STARTED = 71

PR_SET_PDEATHSIG = 1


class Supervisor:
    """Keeps one process running per name, until told to stop.

    `command` returns a worker's command line, `environment` its additional environment. A worker that ends is
    restarted after a pause, which doubles from half a second to half a minute. If one fails `give_up_after`
    times in a row without ever running for five minutes, everything is stopped: a worker that fails at once
    takes seven minutes for 20 failures. Ending because a broker or registry does not answer is not a failure.
    """

    def __init__(
        self,
        names: Sequence[str],
        command: Callable[[str], Sequence[str]],
        environment: Mapping[str, str],
        give_up_after: int = 20,
    ) -> None:
        self._names = names
        self._command = command
        self._give_up_after = give_up_after
        self._given_up: str | None = None
        self._environment = {**os.environ, **environment, PARENT: str(os.getpid())}
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """End the workers; `run` then returns."""
        self._stopping.set()

    async def run(self) -> None:
        """Keep the workers running until `stop`; return when all have ended.

        Raises:
            WorkerKeepsFailing: a worker kept failing; all have ended.

        """
        async with asyncio.TaskGroup() as keepers:
            for name in self._names:
                keepers.create_task(self._keep(name))
        if self._given_up is not None:
            raise WorkerKeepsFailing(self._given_up)

    async def _keep(self, name: str) -> None:
        pause_s = FIRST_PAUSE_S
        failures = 0
        while not self._stopping.is_set():
            started = time.monotonic()
            status, why = await self._run_once(name)
            if self._stopping.is_set():
                return
            ran_s = time.monotonic() - started
            if ran_s > WELL_AFTER_S:
                pause_s = FIRST_PAUSE_S
            if ran_s > SOUND_AFTER_S:
                failures = 0
            failures += status != EXIT_NOBODY_ANSWERS
            if failures >= self._give_up_after:
                self._give_up(
                    f"{name} failed {failures} times in a row and is given up; the last time: {why}"
                )
                return
            log.error(
                "worker ended; starting it again",
                worker=name,
                exit_status=status,
                reason=why,
                failures=failures,
                pause_s=pause_s,
            )
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), timeout=pause_s)
            pause_s = min(pause_s * 2, LONGEST_RESTART_PAUSE_S)

    def _give_up(self, why: str) -> None:
        log.critical("given up", reason=why)
        self._given_up = why
        self.stop()

    async def _run_once(self, name: str) -> tuple[int, str]:
        """Run one process until it ends or is to stop; return its exit status and why it ended."""
        try:
            with _pipe() as (listening, telling):
                # Its own session: Ctrl-C in a terminal reaches only the supervisor, which shuts down in
                # order.
                process = await asyncio.create_subprocess_exec(
                    *self._command(name),
                    env=self._environment | {LAST_WORDS: str(telling)},
                    start_new_session=True,
                    pass_fds=(telling,),
                )
                status = await self._ended(process)
                os.set_blocking(listening, False)
                with contextlib.suppress(BlockingIOError):
                    if words := os.read(listening, LONGEST_LAST_WORDS):
                        return status, words.decode("utf-8", "replace")
                return status, _in_words(status)
        except OSError as error:
            return EXIT_NOT_STARTED, f"it could not be started ({error.strerror})"

    async def _ended(self, process: asyncio.subprocess.Process) -> int:
        """Return the exit status of `process` once it has ended; end it if all are to stop.

        Even if that was requested while the process was starting. Whatever happens, no process is left
        behind.
        """
        ending = asyncio.create_task(process.wait())
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait((ending, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            if not ending.done():
                await self._end(process)
        return await ending

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), timeout=WORKER_STOPS_WITHIN_S)
        except TimeoutError:
            log.error("worker did not end in time; killed", pid=process.pid, within_s=WORKER_STOPS_WITHIN_S)
            with contextlib.suppress(ProcessLookupError):
                process.kill()


@contextlib.contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    """Yield the read and write ends of a pipe; close them afterwards."""
    listening, telling = os.pipe()
    try:
        yield listening, telling
    finally:
        os.close(listening)
        os.close(telling)


def _in_words(status: int) -> str:
    """Describe how a process ended that gave no reason itself."""
    if status < 0:
        return f"killed by {_signal(-status)}"
    return f"exit status {status}, see the log lines above"


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # most real-time signals have no name
        return f"signal {number}"


def end_with_parent() -> None:
    """Have the kernel end this process (SIGTERM) when its supervisor is gone, however that ended.

    Linux only. Does nothing for a worker that was not started by a supervisor.
    """
    parent = os.environ.get(PARENT)
    if parent is None:
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):  # it went before we asked
        os.kill(os.getpid(), signal.SIGTERM)
