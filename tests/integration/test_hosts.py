"""`eropaf run` on two hosts of one group: each has names of its own, and they share the work."""

from __future__ import annotations

from pathlib import Path

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.ports import choose, first_free
from eropaf_client.publisher import ArrearsPublisher
from tests.builders import an_arrears_signal
from tests.integration.processes import PATIENCE_S, Process, ended
from tests.integration.system import running

pytestmark = pytest.mark.kafka


def test_two_hosts_share_the_work_and_neither_ends_the_others_workers(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    with running(fresh, tmp_path, EROPAF_WORKER_NAME="host-a") as one:
        environment = one.environment | {
            "EROPAF_WORKER_NAME": "host-b",
            "EROPAF_METRICS_PORT": str(first_free(choose(1)[0], 2)),
        }
        other = Process(["-m", "eropaf.main", "run"], tmp_path / "other.log", **environment)
        with ended(other):
            other.until(
                lambda: other.said.count("partitions open") >= 2,
                PATIENCE_S,
                "both workers of the other host read",
            )
            with ArrearsPublisher(fresh.bootstrap, "rent") as publisher:
                publisher.report_all(
                    an_arrears_signal(signal_id=f"s-{n}", contract=f"c-{n}") for n in range(500)
                )
            one.quiet(500)
            assert "worker ended" not in one.workers.said + other.said
            other.popen.terminate()
            assert other.wait(PATIENCE_S) == 0, other.said
