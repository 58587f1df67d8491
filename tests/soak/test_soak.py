"""The short form of `make soak`: on the model of Kafka, where every object is counted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.processes import PATIENCE_S, until
from tests.soak.sampler import Sampler

REPO = Path(__file__).parents[2]
SIMULATED_S = 60
WITHIN_S = 500


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


def test_what_a_worker_holds_does_not_grow_with_time() -> None:
    done = on_the_model()

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{SIMULATED_S * 20} signals" in done.stdout


def test_what_grew_with_each_batch_once_is_found() -> None:
    done = on_the_model("--mutant", "lately-kept")

    assert done.returncode == 1, done.stdout + done.stderr
    assert "GROWS" in done.stdout


def test_a_soak_leaves_what_it_saw_when(tmp_path: Path) -> None:
    with Sampler(lambda: [], {"broker": lambda: {"producer ids": 3.0}}, 0.01, tmp_path / "course") as sampler:
        until(lambda: len(sampler.samples["broker", "producer ids"]) > 1, PATIENCE_S, "two samples")

    lines = (tmp_path / "course").read_text().splitlines()
    seen = [line.partition(",")[2] for line in lines if "broker" in line]
    assert len(seen) > 1
    assert set(seen) == {"broker,producer ids,3.00"}


def test_a_soak_that_could_not_look_at_something_fails(tmp_path: Path) -> None:
    def away() -> dict[str, float]:
        raise ConnectionRefusedError

    with (
        pytest.raises(RuntimeError, match="nothing could be sampled of broker"),
        Sampler(lambda: [], {"broker": away}, 0.01, tmp_path / "course"),
    ):
        pass
