"""A process that stops at once does so whatever becomes of what it says."""

from __future__ import annotations

import os
import subprocess
import sys

from eropaf.streams.errors import EXIT_STOPPED_AT_ONCE

STOPS = """
import os, sys
from eropaf.process import logs
from eropaf.streams.errors import stop_at_once
logs.configure("json", "worker-1", "info")
os.set_blocking(1, False)
try:
    while True:
        os.write(1, b"x" * 65536)
except BlockingIOError:
    pass
os.set_blocking(1, True)
stop_at_once("the table is torn")
"""


def test_a_worker_whose_output_nobody_reads_stops_all_the_same() -> None:
    listening, telling = os.pipe()
    worker = subprocess.Popen(
        [sys.executable, "-c", STOPS],
        stdout=subprocess.PIPE,
        env={**os.environ, "STREAMS_LAST_WORDS": str(telling)},
        pass_fds=(telling,),
    )
    try:
        assert worker.wait(60) == EXIT_STOPPED_AT_ONCE
        assert os.read(listening, 4096) == b"the table is torn"
    finally:
        worker.kill()
        worker.wait()
        assert worker.stdout is not None
        worker.stdout.close()
        os.close(listening)
        os.close(telling)


def test_a_thread_that_fails_ends_the_worker() -> None:
    fails = "; ".join(
        [
            "import threading",
            "from eropaf.streams.errors import begin_guarded",
            "begin_guarded('probe', lambda: [][0])",
            "threading.Event().wait()",
        ]
    )

    worker = subprocess.run([sys.executable, "-c", fails], capture_output=True, timeout=60)

    assert worker.returncode == EXIT_STOPPED_AT_ONCE
    assert b"the probe of this worker failed" in worker.stdout
