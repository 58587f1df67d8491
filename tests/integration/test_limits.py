"""Where things grow past what anybody meant: they work, or are refused with a clear word."""

from __future__ import annotations

from pathlib import Path

import pytest
from confluent_kafka import Message

from bench.broker import Subscriber
from bench.flood import CREDITOR, flood
from bench.own_worker import environment
from eropaf.cluster.flow_topics import create_topics
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.ports import choose
from eropaf.healthy import healthy
from eropaf.risk.signalled import MOST_POSITIONS
from eropaf.settings import Settings
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import PartnerType, Resident
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import PRIORITIES, REJECTED
from eropaf_client.schemas.wire import Codec
from tests.builders import SECRET, an_arrears_signal
from tests.integration.processes import PATIENCE_S, Process, ended, until
from tests.integration.system import CHANGELOG, REST_WITHIN_S, System

pytestmark = pytest.mark.kafka


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


def test_one_creditors_burst_does_not_delay_the_next_event_of_another(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    system, delivered = System(fresh, tmp_path, started=False, EROPAF_WORKERS="1"), 30_000
    system.command("topics", "create")
    with ArrearsPublisher(system.bootstrap, "rent") as publisher:
        publisher.report_all(
            an_arrears_signal(
                signal_id=f"s-{number}",
                contract=f"contract-{number}",
                resident=Resident(
                    postcode=f"{2000 + number % 7000} CD", house_number=f"{number // 7000 + 1}"
                ),
            )
            for number in range(delivered)
        )
    with ArrearsPublisher(system.bootstrap, "energy") as publisher:
        publisher.report(an_arrears_signal(partner_type=PartnerType.ENERGY, monthly_bill_cents=20_000))
    told, found = Subscriber(system.bootstrap, PRIORITIES), list[Message]()

    def all_told() -> bool:
        found.extend(told.read())
        return len(found) > delivered

    worker = system.start()
    with ended(worker):
        worker.until(all_told, REST_WITHIN_S, "everything told")
    told.close()

    # As the log has it, however late it is read here.
    decode = Codec("PriorityUpdate", PRIORITIES, LocalRegistry()).decode
    (ordinary,) = (each for each in found if decode(each.value())["address"]["postcode"] == "1011AB")
    beside = sorted(each.offset() or 0 for each in found if each.partition() == ordinary.partition())
    assert beside.index(ordinary.offset() or 0) < len(beside) / 2


def test_a_feed_faster_than_its_worker_costs_time_and_not_memory(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    settings = Settings(bootstrap=fresh.bootstrap, household_secret=SECRET.decode(), creditors=(CREDITOR,))
    create_topics(settings)
    port = str(choose(1)[0])
    worker = Process(["-m", "eropaf.worker", "worker-1", port], tmp_path / "log", **environment(settings))
    with ended(worker):
        # Slowed from its first line it would not be in time.
        worker.until(lambda: healthy(int(port), "/health/ready"), PATIENCE_S, "the worker is ready")
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
        system.until_reading(within_s=REST_WITHIN_S)
        with ArrearsPublisher(system.bootstrap, creditors[-1]) as publisher:
            publisher.report(an_arrears_signal())

        until(lambda: len(system.updates()) == 1, PATIENCE_S, "the update")
        system.stop()
