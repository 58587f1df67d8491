"""What a worker says of itself, as an operator or Kubernetes asks."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from tests.integration.processes import PATIENCE_S, until
from tests.integration.system import System

pytestmark = pytest.mark.kafka


def asked(system: System, what: str, worker: int = 0) -> tuple[int, str]:
    url = f"http://127.0.0.1:{int(system.environment['EROPAF_METRICS_PORT']) + worker}/health/{what}"
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()
    except OSError:  # it is being started
        return 0, ""


def test_a_worker_says_what_it_waits_for_and_outlives_the_wait(system: System, fresh: EmbeddedKafka) -> None:
    # Whoever the group still shares with when its broker goes may find its partitions given to the other.
    until(lambda: asked(system, "ready", worker=1)[0] == 200, PATIENCE_S, "the other worker ready")
    until(lambda: asked(system, "ready")[0] == 200, PATIENCE_S, "the worker ready")
    assert "partitions open" in asked(system, "ready")[1]

    fresh.nodes[0].kill()

    until(
        lambda: "no broker has answered since 20" in asked(system, "ready")[1],
        PATIENCE_S,
        "the worker not ready",
    )
    assert asked(system, "ready")[0] == 503
    assert asked(system, "live")[0] == 200

    fresh.nodes[0].start()

    until(lambda: asked(system, "ready")[0] == 200, PATIENCE_S, "the worker ready again")
