"""Without an extra all works that does not need it, and what does says what to install."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from eropaf.main import COMMANDS

PROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
NAMED = {
    extra: {re.split(r"[\[<>=]", requirement)[0].lower() for requirement in requirements}
    for extra, requirements in EXTRAS.items()
}
# What another extra brings too is there without this one.
LIBRARIES = {
    extra: named.difference(*(others for other, others in NAMED.items() if other != extra))
    for extra, named in NAMED.items()
}

# Several distributions share the package `opentelemetry`.
OF_A_SHARED_NAME = {
    "tracing": ["opentelemetry.sdk", "opentelemetry.exporter"],
    "logboek": ["opentelemetry.proto"],
}


def without(extra: str) -> str:
    """Return code after which nothing of `extra` can be imported."""
    names = [
        name
        for name, distributions in packages_distributions().items()
        if any(each.lower() in LIBRARIES[extra] for each in distributions)
        and not name.startswith(("opentelemetry",))
    ] + OF_A_SHARED_NAME.get(extra, [])
    return (
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if any(name == each or name.startswith(each + '.') for each in {sorted(names)!r}):\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Missing())\n"
    )


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


@pytest.mark.parametrize("extra", EXTRAS)
def test_a_worker_and_every_command_but_its_own_start_without_an_extra(extra: str) -> None:
    # Board and gateway stand on the same framework.
    stand = [
        each for each in COMMANDS.values() if not LIBRARIES[extra] & LIBRARIES.get(each.extra or "", set())
    ]
    modules = sorted({where.place.split(":")[0] for where in stand})
    imports = "\n".join(f"import eropaf.commands.{module}" for module in modules)

    done = python(f"{without(extra)}import eropaf.worker\n{imports}")

    assert done.returncode == 0, done.stderr


def test_the_boards_command_says_what_to_install() -> None:
    run = "sys.argv = ['eropaf', 'board', 'run']\nfrom eropaf.main import main\nmain()"

    done = python(without("board") + run)

    assert done.returncode == 1
    assert "`eropaf board` needs " in done.stderr
    assert "`pip install 'eropaf[board]'`" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_tool_of_tests_is_among_what_is_installed() -> None:
    installed = {re.split(r"[\[<>=]", each)[0] for each in PROJECT["dependencies"]}.union(*LIBRARIES.values())

    assert installed.isdisjoint(
        {"playwright", "axe-playwright-python", "pytest", "hypothesis", "mypy", "ruff"}
    )
