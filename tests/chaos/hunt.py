"""Hunting mutants: each must be caught by the oracle, under the fault that it cannot stand.

python -m tests.chaos.hunt [MUTANT...]
"""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from eropaf.deploy.embedded.install import install
from eropaf.deploy.embedded.installation import Installation
from tests.chaos.mutants import MUTANTS
from tests.chaos.run import Run
from tests.chaos.schedule import schedule
from tests.chaos.setup import Setup
from tests.chaos.system import System
from tests.verdict import Verdict

SEED = 1
PER_SECOND = 200
# A mutant that lives through so many faults has survived.
FAULTS = 12
GIVE_UP_AFTER_S = 300.0


def hunt(name: str, folder: Path, installation: Installation, say: Callable[[str], object]) -> Verdict:
    """Let faults loose on a mutant until the oracle finds a difference; give its word."""
    setup = Setup(SEED, per_second=PER_SECOND, command=("-m", "tests.chaos.mutated", "run", name))
    steps = islice(schedule(SEED, [MUTANTS[name].fault.kind]), FAULTS)
    with System(setup, folder, installation) as system:
        report = Run(system, 1, say).work(steps, time.monotonic() + GIVE_UP_AFTER_S)
    return report.verdict


def main(names: list[str]) -> int:
    """Hunt; exit 1 where one survives."""
    installation, survivors = install(None), []
    for name in names or MUTANTS:
        with tempfile.TemporaryDirectory(prefix="eropaf-mutant-") as folder:
            verdict = hunt(name, Path(folder), installation, lambda text: None)
        sys.stdout.write(f"{'SURVIVED' if verdict.clean else 'caught'}: {name}: {verdict}\n")
        sys.stdout.flush()
        if verdict.clean:
            survivors.append(name)
    return 1 if survivors else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leave no process behind
    sys.exit(main(sys.argv[1:]))
