"""Starting a Java through `guard.py`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from eropaf.deploy.embedded import guard, jvm

# Isolated, so it starts fast, whatever this process's PYTHON* variables say.
GUARD = (sys.executable, "-I", "-S", guard.__file__)


def spawn(
    command: Sequence[str],
    *,
    cwd: Path,
    log: Path,
    temporary: Path | None = None,
    detached: bool = False,
) -> subprocess.Popen[str]:
    """Start `command` with its output in `log`; the first line to read is its pid.

    Unless `detached`, it ends with this process, and so does the folder `temporary`.
    """
    mode = guard.DETACHED if detached else guard.GUARDED
    with log.open("w") as out:
        return subprocess.Popen(  # noqa: S603  # our own guard, our own Java
            [*GUARD, mode, str(temporary or guard.NO_FOLDER), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=out,
            env=jvm.environment(),
            cwd=cwd,
            text=True,
            start_new_session=True,
        )


def close(guard_process: subprocess.Popen[str]) -> int:
    """Release a guard, which then stops a running Java; return its exit status."""
    for pipe in (guard_process.stdin, guard_process.stdout):
        if pipe:
            pipe.close()
    return guard_process.wait()
