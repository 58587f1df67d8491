"""`eropaf status` on a real cluster: who reads what, what waits, and whether a person is needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf_client.schemas.topics import arrears
from tests.integration.processes import PATIENCE_S, ended, until
from tests.integration.system import System
from tests.integration.test_replay import produced

pytestmark = pytest.mark.kafka


def status(system: System, exits: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(system.command("status", status=exits).splitlines()[-1])
    return found


def test_status_names_workers_and_what_waits_and_says_when_a_person_is_needed(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    system = System(fresh, tmp_path)
    with ended(system.workers):
        system.until_reading()
        until(lambda: shared(status_of_any_kind(system)), PATIENCE_S, "the partitions shared, and read")

        assert status(system, exits=3)["clock_told"] is None
        system.command("tick", "--on", "2026-03-02")
        system.at_rest()
        healthy = status(system, exits=0)
        assert healthy["clock_told"] == "2026-03-02"
        assert {worker["name"] for worker in healthy["workers"]} == {"worker-1", "worker-2"}
        assert all(worker["partitions"] for worker in healthy["workers"])
        assert (healthy["policy"]["holds"], healthy["rejected_open"]) == ("amsterdam-example-3", {})

        produced(system, arrears("rent"), b"\x01" * 30, b"poison")
        until(lambda: status_of_any_kind(system)["rejected_open"] != {}, PATIENCE_S, "the poison rejected")
        assert status(system, exits=3)["rejected_open"] == {"wrong-magic": 1}
        system.stop()

    produced(system, arrears("rent"), b"\x01" * 30, b"poison")
    stopped = status(system, exits=3)
    assert stopped["workers"] == []
    assert {each["stage"]: each["waiting"] for each in stopped["stages"]}["intake"] == 1
    assert stopped["needs_a_person"][0].startswith("no worker runs")


def shared(found: dict[str, Any]) -> bool:
    """Return whether both workers have partitions, and every partition has been read."""
    working = [worker for worker in found["workers"] if worker["partitions"]]
    return len(working) == 2 and not any(each["unread_partitions"] for each in found["stages"])


def status_of_any_kind(system: System) -> dict[str, Any]:
    """Ask for it in this process, whatever the exit status would be."""
    from eropaf.cluster.state_now import as_json, state_now
    from eropaf.settings import Settings

    creditors = tuple(system.environment["EROPAF_CREDITORS"].split(","))
    return as_json(state_now(Settings(bootstrap=system.bootstrap, creditors=creditors)))
