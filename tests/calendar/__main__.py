"""`python -m tests.calendar`: the suite on days when code that asks for the date goes wrong.

Every process of a run sees the shifted clock: tests, workers, brokers, browsers. Exits 1 where a test
fails on one of the days.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.calendar.days import Moment, moments, told

SOURCE = Path(__file__).with_name("shifted.c")
WITHOUT_A_BROKER = ("tests/unit", "tests/property")


def main() -> int:
    """Run pytest on each day that was asked for."""
    known = {moment.name: moment for moment in moments(datetime.now(UTC))}
    arguments, pytest = _parser(list(known)).parse_known_args()
    failed = []
    with tempfile.TemporaryDirectory(prefix="eropaf-calendar-") as folder:
        clock = build(Path(folder))
        for name in arguments.days or known:
            moment = known[name]
            _say(told(moment))
            command = [sys.executable, "-m", "pytest", *(pytest or WITHOUT_A_BROKER)]
            if subprocess.run(command, env=os.environ | shifted(clock, moment)).returncode:
                failed.append(name)
    _say(f"failed on: {', '.join(failed)}" if failed else "passed on every day")
    return 1 if failed else 0


def build(folder: Path) -> Path:
    """Compile the shifted clock."""
    library = folder / "shifted.so"
    compiler = os.environ.get("CC", "cc")
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, SOURCE, "-ldl"], check=True)
    return library


def shifted(clock: Path, moment: Moment) -> dict[str, str]:
    """Return the environment in which it is `moment` now, and in which the clock goes on from there."""
    # Where this process has a shifted clock already: from the real one, not from that.
    shifted_s = int(os.environ.get("CLOCK_SHIFT_S", "0"))
    shift_s = shifted_s + int((moment.at - datetime.now(UTC)).total_seconds())
    return {"LD_PRELOAD": str(clock), "CLOCK_SHIFT_S": str(shift_s), "TZ": moment.zone}


def _parser(names: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.calendar", description=__doc__, epilog="Any other argument is pytest's."
    )
    parser.add_argument("--days", nargs="+", choices=names, help="only these")
    return parser


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
