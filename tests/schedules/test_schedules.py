"""The short form of `make schedules`: the flow holds, mutants are found, and a seed is the same twice."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
WITHIN_S = 500


def schedules(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it in a process of its own: it takes the clock of whoever runs it."""
    return subprocess.run(
        [sys.executable, "-m", "tests.schedules", *arguments],
        cwd=REPO,
        env={**os.environ, "PYTHONPATH": f"{REPO}:{REPO / 'clients'}"},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
    )


def test_whatever_befalls_the_flow_nothing_is_lost_repeated_or_told_otherwise() -> None:
    done = schedules("--first", "1", "--count", "120")

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("120 schedules, 0 failed")


@pytest.mark.parametrize(
    "mutant",
    [
        "no-fencing",
        "offsets-before-outputs",
        "restore-skipped",
        "revoked-partitions-kept",
        "handed-on-read-again",
    ],
)
def test_a_mechanism_with_a_piece_turned_off_is_found(mutant: str) -> None:
    done = schedules("--mutants", mutant, "--count", "1000")

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(rf"\| {mutant} \| [0-9]+ \|\n", done.stdout)


def test_the_same_seed_is_the_same_schedule_in_every_process() -> None:
    one, other = (schedules("--seed", "5").stdout for _ in range(2))

    assert re.match("seed 5, trace [0-9a-f]{32}, ", one)
    assert one == other
