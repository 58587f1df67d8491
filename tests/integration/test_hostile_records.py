"""One hostile record on any topic ends no command: it is passed over, counted, and said where it stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from confluent_kafka import Producer

from eropaf.agents.sealing import new_keys
from eropaf.agents.topology import records_by_topic, stages, topics
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.risk.records import HouseholdEvent
from eropaf.streams.operate.topics import admin, ensure
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import AUDIT, HOUSEHOLD_EVENTS
from eropaf_client.schemas.wire import Codec
from tests.builders import HOUSEHOLD, SECRET
from tests.integration.processes import PATIENCE_S, Process, ended

pytestmark = pytest.mark.kafka

ADDRESS = "1011AB 12"
GARBAGE = (b"x", b"", b"\x00\x7f\xff\xff\xff no such schema", b"\x00\x00\x00\x00\x01" + b"\xff" * 30)
FAR = 2**62


@pytest.fixture
def poisoned(fresh: EmbeddedKafka) -> str:
    """Return a cluster on every topic of which stands garbage, under a household's key."""
    registry = LocalRegistry()
    flow = stages("eropaf", ["rent"], registry)
    ensure(admin(fresh.bootstrap, {}), topics("eropaf", flow, 2))
    producer = Producer({"bootstrap.servers": fresh.bootstrap, "partitioner": "murmur2_random"})
    for topic in records_by_topic("eropaf", flow):
        for value in GARBAGE:
            producer.produce(topic, value, HOUSEHOLD.encode())
    event = HouseholdEvent(HOUSEHOLD, "e", FAR, objection_stands=True)
    far = Codec[object]("HouseholdEvent", HOUSEHOLD_EVENTS, registry).encode(event.to_record())
    producer.produce(HOUSEHOLD_EVENTS, far, HOUSEHOLD.encode())
    entry = {"who": "x", "what": "explanation", "purpose": "audit", "household": HOUSEHOLD, "at": FAR}
    producer.produce(AUDIT, Codec[object]("AuditEntry", AUDIT, registry).encode(entry), HOUSEHOLD.encode())
    assert producer.flush(PATIENCE_S) == 0
    return fresh.bootstrap


def said(bootstrap: str, folder: Path, *arguments: str) -> str:
    private = new_keys()[1]
    process = Process(
        ["-m", "eropaf.main", *arguments],
        folder / f"{arguments[0]}.log",
        EROPAF_BOOTSTRAP=bootstrap,
        EROPAF_CREDITORS="rent",
        EROPAF_HOUSEHOLD_SECRET=SECRET.decode(),
        EROPAF_AUDITORS_PRIVATE_KEY=private,
    )
    with ended(process):
        assert process.wait(PATIENCE_S) == 0, process.said
    return process.said


def test_no_command_ends_on_a_hostile_record(poisoned: str, tmp_path: Path) -> None:
    held = said(poisoned, tmp_path, "resident", "access", ADDRESS, "--purpose", "resident-asked")
    document = json.loads(held[held.index("{") : held.rindex("}") + 1])
    assert document["unreadable"]["records"] >= len(GARBAGE)
    assert any(place.startswith(f"{HOUSEHOLD_EVENTS}-") for place in document["unreadable"]["first"])

    period = ("--month", "2026-03", "--organisation", "Amsterdam")
    report = said(poisoned, tmp_path, "report", "ddas", *period)
    assert f"{HOUSEHOLD_EVENTS}-" in report
    assert "(unusable)" in report, "an event in the far future is no event of the month"
    for command in (
        ("rejected", "list"),
        ("replay", "--dry-run"),
        ("policy", "activate", "amsterdam-example"),
    ):
        assert "set aside" in said(poisoned, tmp_path, *command), command
