"""The product as a tag has it, with its own dependencies."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.integration.processes import REPO

TAG = "v0.1.0"


@dataclass(frozen=True, slots=True)
class Previous:
    """Code and the Python that runs it."""

    code: Path
    python: str


def previous(tag: str, folder: Path) -> Previous:
    """Unpack what `tag` holds into `folder`, and install it there as it says itself."""
    folder.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", tag], cwd=REPO, check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
    subprocess.run(["make", "--silent", "install", f"PYTHON={sys.executable}"], cwd=folder, check=True)
    return Previous(folder, str(folder / ".venv" / "bin" / "python"))
