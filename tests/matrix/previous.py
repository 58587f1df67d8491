"""The product as a release was, with its own dependencies."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.integration.processes import REPO

# By its commit: not every clone has the tags.
V0_1_0 = "f96a28129a5d6c738156d7b9f701e0c76af438b7"


@dataclass(frozen=True, slots=True)
class Previous:
    """Code and the Python that runs it."""

    code: Path
    python: str


def previous(commit: str, folder: Path) -> Previous:
    """Unpack what `commit` holds into `folder`, and install it there as it says itself."""
    folder.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", commit], cwd=REPO, check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
    subprocess.run(["make", "--silent", "install", f"PYTHON={sys.executable}"], cwd=folder, check=True)
    return Previous(folder, str(folder / ".venv" / "bin" / "python"))
