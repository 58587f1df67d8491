"""`python -m tests.soak`: a flow that runs for long at a steady rate, and what grows in its processes.

One creditor delivers much and one next to nothing, a worker is replaced now and then, and a day passes every
half minute. Households are as many at the end as at the beginning, so what grows is no state. Exits 1 where
something may grow faster than it must. What was sampled and what the processes said is left in build/soak.

With `--model SECONDS` on the model of Kafka instead, for so many simulated seconds; `--mutant` puts back
what grew once, which must be found.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
from collections.abc import Sequence

from eropaf.deploy.embedded.install import install
from tests.integration.processes import REPO
from tests.schedules.process import prepare
from tests.soak.judged import Judged, as_markdown
from tests.soak.model import soak_model
from tests.soak.mutants import MUTANTS
from tests.soak.real import soak

REPLACED_EVERY_S = 600.0
COURSE = REPO / "build" / "soak"


def main() -> int:
    """Run, and print the slopes."""
    asked = _arguments()
    if asked.model:
        prepare()
        found, signals = soak_model(asked.model, MUTANTS[asked.mutant] if asked.mutant else lambda: None)
        return _told(found, f"{signals} signals in {asked.model:g} simulated seconds")
    shutil.rmtree(COURSE, ignore_errors=True)
    COURSE.mkdir(parents=True)
    found, signals = soak(COURSE, install(None), asked.minutes * 60, asked.per_second, REPLACED_EVERY_S)
    return _told(found, f"{signals} signals in {asked.minutes:g} minutes")


def _told(found: Sequence[Judged], what: str) -> int:
    sys.stdout.write(f"{what}\n\n{as_markdown(found)}\n")
    return 0 if all(each.good for each in found) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=90.0)
    parser.add_argument("--per-second", type=int, default=1_900, help="signals; 90 minutes make 10 million")
    parser.add_argument("--model", type=float, metavar="SECONDS")
    parser.add_argument("--mutant", choices=MUTANTS, help="with --model")
    asked = parser.parse_args()
    if asked.mutant and not asked.model:
        parser.error("--mutant goes with --model")
    return asked


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leave no process behind
    sys.exit(main())
