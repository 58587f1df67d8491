"""Where things grow past what anybody meant: they work, or are refused with a clear word."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.flood import CREDITOR, environment, flood
from clients.publisher import ArrearsPublisher
from clients.records import Resident
from deploy.embedded import EmbeddedKafka
from deploy.embedded.ports import choose
from eropaf.commands.topics import create_topics
from eropaf.settings import Settings
from risk.life import MOST_POSITIONS
from schemas.topics import REJECTED
from tests.builders import SECRET, an_arrears_signal
from tests.integration.processes import Process, ended, until
from tests.integration.system import CHANGELOG, System

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


def test_a_household_with_ten_thousand_contracts_stops_nobody(system: System) -> None:
    contracts = 10_000
    with ArrearsPublisher(system.bootstrap, "rent") as publisher:
        publisher.report_all(
            an_arrears_signal(signal_id=f"s-{number}", contract=f"contract-{number}")
            for number in range(contracts)
        )
        publisher.report(
            an_arrears_signal(contract="next door", resident=Resident(postcode="1011 AB", house_number="14"))
        )

    system.quiet(contracts + 1)

    rows = dict(system.read(CHANGELOG, "HouseholdRow")).values()
    assert sorted(len(row["positions"]) for row in rows) == [1, MOST_POSITIONS]
    reasons = [letter["reason"] for _, letter in system.read(REJECTED, "Rejected")]
    assert reasons == ["household-too-large"] * (contracts - MOST_POSITIONS)
    assert "worker ended" not in system.workers.said


def test_a_feed_faster_than_its_worker_costs_time_and_not_memory(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    settings = Settings(bootstrap=fresh.bootstrap, household_secret=SECRET.decode(), creditors=(CREDITOR,))
    create_topics(settings)
    port = str(choose(1)[0])
    worker = Process(
        ["-m", "eropaf.worker", "worker-1", port], tmp_path / "log", **environment(fresh.bootstrap)
    )
    with ended(worker):
        found = flood(settings, worker, seconds=2)

    assert found.lag_at_end > 0
    assert found.well, found


def test_a_thousand_creditors_are_served(fresh: EmbeddedKafka, tmp_path: Path) -> None:
    creditors = [f"creditor-{number}" for number in range(1_000)]
    system = System(
        fresh,
        tmp_path,
        EROPAF_CREDITORS=",".join(creditors),
        EROPAF_PARTITIONS="1",
        EROPAF_WORKERS="1",
    )
    with ended(system.workers):
        until(lambda: "partitions open" in system.workers.said, 150, "a thousand topics made and open")
        with ArrearsPublisher(system.bootstrap, creditors[-1]) as publisher:
            publisher.report(an_arrears_signal())

        until(lambda: len(system.updates()) == 1, 30, "the update")
        system.stop()
