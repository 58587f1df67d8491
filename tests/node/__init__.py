"""Others' programs that the tests check against, from npm: fetched once, by the lock file."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


def tool(name: str) -> list[str]:
    """Return the command that runs `name` of this folder, or skip aloud."""
    if shutil.which("npm") is None:
        missing("npm", "Debian's nodejs and npm")
    lock, made_from = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".made-from"
    with lock.open("rb") as wanted:
        fcntl.flock(wanted, fcntl.LOCK_EX)  # a run is shared out to several processes
        content = wanted.read()
        if not made_from.exists() or made_from.read_bytes() != content:
            subprocess.run(["npm", "ci", "--silent"], cwd=FOLDER, check=True, timeout=100)
            made_from.write_bytes(content)
    return ["node", str(FOLDER / name)]


def missing(program: str, where: str) -> None:
    """Skip aloud where a program is not here; in continuous integration that is a failure."""
    said = f"NO {program}, SO WHAT NEEDS IT IS NOT TESTED: install {where}"
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)
