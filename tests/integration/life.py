"""What happens to one household on a real broker, and what was told of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from confluent_kafka import Producer

from eropaf.agents.sealing import new_keys
from eropaf.risk.bsn import ANY
from eropaf.risk.identity import resident_key
from eropaf.risk.records import Address
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import PartnerType
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import OUTCOMES, RESIDENTS
from eropaf_client.schemas.wire import Codec
from tests.builders import HOUSEHOLD, NOON, SECRET, amsterdam_example, an_arrears_signal
from tests.integration.processes import PATIENCE_S, until
from tests.integration.system import System
from tests.oracle import Oracle

PUBLIC, PRIVATE = new_keys()
KEYS = {"EROPAF_AUDITORS_PUBLIC_KEY": PUBLIC, "EROPAF_AUDITORS_PRIVATE_KEY": PRIVATE}


def at(day: int) -> datetime:
    return datetime(2026, 3, day, 12, tzinfo=UTC)


def signal(system: System, creditor: str, **changes: Any) -> None:
    partner = PartnerType.RENT if creditor == "rent" else PartnerType.WATER
    made = an_arrears_signal(**{"contract": f"{creditor}-1", "partner_type": partner, **changes})
    with ArrearsPublisher(system.bootstrap, creditor) as publisher:
        publisher.report(made)


def outcome(system: System, **changes: Any) -> None:
    record = {
        "outcome_id": "outcome-1", "household": HOUSEHOLD, "at": NOON, "picked_up_on": None,
        "attempt": None, "result": None, "overrule": None, "objects": None, "signals": [],
    } | changes  # fmt: skip
    producer = Producer({"bootstrap.servers": system.bootstrap, "partitioner": "murmur2_random"})
    data = Codec("OutreachOutcome", OUTCOMES, LocalRegistry()).encode(record)
    producer.produce(OUTCOMES, key=HOUSEHOLD.encode(), value=data)
    assert producer.flush(PATIENCE_S) == 0


def enters(system: System, bsn: str, home: Address) -> None:
    """Let the register say where somebody lives."""
    producer = Producer({"bootstrap.servers": system.bootstrap, "partitioner": "murmur2_random"})
    entry = {"address": home.to_record(), "minor_children": None}
    data = Codec("Residence", RESIDENTS, LocalRegistry()).encode(entry)
    producer.produce(RESIDENTS, key=resident_key(bsn, SECRET).encode(), value=data)
    assert producer.flush(PATIENCE_S) == 0


def expect(system: System, *told: str) -> None:
    """Wait until exactly these updates were told of the household, in this order."""

    def said() -> list[str]:
        updates = [update for update in system.updates() if update.household == HOUSEHOLD]
        return [f"{update.change} {update.band}" for update in sorted(updates, key=lambda u: u.sequence)]

    until(lambda: said() == list(told), PATIENCE_S, f"{told}, told were {said()}")


def heard(system: System, creditor: str) -> list[tuple[str, str, str, int | None]]:
    """Return what a creditor heard: of which signal, its status, and what is asked of collection."""
    return [
        (each["signal_id"], each["status"], each["collection"], each["pause_until"])
        for _, each in system.read(f"feedback.{creditor}", "CreditorFeedback")
    ]


def judge(system: System) -> None:
    """Let what was sent come to its end, and the oracle say whether all of it is where it must be."""
    system.at_rest()
    oracle = Oracle(
        system.bootstrap, "eropaf", system.flow, LocalRegistry(), amsterdam_example(), SECRET, ANY
    )
    verdict = oracle.judge()
    assert verdict.clean, str(verdict)
