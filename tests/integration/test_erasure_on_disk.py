"""Who is erased is gone from the log of every broker, bytes and all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from eropaf.agents.topology import stages, topics
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.installation import Installation
from eropaf.risk.erasures import ERASURE_REMEMBERED_DAYS
from eropaf.risk.identity import household_key
from eropaf.risk.records import NOWHERE, Address
from eropaf.streams.operate.topics import Topic
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import Resident, SignalKind
from eropaf_client.schemas.registry import LocalRegistry
from tests.builders import HOME, HOUSEHOLD, SECRET, an_arrears_signal
from tests.conftest import SOON
from tests.integration.disk import holders
from tests.integration.life import KEYS
from tests.integration.processes import PATIENCE_S, until
from tests.integration.system import CHANGELOG, PARTITIONS, System, running

pytestmark = pytest.mark.kafka


FORGET = Address("9876ZW", 41_233, "")
FORGOTTEN = (b"9876ZW", b"contract-to-forget", household_key(FORGET, SECRET).encode())
# What is deleted must be gone from the disk at once, and readable for a search.
AT_ONCE = {
    "compression.type": "uncompressed",
    "log.roll.ms": "1000",
    "log.cleaner.backoff.ms": "200",
    "log.cleaner.min.cleanable.ratio": "0.0",
    "log.cleaner.delete.retention.ms": "100",
    "log.retention.check.interval.ms": "500",
    "log.segment.delete.delay.ms": "100",
    "log.initial.task.delay.ms": "100",
}


def test_after_erasure_no_log_on_the_brokers_disk_holds_the_household(
    installation: Installation, tmp_path: Path
) -> None:
    data = tmp_path / "kafka"
    data.mkdir()
    with (
        EmbeddedKafka(data_dir=data, installation=installation, properties=SOON | AT_ONCE) as kafka,
        running(kafka, tmp_path, **KEYS) as system,
    ):
        resident = Resident(postcode=FORGET.postcode, house_number=str(FORGET.house_number))
        made = an_arrears_signal(contract="contract-to-forget", resident=resident)
        with ArrearsPublisher(system.bootstrap, "rent") as publisher:
            publisher.report(made)
            publisher.report(replace(made, amount_cents=120_000, version=2, kind=SignalKind.CHANGED))
            publisher.report(an_arrears_signal(contract="contract-that-stays"))
        system.quiet(3)
        assert all(holders(data, (*FORGOTTEN, b"1011AB", b"contract-that-stays")).values())

        system.command("resident", "erase", "9876 ZW 41233")
        until(
            lambda: kept(system)[FORGOTTEN[2]] == NOWHERE.to_record(), PATIENCE_S, "the household forgotten"
        )
        assert kept(system)[HOUSEHOLD.encode()] == HOME.to_record()
        # That it was erased is remembered for so long.
        over = date.today() + timedelta(ERASURE_REMEMBERED_DAYS + 2)
        system.command("tick", "--on", over.isoformat(), "--ahead")
        until(lambda: FORGOTTEN[2] not in kept(system), PATIENCE_S, "the erasure forgotten")
        creditors = system.environment["EROPAF_CREDITORS"].split(",")
        every = topics("eropaf", stages("eropaf", creditors, LocalRegistry()), PARTITIONS)
        _let_time_pass(system, every)
        compacted = {topic.name for topic in every if _compacts(topic)}

        def gone() -> bool:
            left = set[str]().union(*holders(data, FORGOTTEN).values())
            _write_behind(system, compacted, left)
            return not left

        until(gone, 90, "nothing of the household on the disk")
        # Who was not erased is still there: the search finds what there is.
        assert all(holders(data, (b"1011AB",)).values())


def kept(system: System) -> dict[bytes, dict[str, Any]]:
    """Return the address in the row of each household."""
    return {key: row["address"] for key, row in system.read(CHANGELOG, "HouseholdRow")}


def _compacts(topic: Topic) -> bool:
    return topic.config["cleanup.policy"] == "compact"


def _let_time_pass(system: System, every: list[Topic]) -> None:
    """Let every retention end."""
    admin = AdminClient({"bootstrap.servers": system.bootstrap})
    changes = []
    for topic in every:
        ended = {"min.compaction.lag.ms": "0", "delete.retention.ms": "100"}
        entries = [
            ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
            for name, value in (ended if _compacts(topic) else {"retention.ms": "1"}).items()
        ]
        changes.append(ConfigResource(ResourceType.TOPIC, topic.name, incremental_configs=entries))
    for future in admin.incremental_alter_configs(changes).values():
        future.result(PATIENCE_S)


def _write_behind(system: System, compacted: set[str], logs: set[str]) -> None:
    """Write behind those of `logs` that are compacted, so that they roll: only what has rolled is compacted.

    And behind no other: Kafka compacts the dirtiest log first, and these would wait for ever.
    """
    producer = Producer({"bootstrap.servers": system.bootstrap})
    for topic, _, partition in (log.rpartition("-") for log in logs):
        if topic in compacted:
            producer.produce(topic, key=b"behind", value=None, partition=int(partition))
    assert producer.flush(PATIENCE_S) == 0
