"""Change the client a line at a time, and count the changes that its tests without a broker notice.

    python -m tests.client_mutants [FOLDER] [MODULE…]        (`make client-mutants`, ARGS="…")

See `tests/mutants.py`. FOLDER holds what was noticed so far; a MODULE is a path in `eropaf_client` without
its end, such as `files/ddas`. What speaks to Kafka itself is tried on a broker (`tests/integration/clients`)
and takes no part, nor do values alone. SQL in other letters is the same SQL, and counts as no change.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from tests.mutants import ENOUGH, HEADER, PROFILE, SETTINGS, diff, generate, hunt, named, row

REPO = Path(__file__).parents[1]
PACKAGE = REPO / "clients" / "eropaf_client"
TESTS = (
    "unit/clients",
    *(f"property/test_{each}.py" for each in ("client_machines", "ddas_exchange", "same_rules")),
    *(f"unit/eropaf/test_{each}.py" for each in ("ddas_example", "rank_cases")),
)
# What they look at besides the program.
READ = ("docs/reference", "clients/pyproject.toml", "schemas/avsc")
COPIED = ["eropaf_client", "eropaf", "tests", "docs", "clients", "schemas"]
# Kafka's own client, behind what the fakes stand in for; and what holds values or words alone.
ON_A_BROKER = frozenset({"connection", "kafka_post", "source", "reading"})
NO_RULES = frozenset({"__init__", "files/__init__", "cluster", "errors"})
SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|PRAGMA|VALUES)\b")
# These stop at lines of a function, and here a function stands as often as it has changes.
WITHOUT_LINES = """

def pytest_collection_modifyitems(items):
    items[:] = [each for each in items if "every_line" not in each.name and "whatever_line" not in each.name]
"""


def modules() -> list[str]:
    """Return the modules that are changed, as paths in the package without their end."""
    paths = [*PACKAGE.glob("*.py"), *PACKAGE.glob("files/*.py")]
    named = sorted(str(path.relative_to(PACKAGE).with_suffix("")) for path in paths)
    return [each for each in named if each not in ON_A_BROKER | NO_RULES]


def stage(folder: Path) -> None:
    """Copy what is changed and what it needs into `folder`."""
    without = shutil.ignore_patterns("*.so", "__pycache__", "node_modules")
    shutil.copytree(PACKAGE, folder / "eropaf_client", ignore=without)
    shutil.copytree(REPO / "eropaf", folder / "eropaf", ignore=without)
    paths = [f"eropaf_client/{each}.py" for each in modules()]
    (folder / "pyproject.toml").write_text(SETTINGS.format(modules=paths, copied=COPIED))
    stage_tests(folder)


def stage_tests(folder: Path) -> None:
    """Copy only the tests, afresh, into `folder`."""
    for name in (*READ, *(f"tests/{each}" for each in TESTS)):
        source, target = REPO / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy(source, target)
    for path in REPO.glob("tests/*.py"):  # builders, fakes and the like
        shutil.copy(path, folder / "tests" / path.name)
    shutil.copytree(REPO / "tests" / "data", folder / "tests" / "data", dirs_exist_ok=True)
    (folder / "tests" / "conftest.py").write_text(PROFILE + WITHOUT_LINES)


def is_same_sql(shown: str) -> bool:
    """Return whether a change, as `diff` shows it, is one of the letters of SQL alone."""
    before, after = ([each[1:] for each in shown.splitlines() if each[:1] == sign] for sign in "-+")
    return [*map(str.lower, before)] == [*map(str.lower, after)] and bool(SQL.search("".join(before)))


def main(folder: Path, chosen: list[str]) -> int:
    """Try each module's changes, those that were noticed before left out; print the table, and what lives."""
    if not (folder / "mutants").exists():
        stage(folder)
        generate(folder)
    stage_tests(folder)
    for name in ("tests", "docs"):  # as they are now; what is changed stays as it was
        shutil.copytree(folder / name, folder / "mutants" / name, dirs_exist_ok=True)
    changes = {each: named(folder, f"eropaf_client/{each}") for each in chosen or modules()}
    noticed = hunt(folder, [name for names in changes.values() for name in names])
    lives = {name: diff(folder, name) for name, was in noticed.items() if not was}
    for same in [name for name, shown in lives.items() if is_same_sql(shown)]:
        del noticed[same], lives[same]
    sys.stdout.write(HEADER)
    for module, names in changes.items():
        if names:
            sys.stdout.write(row(module, [noticed[name] for name in names if name in noticed]))
    sys.stdout.write(row("all", [*noticed.values()]) + "".join(lives.values()))
    return 0 if sum(noticed.values()) >= ENOUGH * len(noticed) else 1


if __name__ == "__main__":
    where = Path(sys.argv[1]) if sys.argv[1:] else REPO / ".mutants-of-clients"
    sys.exit(main(where, sys.argv[2:]))
