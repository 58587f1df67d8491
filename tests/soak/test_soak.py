"""The short forms of `make soak`: on the model of Kafka, where memory is counted, and on a real broker."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from eropaf.deploy.embedded.installation import Installation
from tests.soak.judged import MEMORY
from tests.soak.real import soak

REPO = Path(__file__).parents[2]
SIMULATED_S = 60
SECONDS = 15.0
WITHIN_S = 300


def on_the_model(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it in a process of its own: it takes the clock of whoever runs it."""
    return subprocess.run(
        [sys.executable, "-m", "tests.soak", "--model", str(SIMULATED_S), *arguments],
        cwd=REPO,
        env={**os.environ, "PYTHONPATH": f"{REPO}:{REPO / 'clients'}"},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
    )


@pytest.mark.timeout(WITHIN_S)
def test_what_a_worker_holds_does_not_grow_with_time() -> None:
    done = on_the_model()

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{SIMULATED_S * 20} signals" in done.stdout


@pytest.mark.timeout(WITHIN_S)
def test_what_grew_with_each_batch_once_is_found() -> None:
    done = on_the_model("--mutant", "lately-kept")

    assert done.returncode == 1, done.stdout + done.stderr
    assert "GROWS" in done.stdout


@pytest.mark.kafka
@pytest.mark.timeout(WITHIN_S)
def test_a_worker_on_a_real_broker_takes_no_more_of_what_is_counted(
    installation: Installation, tmp_path: Path
) -> None:
    found, signals = soak(tmp_path, installation, SECONDS, per_second=200, replaced_every_s=math.inf)

    assert signals > 1_000
    assert {"descriptors", "threads", "connections", "producer ids", "records that wait"} <= {
        each.what for each in found
    }
    # So short a time is too short for the slope of memory: allocators move in steps of a MiB.
    assert [each for each in found if each.what != MEMORY and not each.good] == []
