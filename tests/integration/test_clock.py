"""Workers that nothing but Kubernetes supervises tell the day: no `eropaf run` is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.ports import choose
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS
from tests.integration.processes import PATIENCE_S, Process, ended
from tests.integration.system import PARTITIONS, System

pytestmark = pytest.mark.kafka

TOLD = "told the day"


def worker(system: System, name: str) -> Process:
    return Process(
        ["-m", "eropaf.worker", name, str(choose(1)[0])],
        system.folder / f"{name}.log",
        **system.environment,
        EROPAF_CLOCK="wall",
    )


def ticks_told(system: System) -> int:
    """Count the ticks that a clock told; slices that follow are the workers'."""
    events = [value for _, value in system.read(HOUSEHOLD_EVENTS, "HouseholdEvent")]
    return sum(event["tick"] is not None and event["tick"]["slices"] == 0 for event in events)


def test_one_of_the_workers_tells_the_day_and_another_when_that_one_is_killed(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    system = System(fresh, tmp_path, started=False)
    system.environment.pop("EROPAF_CLOCK")
    system.command("topics", "create")

    first = worker(system, "pod-0")
    with ended(first):
        first.until(lambda: TOLD in first.said, PATIENCE_S, "the day told")
        first.until(lambda: ticks_told(system) >= PARTITIONS, PATIENCE_S, "a tick on each partition")

        second = worker(system, "pod-1")
        with ended(second):
            second.until(lambda: "partitions open" in second.said, PATIENCE_S, "the second reads")
            first.kill()
            second.until(lambda: TOLD in second.said, PATIENCE_S, "the day told by the other")
            second.until(
                lambda: ticks_told(system) >= 2 * PARTITIONS, PATIENCE_S, "another on each partition"
            )
