"""A full disk cannot hurt what a worker promises: nothing on it is needed, and it says what failed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from tests.integration.processes import PATIENCE_S, REPO, ended
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
        env={**os.environ, "STREAMS_PARENT": str(os.getpid())},
    )
    try:
        flow.feed(5_000)
        flow.wait_for(5_000)

        flow.check(5_000)
    finally:
        worker.kill()
        worker.wait()


def test_a_worker_whose_disk_fills_up_says_so_and_ends_and_the_next_goes_on(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    flow = Flow(fresh, tmp_path, "consumer")
    on_disk = f"state={tmp_path / 'rows'}"
    # More than RocksDB holds back in memory.
    fed = 40_000
    worker = flow.start("one", on_disk)
    with ended(worker):
        flow.feed(1_000, key="{:01500}".format)
        flow.wait_for(1_000)
        # No file may become longer, as if the disk held no more.
        psutil.Process(worker.popen.pid).rlimit(psutil.RLIMIT_FSIZE, (100_000, 100_000))
        flow.feed(fed, key="again {:01500}".format)

        assert worker.wait(PATIENCE_S) == 70
        assert "state on disk failed" in worker.said
        assert "File too large" in worker.said

    another = flow.start("one", on_disk)
    with ended(another):
        flow.wait_for(1_000 + fed)

        assert {tuple(sums) for sums in flow.sums.values()} == {(1,)}
        assert flow.count == 1_000 + fed
