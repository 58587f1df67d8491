"""What the results of a folder follow from: of which study, which code, and of which seeds."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from eropaf_client.files.writing import in_its_place

MANIFEST = "manifest.json"
Told = Mapping[str, Any]


class WrongStudy(ValueError):
    """What was asked for cannot be run, or is not what the folder holds; the message says why."""


def code() -> str:
    """Return the sha256 of what every figure follows from, beside the parameters: the city and the rules."""
    digest = hashlib.sha256()
    for package in ("eropaf.risk", "eropaf.simulate.years", "eropaf.simulate.backtest"):
        for file in sorted(resources.files(package).iterdir(), key=lambda each: each.name):
            if file.name.endswith(".py"):
                digest.update(file.read_bytes())
    return digest.hexdigest()


def claim(folder: Path, mine: Told) -> None:
    """Write what results in the folder follow from, or refuse where another study's stands.

    Raises:
        WrongStudy: the folder is another study's; the message says what differs.
    """
    path = folder / MANIFEST
    if not path.exists():
        tell(folder, mine, [])
        return
    try:
        theirs = json.loads(path.read_text("utf-8"))
    except ValueError:
        raise WrongStudy(f"{path} is no manifest; name another folder") from None
    differ = [name for name in mine if not isinstance(theirs, dict) or theirs.get(name) != mine[name]]
    if differ:
        raise WrongStudy(
            f"{folder} holds results of another backtest: {', '.join(differ)} differ. Name another "
            "folder, or delete this one"
        )


def tell(folder: Path, mine: Told, seeds: Sequence[int]) -> None:
    """Write the manifest of a folder in which the results of `seeds` stand."""
    told = {**mine, "commit": _commit(), "seeds": in_ranges(seeds)}
    with in_its_place(folder / MANIFEST, replace=True) as file:
        file.write((json.dumps(told, indent=2) + "\n").encode())


@cache
def _commit() -> str | None:
    """Return the commit that runs, and -dirty where files differ; None where it was installed without one.

    Results follow from `code`; the commit says where to read it.
    """
    try:
        _git(
            "ls-files", "--error-unmatch", Path(__file__).name
        )  # else another repository's, around an environment
        return _git("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(*asked: str) -> str:
    git = ["git", "-C", str(Path(__file__).resolve().parent), *asked]
    return subprocess.run(git, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603


def in_ranges(seeds: Sequence[int]) -> str:
    """Return seeds as a text, whatever their order: 1-200, 301."""
    runs: list[list[int]] = []
    for seed in sorted(seeds):
        if runs and seed == runs[-1][-1] + 1:
            runs[-1][1:] = [seed]
        else:
            runs.append([seed])
    return ", ".join("-".join(str(end) for end in run) for run in runs)
