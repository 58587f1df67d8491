"""Change the rules a line at a time, and count the changes that their book, unit and property tests notice.

    python -m tests.risk_mutants [--by-the-book] [FOLDER] [MODULE…]        (`make mutants`, ARGS="…")

By the book the tables of `docs/rules` are the only tests (`tests/book`), and how many branches of the rules
they reach is counted as well.

See `tests/mutants.py`: a folder for each module. The rules run as written, not compiled.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests import mutants
from tests.mutants import ENOUGH, HEADER, PROFILE, SETTINGS, diff, generate, named, row

REPO = Path(__file__).parents[1]
ROOMS = ("agents", "risk", "streams")
HELPERS = ("__init__.py", "builders.py", "hunted.py", "story.py", "points.py", "property/__init__.py")
COPIED = ["eropaf_client", "eropaf", "tests"]
BY_THE_BOOK = ("book",)
BY_TESTS = (
    *BY_THE_BOOK, "unit/risk", "unit/agents/test_slips_that_end.py", "property/test_life.py",
    "property/test_risk.py", "property/test_same_rules.py",
)  # fmt: skip


def stage(folder: Path, module: str, tests: tuple[str, ...] = BY_TESTS) -> None:
    """Copy what is changed, what it needs and what tests it into `folder`."""
    without_compiled = shutil.ignore_patterns("*.so", "__pycache__")
    shutil.copytree(REPO / "clients" / "eropaf_client", folder / "eropaf_client", ignore=without_compiled)
    for room in ROOMS:
        shutil.copytree(REPO / room, folder / "eropaf" / room, ignore=without_compiled)
    (folder / "eropaf" / "__init__.py").touch()
    changed = [f"eropaf/risk/{module}.py"]
    (folder / "pyproject.toml").write_text(SETTINGS.format(modules=changed, copied=COPIED))
    stage_tests(folder, tests)


def stage_tests(folder: Path, tests: tuple[str, ...]) -> None:
    """Copy only the tests, afresh, into `folder`."""
    shutil.copytree(REPO / "docs" / "rules", folder / "docs" / "rules", dirs_exist_ok=True)
    for name in (*tests, *HELPERS):
        source, target = REPO / "tests" / name, folder / "tests" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy(source, target)
    (folder / "tests" / "conftest.py").write_text(PROFILE)


def changes(folder: Path, module: str, tests: tuple[str, ...]) -> list[str]:
    """Make the changes of one module in `folder`, unless they stand already; name them."""
    if not (folder / "mutants").exists():
        stage(folder, module, tests)
        generate(folder)
    return named(folder, f"eropaf/risk/{module}")


def hunt(folder: Path, asked: list[str], tests: tuple[str, ...]) -> dict[str, bool]:
    """Try the changes `asked` of the module in `folder`, with the tests as they are now: is each noticed?"""
    stage_tests(folder, tests)
    for part in ("docs", "tests"):
        shutil.copytree(folder / part, folder / "mutants" / part, dirs_exist_ok=True)
    return mutants.hunt(folder, asked)


def branches(folder: Path, tests: tuple[str, ...]) -> str:
    """Return which lines of the rules `tests` miss, as coverage's table, and how many branches they reach."""
    shutil.rmtree(folder, ignore_errors=True)
    stage(folder, "*", tests)
    coverage = [sys.executable, "-m", "coverage"]
    pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", "tests"]
    run = [*coverage, "run", "--branch", "--source=eropaf.risk", *pytest]
    subprocess.run(run, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    report = [*coverage, "report", "--show-missing", "--format=markdown"]
    table = subprocess.run(report, cwd=folder, check=True, capture_output=True, text=True).stdout
    subprocess.run([*coverage, "json", "-q"], cwd=folder, check=True)
    totals = json.loads((folder / "coverage.json").read_text())["totals"]
    reached, all_of_them = totals["covered_branches"], totals["num_branches"]
    return f"{table}\nBranches reached: {reached} of {all_of_them}, {reached / all_of_them:.1%}.\n"


def main(folder: Path, modules: list[str], tests: tuple[str, ...]) -> int:
    """Try each module's changes, those that were noticed before left out; print the table, and what lives."""
    everything: list[bool] = []
    lives: list[str] = []
    if tests == BY_THE_BOOK:
        sys.stdout.write(branches(folder / "branches", tests) + "\n")
    sys.stdout.write(HEADER)
    for module in modules or sorted(path.stem for path in (REPO / "risk").glob("*.py")):
        asked = changes(folder / module, module, tests)
        if not asked:
            continue
        noticed = hunt(folder / module, asked, tests)
        everything += noticed.values()
        sys.stdout.write(row(module, [*noticed.values()]))
        sys.stdout.flush()
        lives += [diff(folder / module, name) for name, was in noticed.items() if not was]
    sys.stdout.write(row("all", everything) + "".join(lives))
    return 0 if sum(everything) >= ENOUGH * len(everything) else 1


if __name__ == "__main__":
    given = [word for word in sys.argv[1:] if word != "--by-the-book"]
    by_the_book = len(given) < len(sys.argv) - 1
    usual = REPO / (".mutants-by-the-book" if by_the_book else ".mutants-of-risk")
    where = Path(given[0]) if given else usual
    sys.exit(main(where, given[1:], BY_THE_BOOK if by_the_book else BY_TESTS))
