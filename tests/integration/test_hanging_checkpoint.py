"""A checkpoint that is never answered: the worker ends in time, and says why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.installation import Installation
from eropaf.deploy.embedded.ports import HOST, choose
from eropaf.deploy.embedded.properties import Ports
from tests.chaos.proxy import END_TXN, Network
from tests.conftest import SOON
from tests.integration.processes import PATIENCE_S, Process, ended
from tests.integration.test_plumbing import Flow

pytestmark = pytest.mark.kafka


@pytest.fixture
def network() -> Iterator[Network]:
    network = Network()
    yield network
    network.close()


def test_a_worker_cut_off_stops_once_the_broker_must_have_aborted_its_checkpoint(
    installation: Installation, network: Network, tmp_path: Path
) -> None:
    behind, before = choose(2)

    def listeners(node: int, ports: Ports) -> dict[str, str]:
        return {
            **SOON,
            "listeners": (
                f"PLAINTEXT://{HOST}:{ports.broker},CONTROLLER://{HOST}:{ports.controller},"
                f"WORKERS://{HOST}:{behind}"
            ),
            "advertised.listeners": f"PLAINTEXT://{HOST}:{ports.broker},WORKERS://{HOST}:{before}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,WORKERS:PLAINTEXT",
        }

    with EmbeddedKafka(installation=installation, properties=listeners) as kafka:
        network.listen(before, behind, kafka=True)
        flow = Flow(kafka, tmp_path, "consumer")
        arguments = [f"{HOST}:{before}", "one", "transaction_timeout_s=8"]
        worker = Process(["-m", "tests.integration.counting_worker", *arguments], tmp_path / "one")
        with ended(worker):
            flow.feed(50_000)
            flow.wait_for(1_000)

            # At any other moment there may be nothing to save, and such a worker waits for its broker.
            network.cut_at(END_TXN, worker.popen.pid)

            assert worker.wait(PATIENCE_S) == 70
            assert "a checkpoint was not saved within 8 s" in worker.said
