"""Change the client a line at a time, and count the changes that its tests without a broker notice.

    python -m tests.client_mutants [FOLDER]        (`make client-mutants`)

mutmut makes the changes and runs the tests. It wants one folder with the package, its tests and its settings,
and ours is spread: so that folder is made here, of copies.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

REPO = Path(__file__).parents[1]
# What keeps the client's word. Files, screens and the command have tests of their own.
MUTATED = (
    "delivery", "feedback", "guarded", "handling", "inbox", "journal", "ledger", "live_list", "outbox",
    "outcomes", "validation",
)  # fmt: skip
TESTS = ("unit/clients", "property/test_client_machines.py", "property/test_same_rules.py")
HELPERS = ("__init__.py", "builders.py", "fakes.py", "points.py", "tool.py")
SETTINGS = """
[tool.mutmut]
source_paths = [{paths}]
also_copy = ["eropaf_client", "eropaf", "tests", "clients", "docs"]
pytest_add_cli_args = ["-p", "no:cacheprovider", "-x", "-q"]
pytest_add_cli_args_test_selection = ["tests"]

[tool.pytest.ini_options]
pythonpath = ["."]
filterwarnings = ["error"]
"""


def stage(folder: Path) -> None:
    """Copy what is changed, what it needs and what tests it into `folder`."""
    shutil.copytree(REPO / "clients" / "eropaf_client", folder / "eropaf_client")
    shutil.copytree(REPO / "risk", folder / "eropaf" / "risk")
    (folder / "eropaf" / "__init__.py").touch()
    for name in HELPERS:
        (folder / "tests").mkdir(exist_ok=True)
        shutil.copy(REPO / "tests" / name, folder / "tests" / name)
    for name in TESTS:
        source, target = REPO / "tests" / name, folder / "tests" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    for name in ("docs/reference/csv.md", "clients/pyproject.toml", "tests/data/ddas-example.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPO / name, folder / name)
    paths = ", ".join(f'"eropaf_client/{name}.py"' for name in MUTATED)
    (folder / "pyproject.toml").write_text(SETTINGS.format(paths=paths))


def table(results: str) -> str:
    """Return mutmut's results as a table in Markdown: a row a module."""
    counts: dict[str, Counter[str]] = {}
    for module, status in re.findall(r"eropaf_client\.(\w+)\.\S+: (\w[\w ]*)", results):
        counts.setdefault(module, Counter())[status.strip()] += 1
    lines = ["| module | changes | noticed | not noticed |", "|---|---|---|---|"]
    for module, found in sorted(counts.items()):
        noticed = found["killed"] + found["timeout"] + found["suspicious"] + found["segfault"]
        lines.append(f"| {module} | {found.total()} | {noticed} | {found.total() - noticed} |")
    return "\n".join(lines)


def main(folder: Path) -> int:
    """Make the folder, run mutmut in it, print the table."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    stage(folder)
    mutmut = [sys.executable, "-m", "mutmut"]
    done = subprocess.run([*mutmut, "run"], cwd=folder)
    found = subprocess.run(
        [*mutmut, "results", "--all", "true"], cwd=folder, capture_output=True, text=True, check=True
    )
    sys.stdout.write(f"{table(found.stdout)}\n")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else REPO / ".mutants")))
