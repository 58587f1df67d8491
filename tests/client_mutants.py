"""Change the client a line at a time, and count the changes that its tests without a broker notice.

    python -m tests.client_mutants [MODULE …]        (`make client-mutants`)

mutmut makes the changes and runs the tests. It wants one folder with the package, its tests and its
settings, and ours is spread: so that folder is made here, of copies. The tests that kill at every line are
left out: each takes seconds. What they alone notice counts as not noticed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

REPO = Path(__file__).parents[1]
# What keeps the client's word, and the tests that hold each. Files and screens have tests of their own.
MUTATED = {
    "delivery": ("outbox",),
    "feedback": ("feedback_file", "async_subscriber"),
    "guarded": ("shared_database",),
    "handling": ("handling",),
    "inbox": ("inbox", "inbox_at_every_line", "lifetimes"),
    "journal": ("inbox", "shared_database"),
    "ledger": ("outbox", "inbox"),
    "lifetime": ("lifetimes",),
    "list_reader": ("live_list", "async_subscriber"),
    "live_list": ("live_list",),
    "outbox": ("outbox",),
    "outcomes": ("outcomes",),
    "topic_reader": ("topic_reader",),
    "validation": ("same_rules",),
}
HELPERS = ("__init__.py", "builders.py", "fakes.py", "points.py", "tool.py")
SETTINGS = """
[tool.mutmut]
source_paths = [{paths}]
also_copy = ["eropaf_client", "eropaf", "tests", "clients", "docs"]
pytest_add_cli_args = ["-p", "no:cacheprovider", "-x", "-q", "-k", "not every_line and not whatever_line"]
pytest_add_cli_args_test_selection = ["tests"]

[tool.pytest.ini_options]
pythonpath = ["."]
filterwarnings = ["error"]
"""


def stage(folder: Path, module: str) -> None:
    """Copy what is changed, what it needs and what tests it into `folder`."""
    shutil.copytree(REPO / "clients" / "eropaf_client", folder / "eropaf_client")
    shutil.copytree(REPO / "risk", folder / "eropaf" / "risk")
    (folder / "eropaf" / "__init__.py").touch()
    for name in HELPERS:
        (folder / "tests").mkdir(exist_ok=True)
        shutil.copy(REPO / "tests" / name, folder / "tests" / name)
    for name in (*MUTATED[module], "conftest"):
        for path in REPO.glob(f"tests/*/**/{name if name == 'conftest' else f'test_{name}'}.py"):
            if path.parent.name in ("clients", "property") and "integration" not in path.parts:
                target = folder / path.relative_to(REPO)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)
    for name in ("docs/reference/csv.md", "clients/pyproject.toml", "tests/data/ddas-example.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPO / name, folder / name)
    (folder / "pyproject.toml").write_text(SETTINGS.format(paths=f'"eropaf_client/{module}.py"'))


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


def main(*modules: str) -> int:
    """Change one module after the other; print its row, and what was not noticed, as soon as it is known."""
    status = 0
    for module in modules or MUTATED:
        with tempfile.TemporaryDirectory(prefix="eropaf-mutants-") as folder:
            stage(Path(folder), module)
            mutmut = [sys.executable, "-m", "mutmut"]
            done = subprocess.run([*mutmut, "run", "--max-children", "1"], cwd=folder)
            status = status or done.returncode
            found = _said(folder, "results", "--all", "true")
            left = [line.split(":")[0].strip() for line in found.splitlines() if not line.endswith("killed")]
            sys.stdout.write(f"{table(found)}\n{''.join(_said(folder, 'show', name) for name in left)}")
            sys.stdout.flush()
    return status


def _said(folder: str, *command: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "mutmut", *command], cwd=folder, capture_output=True, text=True, check=True
    ).stdout


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
