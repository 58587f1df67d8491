"""Many schedules: `python -m tests.schedules --count 10000`.

`--seed N` replays one, and where it fails finds the fewest faults with which it still does.

With `--mutants` each mutant of `tests/chaos/mutants.py` is looked for instead.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.chaos.mutants import IN_SCHEDULES_ONLY, MUTANTS
from tests.schedules.process import prepare
from tests.schedules.run import Outcome, Schedule
from tests.schedules.strikes import Strike, shrunk

AT_ONCE = 20
EVERY_MUTANT = MUTANTS | IN_SCHEDULES_ONLY
# A mutant that so many schedules do not show is not found.
MOST_FOR_A_MUTANT = 10_000


@dataclass(frozen=True, slots=True)
class Portion:
    """Some schedules in a row: how many were run, and what the first that failed was like."""

    count: int
    failed: tuple[int, str] | None


def portion(first: int, count: int) -> Portion:
    """Run `count` schedules from seed `first` on, up to the first that fails."""
    for seed in range(first, first + count):
        outcome = Schedule(seed).run()
        if not outcome.clean:
            return Portion(seed - first + 1, (seed, str(outcome)))
    return Portion(count, None)


def portions(first: int, count: int, processes: int) -> Iterator[Portion]:
    """Run schedules on several processors."""
    jobs = [(start, min(AT_ONCE, first + count - start)) for start in range(first, first + count, AT_ONCE)]
    prepare()
    with multiprocessing.Pool(processes) as pool:
        yield from pool.imap_unordered(_portion, jobs)


def _portion(job: tuple[int, int]) -> Portion:
    return portion(*job)


def many(first: int, count: int, processes: int) -> int:
    """Run `count` schedules; tell how many a second, and each that failed. Return how many failed."""
    began, run, failed = time.perf_counter(), 0, 0
    for done in portions(first, count, processes):
        run += done.count
        if done.failed is not None:
            failed += 1
            sys.stdout.write(f"{done.failed[1]}\n")
    took_s = time.perf_counter() - began
    sys.stdout.write(f"{run} schedules, {failed} failed, {took_s:.0f} s, {run / took_s:.1f} a second\n")
    return failed


def one(seed: int) -> int:
    """Replay one schedule; where it fails, find the fewest faults with which it does."""
    prepare()
    outcome, again = Schedule(seed).run(), Schedule(seed).run()
    sys.stdout.write(f"{outcome}\n")
    if outcome.trace != again.trace:
        sys.stdout.write(f"not the same twice: trace {again.trace}\n")
        return 1
    if outcome.clean:
        return 0
    fewest = shrunk(outcome.strikes, lambda strikes: not _with(seed, strikes).clean)
    sys.stdout.write(f"shrunk from {len(outcome.strikes)} faults to {len(fewest)}:\n{_with(seed, fewest)}\n")
    return 1


def _with(seed: int, strikes: list[Strike]) -> Outcome:
    return Schedule(seed, strikes).run()


def hunt(job: tuple[str, int, int]) -> tuple[str, int | None]:
    """Return how many schedules a mutant took; None where it was not found. Patches this process."""
    name, first, most = job
    EVERY_MUTANT[name].patch()
    found = portion(first, most)
    return name, found.count if found.failed else None


def mutants(names: list[str], first: int, most: int, processes: int) -> int:
    """Look for each mutant in a process of its own, and tell a table; return how many were not found."""
    jobs, missed = [(name, first, most) for name in names], 0
    prepare()
    with multiprocessing.Pool(processes, maxtasksperchild=1) as pool:
        sys.stdout.write("| mutant | found in schedules |\n|---|---:|\n")
        for name, count in pool.imap_unordered(hunt, jobs):
            sys.stdout.write(f"| {name} | {f'NOT in {most}' if count is None else count} |\n")
            sys.stdout.flush()
            missed += count is None
    return missed


def main() -> int:
    """Read what is wanted, and do it."""
    if os.environ.get("PYTHONHASHSEED") != "0":
        # Sets have an order of their own in each process, and a schedule must be the same in all of them.
        again = [sys.executable, "-m", "tests.schedules", *sys.argv[1:]]
        os.execve(sys.executable, again, {**os.environ, "PYTHONHASHSEED": "0"})  # noqa: S606
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--first", type=int, default=1, help="first seed")
    asked.add_argument("--count", type=int, default=1_000)
    asked.add_argument("--seed", type=int, help="replay this one")
    asked.add_argument(
        "--mutants", nargs="*", metavar="MUTANT", help=f"of {json.dumps(sorted(EVERY_MUTANT))}"
    )
    asked.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = asked.parse_args()
    if given.seed is not None:
        return one(given.seed)
    if given.mutants is not None:
        most = min(given.count, MOST_FOR_A_MUTANT)
        return mutants(given.mutants or sorted(EVERY_MUTANT), given.first, most, given.processes)
    return many(given.first, given.count, given.processes)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
