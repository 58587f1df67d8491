"""Others' programs that the tests check against, from npm: fetched once, by the lock file."""

from __future__ import annotations

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
    if not (FOLDER / "node_modules" / ".package-lock.json").exists():
        subprocess.run(["npm", "ci", "--silent"], cwd=FOLDER, check=True, timeout=100)
    return ["node", str(FOLDER / name)]


def missing(program: str, where: str) -> None:
    """Skip aloud where a program is not here; in continuous integration that is a failure."""
    said = f"NO {program}, SO WHAT NEEDS IT IS NOT TESTED: install {where}"
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)
