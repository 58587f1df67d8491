"""Starts worker processes, and starts again the one that ends."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence

import structlog

log = structlog.get_logger(__name__)

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
# A worker that ran this long was well; its next failure counts as the first.
WELL_AFTER_S = 10.0
STOP_WITHIN_S = 10.0

PR_SET_PDEATHSIG = 1


class Supervisor:
    """Keeps one process running for each name, until it is told to stop.

    `command` gives the command line of a worker, `environment` what it adds to the environment.
    """

    def __init__(
        self,
        names: Sequence[str],
        command: Callable[[str], Sequence[str]],
        environment: Mapping[str, str],
    ) -> None:
        self._names = names
        self._command = command
        self._environment = {**os.environ, **environment, "EROPAF_PARENT": str(os.getpid())}
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """End the workers; `run` then returns."""
        self._stopping.set()

    async def run(self) -> None:
        """Keep the workers running until `stop`; return when every one has ended."""
        keepers = [asyncio.create_task(self._keep(name)) for name in self._names]
        await self._stopping.wait()
        await asyncio.gather(*(self._end(process) for process in self._processes.values()))
        await asyncio.gather(*keepers)

    async def _keep(self, name: str) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._stopping.is_set():
            started = time.monotonic()
            # Its own session: Ctrl-C in a terminal reaches the supervisor alone, which ends in order.
            process = await asyncio.create_subprocess_exec(
                *self._command(name), env=self._environment, start_new_session=True
            )
            self._processes[name] = process
            status = await process.wait()
            if self._stopping.is_set():
                return
            if time.monotonic() - started > WELL_AFTER_S:
                pause_s = FIRST_PAUSE_S
            log.error("worker ended; starting it again", worker=name, exit_status=status, pause_s=pause_s)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), timeout=pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), timeout=STOP_WITHIN_S)
        except TimeoutError:
            log.error("worker did not end in time; killed", pid=process.pid, within_s=STOP_WITHIN_S)
            with contextlib.suppress(ProcessLookupError):
                process.kill()


def end_with_parent() -> None:
    """Make the kernel end this process (SIGTERM) when its supervisor is gone, however it went.

    Linux only. Does nothing for a worker that was not started by a supervisor.
    """
    parent = os.environ.get("EROPAF_PARENT")
    if parent is None:
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):  # it went before we asked
        os.kill(os.getpid(), signal.SIGTERM)
