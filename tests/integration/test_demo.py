"""The demo, as a stranger runs it."""

from __future__ import annotations

import json
import re
import signal
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest

from eropaf.deploy.embedded.installation import Installation
from eropaf.deploy.embedded.ports import choose
from tests.integration.processes import PATIENCE_S, Process, ended, until

pytestmark = pytest.mark.kafka

DEMO = ["-m", "eropaf.main", "demo", "--households", "20000", "--speed", "6"]


def a_demo(log: Path, *more: str, **roof: str) -> Process:
    # Ports of its own: two may run side by side.
    board, metrics = choose(2)
    ports = {"EROPAF_BOARD_PORT": str(board), "EROPAF_METRICS_PORT": str(metrics)}
    return Process([*DEMO, *more], log, **(ports | roof))


def summary(log: Path, *more: str) -> dict[str, Any]:
    demo = a_demo(log, "--once", "--seed", "5", *more)
    with ended(demo):
        assert demo.wait(2 * PATIENCE_S) == 0, demo.said
    found: dict[str, Any] = json.loads(demo.said[demo.said.index("{") :])
    return found


def test_one_seed_gives_one_set_of_updates_also_with_every_door_shut(
    installation: Installation, tmp_path: Path
) -> None:
    one, other = summary(tmp_path / "open"), summary(tmp_path / "shut", "--secure")

    assert one["updates"] > 100
    assert one["rejected"] == {"broken-body": 1, "no-value": 1, "unknown-schema": 1, "wrong-magic": 1}
    assert one["latency_p50_s"] < one["latency_p99_s"]
    assert other["updates_sha256"] == one["updates_sha256"]
    assert other["rejected"] == one["rejected"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", ["", "events in"])
def test_whenever_it_is_ended_everything_of_it_is_gone(
    installation: Installation, tmp_path: Path, number: int, moment: str
) -> None:
    demo = a_demo(tmp_path / "log")
    with ended(demo):
        parent = psutil.Process(demo.popen.pid)
        demo.until(
            lambda: any("java" in child.name() for child in parent.children(True)), PATIENCE_S, "Kafka is up"
        )
        demo.until(lambda: moment in demo.said, PATIENCE_S, moment)
        family = parent.children(recursive=True)

        demo.popen.send_signal(number)
        demo.wait(PATIENCE_S)
        until(lambda: not alive(family), PATIENCE_S, "every process of the demo gone")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_one_that_was_to_end_by_itself_fails_when_interrupted(
    installation: Installation, tmp_path: Path, number: int, status: int
) -> None:
    demo = a_demo(tmp_path / "log", "--once")
    with ended(demo):
        demo.until(lambda: "events in" in demo.said, PATIENCE_S, "events")

        demo.popen.send_signal(number)

        assert demo.wait(PATIENCE_S) == status
    assert "updates_sha256" not in demo.said
    assert "Traceback" not in demo.said


def test_it_opens_on_the_board_and_says_how_to_log_in(installation: Installation, tmp_path: Path) -> None:
    demo = a_demo(tmp_path / "log")
    with ended(demo):
        demo.until(lambda: "sanne (outreach)" in demo.said, PATIENCE_S, "where the board is")
        (url,) = set(re.findall(r"page: (http://\S+)", demo.said))

        with urllib.request.urlopen(f"{url}/login", timeout=PATIENCE_S) as page:  # noqa: S310  # loopback
            assert "Vroeg Eropaf" in page.read().decode()


def test_when_it_is_killed_nothing_of_it_stays(installation: Installation, tmp_path: Path) -> None:
    demo = a_demo(tmp_path / "log")
    with ended(demo):
        parent = psutil.Process(demo.popen.pid)
        demo.until(lambda: "events in" in demo.said, PATIENCE_S, "events")
        family = parent.children(recursive=True)

        demo.kill()

        until(lambda: not alive(family), PATIENCE_S, "every process of the demo gone")


def alive(family: list[psutil.Process]) -> list[psutil.Process]:
    return [each for each in family if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]
