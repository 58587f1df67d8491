"""`python -m tests.pythons`: unit and property tests on every Python that is installed, from 3.11 on.

Each has an environment of its own in `build/pythons`, with the versions of the lock file where it has
them for that Python. Exits 1 where a test fails on one of them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.calendar.__main__ import build, shifted
from tests.calendar.days import chosen, told

REPO = Path(__file__).parents[1]
FOLDER = REPO / "build" / "pythons"
MINORS = (11, 12, 13, 14)
ASK = "import sys; print(*sys.version_info[:2])"
TESTS = ("tests/unit", "tests/property")
# Python tells of it from 3.13 on; tests leave the ledger of a process that they kill, as a kill does.
LEFT_OPEN = ("-W", "ignore:unclosed database:ResourceWarning")


def main() -> int:
    """Run the tests on each Python, and say which passed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--newest", action="store_true", help="the newest alone, where it is not this one")
    parser.add_argument(
        "--chosen-by", metavar="COMMIT", help="on the difficult day that follows from a commit's hash"
    )
    arguments, pytest = parser.parse_known_args()
    found = dict(sorted(interpreters()))
    if arguments.newest:
        found = dict(list(found.items())[-1:])
        if sys.version_info[1] in found and not arguments.chosen_by:
            _say(f"no Python newer than this one (3.{sys.version_info[1]}) here, so none is tested")
            return 0
    with tempfile.TemporaryDirectory(prefix="eropaf-pythons-") as folder:
        clock: dict[str, str] = {}
        if arguments.chosen_by:
            moment = chosen(arguments.chosen_by)
            _say(told(moment))
            clock = shifted(build(Path(folder)), moment)
        passed = {minor: _run(minor, python, pytest or list(TESTS), clock) for minor, python in found.items()}
    for minor in MINORS:
        _say(f"Python 3.{minor}: {_told(passed.get(minor))}")
    return 0 if passed and all(passed.values()) else 1


def interpreters() -> Iterator[tuple[int, str]]:
    """Yield each Python that runs, by its minor version: on the path, of uv, of pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for minor in MINORS:
        asked = ["uv", "python", "find", "--no-project", "--no-python-downloads", "--managed-python"]
        of_uv = subprocess.run([*asked, f"3.{minor}"], capture_output=True, text=True).stdout.strip()
        places = [shutil.which(f"python3.{minor}"), of_uv, *pyenv.glob(f"3.{minor}.*/bin/python")]
        for python in filter(None, places):
            if _answers(str(python), minor):
                yield minor, str(python)
                break


def _answers(python: str, minor: int) -> bool:
    done = subprocess.run([python, "-c", ASK], capture_output=True, text=True)
    return done.stdout.split() == ["3", str(minor)]


def _run(minor: int, python: str, pytest: list[str], clock: dict[str, str]) -> bool:
    """Make the environment of one Python, today; run the tests in it, by `clock`."""
    folder = FOLDER / f"3.{minor}"
    environment = {**os.environ, "VIRTUAL_ENV": str(folder), "UV_PYTHON_DOWNLOADS": "never"}
    install = ["uv", "pip", "install", "--quiet", "--no-sources", "--constraint", "requirements.lock"]
    made = [
        ["uv", "venv", "--quiet", "--clear", "--python", python, str(folder)],
        [*install, "--editable", "clients", "--editable", ".[board,tracing,disk]", "--group", "dev"],
    ]
    tests = [str(folder / "bin" / "python"), "-m", "pytest", "-p", "no:cacheprovider", *LEFT_OPEN, *pytest]
    _say(f"Python 3.{minor} ({python})")
    if not all(subprocess.run(step, cwd=REPO, env=environment).returncode == 0 for step in made):
        return False
    return subprocess.run(tests, cwd=REPO, env=environment | clock).returncode == 0


def _told(passed: bool | None) -> str:
    return "not installed here" if passed is None else "passed" if passed else "FAILED"


def _say(text: str) -> None:
    sys.stdout.write(f"== {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    sys.exit(main())
