"""Change the rules a line at a time, and count the changes that their unit and property tests notice.

    python -m tests.risk_mutants [FOLDER] [MODULE…]        (`make mutants`, ARGS="FOLDER MODULE…")

mutmut makes the changes and runs of the tests those that reach each. It wants one folder with the package,
its tests and its settings, and ours is spread: so that folder is made here, of copies. The rules run as
written, not compiled. What lives is listed, with what was changed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

REPO = Path(__file__).parents[1]
ROOMS = ("agents", "risk", "streams")
TESTS = ("unit/risk", "property/test_life.py", "property/test_risk.py", "property/test_same_rules.py")
HELPERS = ("__init__.py", "builders.py", "story.py", "points.py", "property/__init__.py")
# What mutmut counts as noticed: a test failed, hung, or the process ended.
NOTICED = ("killed", "timeout", "suspicious", "segfault")
SETTINGS = """
[tool.mutmut]
source_paths = ["eropaf/risk/"]
also_copy = ["eropaf_client", "eropaf", "tests"]
pytest_add_cli_args = ["-p", "no:cacheprovider", "-x", "-q", "-W", "ignore"]
pytest_add_cli_args_test_selection = ["tests"]

[tool.pytest.ini_options]
pythonpath = ["."]
"""
# The same examples each time, and as many as a change is worth: a thousand of them are tried.
PROFILE = """
from hypothesis import HealthCheck, settings

settings.register_profile(
    "mutants", deadline=None, derandomize=True, max_examples=15, database=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("mutants")
"""


def stage(folder: Path) -> None:
    """Copy what is changed, what it needs and what tests it into `folder`."""
    without_compiled = shutil.ignore_patterns("*.so", "__pycache__")
    shutil.copytree(REPO / "clients" / "eropaf_client", folder / "eropaf_client", ignore=without_compiled)
    for room in ROOMS:
        shutil.copytree(REPO / room, folder / "eropaf" / room, ignore=without_compiled)
    (folder / "eropaf" / "__init__.py").touch()
    for name in (*TESTS, *HELPERS):
        source, target = REPO / "tests" / name, folder / "tests" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    (folder / "tests" / "conftest.py").write_text(PROFILE)
    (folder / "pyproject.toml").write_text(SETTINGS)


def table(results: str) -> str:
    """Return mutmut's results as a table in Markdown: a row a module."""
    counts: dict[str, Counter[str]] = {}
    for module, status in re.findall(r"eropaf\.risk\.(\w+)\.\S+: (\w[\w ]*)", results):
        if status.strip() != "not checked":
            counts.setdefault(module, Counter())[status.strip()] += 1
    lines = ["| module | changes | noticed | share |", "|---|---|---|---|"]
    for module, found in sorted(counts.items()):
        lines.append(_row(f"`{module}`", found))
    lines.append(_row("all", sum(counts.values(), Counter())))
    return "\n".join(lines)


def _row(name: str, found: Counter[str]) -> str:
    noticed = sum(found[status] for status in NOTICED)
    return f"| {name} | {found.total()} | {noticed} | {noticed / max(1, found.total()):.1%} |"


def main(folder: Path, modules: list[str]) -> int:
    """Make the folder, unless it stands already, run mutmut in it, print the table and what lives."""
    if not folder.exists():
        folder.mkdir(parents=True)
        stage(folder)
    mutmut = [sys.executable, "-m", "mutmut"]
    names = [f"eropaf.risk.{module}.*" for module in modules]
    done = subprocess.run([*mutmut, "run", *names], cwd=folder)
    found = subprocess.run(
        [*mutmut, "results", "--all", "true"], cwd=folder, capture_output=True, text=True, check=True
    )
    sys.stdout.write(f"{table(found.stdout)}\n")
    for lives in re.findall(r"(\S+): survived", found.stdout):
        shown = subprocess.run([*mutmut, "show", lives], cwd=folder, capture_output=True, text=True)
        sys.stdout.write(f"\n{shown.stdout}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else REPO / ".mutants-of-risk"), sys.argv[2:]))
