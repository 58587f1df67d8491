"""Starts Java and, unless detached, never lets it outlive the process that asked for it.

Run by path with only the standard library, so that it is up within some 30 ms:

    guard.py guarded DIR COMMAND...    stay until COMMAND ends, and end with its status
    guard.py detached - COMMAND...     start COMMAND and leave it

Why an intermediate process: a process killed with -9 can do nothing for its children, and the kernel's help
    (PR_SET_PDEATHSIG) is tied to the parent *thread*, so that a broker started from a worker thread would die
    with that thread. A pipe is reliable: the kernel closes our standard input once the last process holding
    its other end is gone, however it went. We then stop Java (SIGTERM, after 5 s SIGKILL); or, unless DIR is
    `-`, kill it and delete DIR, the temporary folder. Our single main thread lives as long as we do, so here
    PR_SET_PDEATHSIG does work: if we are killed ourselves, Java dies with us. Both of us are outside the
    terminal's session, so that Ctrl-C reaches only the process that asked, which stops Java cleanly.

Standard output gets one line, Java's pid. Standard error is Java's log.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

KILL_AFTER_S = 5
PR_SET_PDEATHSIG = 1
GUARDED, DETACHED = "guarded", "detached"
NO_FOLDER = "-"


def main(mode: str, folder: str, *command: str) -> int:
    """Start `command`; see above."""
    guarded = mode == GUARDED
    java = subprocess.Popen(  # noqa: S603  # the command is the caller's
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        start_new_session=True,
        preexec_fn=_die_with(os.getpid()) if guarded else None,  # we have one thread
    )
    print(java.pid, flush=True)  # noqa: T201  # what the caller waits for
    if not guarded:
        return 0

    def pass_on(signum: int, frame: FrameType | None) -> None:
        java.terminate()  # a machine shutting down sends SIGTERM to all: do not end before Java

    signal.signal(signal.SIGTERM, pass_on)
    abandoned = threading.Event()
    stop = _kill if folder != NO_FOLDER else _stop
    threading.Thread(target=_when_abandoned, args=(stop, java, abandoned), daemon=True).start()
    status = java.wait()
    if abandoned.is_set() and folder != NO_FOLDER:
        # With several nodes each guard does this; the last one finds nothing still writing.
        shutil.rmtree(folder, ignore_errors=True)
    return status if status >= 0 else 128 - status  # as a shell counts


def _when_abandoned(
    stop: Callable[[subprocess.Popen[bytes]], None], java: subprocess.Popen[bytes], abandoned: threading.Event
) -> None:
    while os.read(0, 1):
        pass
    abandoned.set()
    stop(java)


def _stop(java: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.kill(java.pid, signal.SIGCONT)  # a paused broker does not hear SIGTERM
        java.terminate()
    try:
        java.wait(KILL_AFTER_S)
    except subprocess.TimeoutExpired:
        _kill(java)


def _kill(java: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(java.pid, signal.SIGKILL)


def _die_with(parent: int) -> Callable[[], None]:
    """Have the kernel kill the new process when `parent` ends. Linux only; elsewhere does nothing."""
    if sys.platform != "linux":
        return lambda: None
    libc = ctypes.CDLL(None)

    def set_signal() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended just before
            os._exit(1)

    return set_signal


if __name__ == "__main__":
    try:
        status = main(*sys.argv[1:])
    except OSError as error:
        sys.stderr.write(f"could not be started: {error}\n")
        status = 127
    os._exit(status)  # the thread that reads is not waited for
