"""A worker keeps no state on disk, so a disk that is full, slow or gone cannot hurt what it promises."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.embedded import EmbeddedKafka
from tests.integration.processes import REPO
from tests.integration.test_plumbing import Flow

pytestmark = pytest.mark.kafka


def test_a_worker_that_may_not_write_one_byte_to_a_file_does_all_its_work(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    flow = Flow(fresh, tmp_path, "consumer")
    worker = subprocess.Popen(
        [
            *("prlimit", "--fsize=0", sys.executable, "-m", "tests.integration.counting_worker"),
            *(fresh.bootstrap, "one"),
        ],
        cwd=REPO,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "EROPAF_PARENT": str(os.getpid())},
    )
    try:
        flow.feed(5_000)
        flow.wait_for(5_000)

        flow.check(5_000)
    finally:
        worker.kill()
        worker.wait()
