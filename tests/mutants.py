"""Makes every change of mutmut's to some modules, in a folder of copies, and has each tried.

mutmut makes the changes, each a copy of a function that its decorator calls in place of the function where
an environment variable names it. So one process tries all of them (`tests/hunted.py`): for each change it
runs the tests that reach the function, the quickest first, until one fails. (mutmut itself restarts pytest
for each change: hours.) What was noticed once is not tried again in the same folder.

mutmut wants one folder with the package, its tests and its settings, and ours is spread: so that folder is
made of copies. What lives is listed, with what was changed.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

# The share of changes that must be noticed.
ENOUGH = 0.95
HEADER = "| module | changes | noticed | share |\n|---|---|---|---|\n"
SETTINGS = """
[tool.mutmut]
source_paths = {modules}
also_copy = {copied}
pytest_add_cli_args_test_selection = ["tests"]

[tool.pytest.ini_options]
pythonpath = ["."]
"""
# The same examples each time, and as many as a change is worth: thousands are tried.
PROFILE = """
from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "mutants", deadline=None, derandomize=True, max_examples=6, database=None,
    phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck),
)
settings.load_profile("mutants")
"""
# The first half of `mutmut run`.
GENERATE = """
import os
from mutmut.__main__ import copy_also_copy_files, copy_src_dir, create_mutants, setup_source_paths

os.environ["MUTANT_UNDER_TEST"] = "mutant_generation"
copy_src_dir()
copy_also_copy_files()
setup_source_paths()
create_mutants(1)
"""


def generate(folder: Path) -> None:
    """Make the changes in `folder`, in `mutants` beside the copies."""
    subprocess.run([sys.executable, "-c", GENERATE], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def named(folder: Path, module: str) -> list[str]:
    """Return the names of the changes that were made to `module`, a path without its end."""
    meta = folder / "mutants" / f"{module}.py.meta"
    return [*json.loads(meta.read_text())["exit_code_by_key"]] if meta.exists() else []


def hunt(folder: Path, asked: list[str]) -> dict[str, bool]:
    """Try the changes `asked` of the modules in `folder`, with the tests that lie there: is each noticed?"""
    told, asking, found = folder / "told.json", folder / "asked.json", folder / "found.jsonl"
    known: dict[str, bool] = json.loads(told.read_text()) if told.exists() else {}
    if found.exists():  # a hunt that was killed
        known.update(json.loads(line) for line in found.read_text().splitlines())
        told.write_text(json.dumps(known))
    left = [name for name in asked if not known.get(name)]
    # In an order of no meaning, so that what a hunt found that was ended half way holds for the whole.
    random.Random(1).shuffle(left)
    asking.write_text(json.dumps(left))
    found.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.hunted", str(asking), str(found)]
    try:
        with (folder / "hunted.log").open("w") as log:
            subprocess.run(command, cwd=folder / "mutants", check=True, stdout=log, stderr=log)
    finally:
        # Also where it was ended half way.
        if found.exists():
            known.update(json.loads(line) for line in found.read_text().splitlines())
            told.write_text(json.dumps(known))
    return {name: known.get(name, False) for name in asked}


def row(module: str, noticed: list[bool]) -> str:
    """Return a line of the table in Markdown."""
    count, caught = len(noticed), sum(noticed)
    return f"| `{module}` | {count} | {caught} | {caught / max(1, count):.1%} |\n"


def diff(folder: Path, name: str) -> str:
    """Return what was changed, by name."""
    shown = subprocess.run(
        [sys.executable, "-m", "mutmut", "show", name], cwd=folder, capture_output=True, text=True
    )
    lines = [
        line for line in shown.stdout.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]
    return "\n".join(["", name, *lines, ""])
