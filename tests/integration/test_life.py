"""One household's story on a real broker, from its first signal until nothing of it is left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
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

from eropaf.agents.sealing import new_keys
from eropaf.agents.topology import stages, topics
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.installation import Installation
from eropaf.risk.bsn import ANY
from eropaf.risk.identity import household_key, resident_key
from eropaf.risk.records import DAY_MS, Address
from eropaf.settings import policy_text
from eropaf.streams.operate.topics import Topic
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import ConsentOffer, OwnEffort, PartnerType, Resident, SignalKind
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import (
    AUDIT,
    EXPLANATIONS,
    HOUSEHOLD_EVENTS,
    OUTCOMES,
    PRIORITIES,
    RESIDENTS,
)
from eropaf_client.schemas.wire import Codec
from tests.builders import HOME, HOUSEHOLD, MARCH_2, NOON, SECRET, amsterdam_example, an_arrears_signal
from tests.conftest import SOON
from tests.ddas_schema import faults
from tests.integration.disk import holders
from tests.integration.processes import until
from tests.integration.system import CHANGELOG, PARTITIONS, System, running
from tests.oracle import Oracle

# Each gives several commands, each a process of its own.
pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]

PUBLIC, PRIVATE = new_keys()
KEYS = {"EROPAF_AUDITORS_PUBLIC_KEY": PUBLIC, "EROPAF_AUDITORS_PRIVATE_KEY": PRIVATE}


@pytest.fixture
def system(fresh: EmbeddedKafka, tmp_path: Path) -> Iterator[System]:
    with running(fresh, tmp_path, **KEYS) as started:
        yield started


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
    assert producer.flush(10) == 0


def enters(system: System, bsn: str, home: Address) -> None:
    """Let the register say where somebody lives."""
    producer = Producer({"bootstrap.servers": system.bootstrap, "partitioner": "murmur2_random"})
    entry = {"address": home.to_record(), "minor_children": None}
    data = Codec("Residence", RESIDENTS, LocalRegistry()).encode(entry)
    producer.produce(RESIDENTS, key=resident_key(bsn, SECRET).encode(), value=data)
    assert producer.flush(10) == 0


def expect(system: System, *told: str) -> None:
    """Wait until exactly these updates were told of the household, in this order."""

    def said() -> list[str]:
        updates = [update for update in system.updates() if update.household == HOUSEHOLD]
        return [f"{update.change} {update.band}" for update in sorted(updates, key=lambda u: u.sequence)]

    until(lambda: said() == list(told), 30, f"{told}, told were {said()}")


def heard(system: System, creditor: str) -> list[tuple[str, str, str, int | None]]:
    """Return what a creditor heard: of which signal, its status, and what is asked of collection."""
    return [
        (each["signal_id"], each["status"], each["collection"], each["pause_until"])
        for _, each in system.read(f"feedback.{creditor}", "CreditorFeedback")
    ]


def judge(system: System) -> None:
    registry = LocalRegistry()
    creditors = system.environment["EROPAF_CREDITORS"].split(",")
    oracle = Oracle(
        system.bootstrap,
        "eropaf",
        stages("eropaf", creditors, registry),
        registry,
        amsterdam_example(),
        SECRET,
        ANY,
    )
    verdict = oracle.judge()
    assert verdict.clean, str(verdict)


def test_from_the_first_signal_until_nothing_is_left(system: System) -> None:
    # One creditor, then a second: a multiple signal.
    signal(system, "rent", reported_at=at(2))
    expect(system, "RAISED MEDIUM")
    signal(system, "water", reported_at=at(3), amount_cents=24_000, monthly_bill_cents=4_000)
    expect(system, "RAISED MEDIUM", "RAISED HIGH")

    # A visit; help is accepted; both creditors are asked to wait for thirty days.
    visit = {"channel": "VISIT", "reached": True, "on": MARCH_2 + 7, "day_part": "EVENING"}
    outcome(system, at=NOON + 7 * DAY_MS, picked_up_on=MARCH_2 + 5, attempt=visit, result="HELP_FINANCIAL")
    expect(system, "RAISED MEDIUM", "RAISED HIGH", "PAUSED NONE")
    for creditor in ("rent", "water"):
        assert heard(system, creditor) == [("signal-1", "PICKED_UP", "PAUSE", MARCH_2 + 37)]

    # Why, for who may know, and with a trace.
    said = system.command("explain", HOUSEHOLD, "--purpose", "resident-asked", "--language", "en")
    assert "Help was accepted" in said
    assert [(entry["what"], entry["purpose"]) for _, entry in system.read(AUDIT, "AuditEntry")] == [
        ("explanation", "resident-asked")
    ]

    # The plan breaks: it comes back before the pause is over. Then all is paid.
    signal(system, "rent", reported_at=at(20), version=2, kind=SignalKind.PLAN_BROKEN, signal_id="signal-2")
    expect(system, "RAISED MEDIUM", "RAISED HIGH", "PAUSED NONE", "RAISED MEDIUM")
    signal(system, "water", reported_at=at(24), version=3, kind=SignalKind.PAID, amount_cents=0)
    system.quiet(5)
    signal(system, "rent", reported_at=at(25), version=3, kind=SignalKind.PAID, amount_cents=0)
    closed = ("RAISED MEDIUM", "RAISED HIGH", "PAUSED NONE", "RAISED MEDIUM", "CLOSED NONE")
    expect(system, *closed)
    judge(system)

    # Half a year later nothing is left in any table.
    system.command("tick", "--on", "2026-09-23")
    assert len(system.read(CHANGELOG, "HouseholdRow")) > 0
    system.command("tick", "--on", "2026-09-25")
    expect(system, *closed)
    until(lambda: _gone(system), 30, "the household forgotten")
    judge(system)


def _gone(system: System) -> bool:
    """Return whether the newest record of the household is a tombstone wherever it has a key."""
    wanted = (PRIORITIES, EXPLANATIONS, "household-risk", CHANGELOG, "eropaf-ranking-changelog")
    newest = {topic: record for topic in wanted for record in system.newest(topic, HOUSEHOLD)}
    return all(newest[topic] is None for topic in wanted)


def test_a_policy_reaches_everyone_and_says_so_also_after_a_restart(system: System, tmp_path: Path) -> None:
    signal(system, "rent", reported_at=at(2))
    expect(system, "RAISED MEDIUM")
    text = policy_text("amsterdam-example")
    stricter = tmp_path / "stricter.toml"
    stricter.write_text(
        text.replace("amsterdam-example-2", "stricter-1").replace(
            "enter = 40\nleave = 32", "enter = 41\nleave = 41"
        ),
        encoding="utf-8",
    )
    assert "bands.MEDIUM.enter: 40 -> 41" in system.command(
        "policy", "diff", "amsterdam-example", str(stricter)
    )

    system.command("policy", "activate", str(stricter))
    expect(system, "RAISED MEDIUM", "LOWERED LOW")
    system.command("policy", "activate", str(stricter))  # twice does no harm

    assert [update.policy_version for update in system.updates()] == ["amsterdam-example-2", "stricter-1"]
    stricter.write_text(text.replace("amsterdam-example-2", "stricter-1"), encoding="utf-8")
    assert "One version has one text" in system.command("policy", "activate", str(stricter), status=1)

    system.restart()
    signal(
        system, "rent", reported_at=at(3), version=2, amount_cents=112_800
    )  # 2.05 months: 41 points, 0.25 grown
    expect(system, "RAISED MEDIUM", "LOWERED LOW", "RAISED MEDIUM")
    assert system.updates()[-1].policy_version == "stricter-1"
    judge(system)


def test_a_policy_reaches_a_partition_of_many_households_slice_by_slice(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    other = tmp_path / "other.toml"
    other.write_text(policy_text("amsterdam-example").replace("amsterdam-example-2", "other-1"), "utf-8")
    with running(fresh, tmp_path, EROPAF_PARTITIONS="1", **KEYS) as system:
        with ArrearsPublisher(system.bootstrap, "rent") as publisher:
            publisher.report_all(
                an_arrears_signal(
                    signal_id=f"s-{number}",
                    contract=f"c-{number}",
                    resident=Resident(postcode="1011 AB", house_number=str(number)),
                )
                for number in range(1, 502)
            )
        system.quiet(501)

        system.command("policy", "activate", str(other))
        until(lambda: ticks(system)[-1:] == [(2, 3)], 30, "the last slice told")
        until(lambda: under(system, "other-1") == 501, 30, "every household looked at under the new policy")

        assert ticks(system) == [(0, 0), (0, 3), (1, 3), (2, 3)]
        judge(system)


def ticks(system: System) -> list[tuple[int, int]]:
    """Return slice and number of slices of each tick."""
    told = [event["tick"] for _, event in system.read(HOUSEHOLD_EVENTS, "HouseholdEvent")]
    return [(tick["slice"], tick["slices"]) for tick in told if tick is not None]


def under(system: System, policy_version: str) -> int:
    """Return how many households' rows say that they were made under a policy."""
    rows = dict(system.read(CHANGELOG, "HouseholdRow"))
    return sum(row["policy_version"] == policy_version for row in rows.values())


def monthly_report(system: System, month: str, to: Path) -> dict[str, Any]:
    """Return the report of the two signals and the case of `month`, which fits the national model."""
    asked = ("--month", month, "--organisation", "Gemeente Voorbeeld")
    assert "2 signals, 1 case" in system.command("report", "ddas", *asked, "--out", str(to))
    file: dict[str, Any] = json.loads(to.read_text("utf-8"))
    assert faults(file) == []
    return file


def test_a_worker_overrules_a_resident_sees_and_objects_and_the_month_is_reported(
    system: System, tmp_path: Path
) -> None:
    # A worker decides today, so what was signalled is of these days too.
    lately = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=10)
    day = lately.date().toordinal() - date(1970, 1, 1).toordinal()
    signal(system, "rent", reported_at=lately, handover_wish=True)
    elsewhere = Resident(None, "1012CD", "4")
    signal(system, "water", reported_at=lately, contract="elsewhere", resident=elsewhere)
    expect(system, "RAISED MEDIUM")
    outcome(system, at=day * DAY_MS + DAY_MS // 2 + 1, picked_up_on=day)
    system.quiet(3)
    file = monthly_report(system, f"{lately:%Y-%m}", tmp_path / "month.json")
    (delivery,) = file["leveringen"]
    assert {each["ID"]: each["status"] for each in delivery["vroegsignalen"] if each["warmeOverdracht"]} == {
        "rent-signal-1": "Opgepakt"
    }

    reason = ("--reason", "seen at the door")
    system.command("overrule", HOUSEHOLD, "raise", "--until", "2099-01-01", *reason)
    expect(system, "RAISED MEDIUM", "RAISED HIGH")
    assert [update.overruled for update in system.updates() if update.household == HOUSEHOLD] == [False, True]
    (left,) = (entry for _, entry in system.read(AUDIT, "AuditEntry"))
    assert (left["what"], left["purpose"]) == ("overrule", "raise until 2099-01-01")

    # What stands under a BSN, what was set aside, and who opened it before: the household's too.
    enters(system, "123456782", HOME)
    signal(system, "rent", contract="by-bsn", reported_at=lately, resident=Resident("123456782"))
    signal(
        system,
        "rent",
        contract="refused",
        reported_at=lately,
        own_effort=OwnEffort(False, True, 1, ConsentOffer.AGREED),
    )
    expect(system, "RAISED MEDIUM", "RAISED HIGH", "RAISED URGENT")
    until(lambda: len(system.read("rejected", "Rejected")) == 1, 30, "a signal set aside")

    held = json.loads(system.command("resident", "access", "1011 AB 12", "--purpose", "resident-asked"))
    assert held["told"]["band"] == "URGENT"
    assert [position["contract"] for position in held["state"]["positions"]] == ["by-bsn", "rent-1"]
    assert held["explanation"]["overrule"]["reason"] == "seen at the door"
    assert len(held["events"]) == 4
    assert len(held["updates"]) == 3
    assert {each["contract"] for each in held["signals"]["rent"]} == {"rent-1", "by-bsn", "refused"}
    assert held["signals"]["water"] == []
    assert {(each["contract"], each["status"]) for each in held["feedback"]["rent"]} == {
        ("rent-1", "PICKED_UP"),
        ("by-bsn", "PICKED_UP"),
        ("refused", "NOT_PICKED_UP_UNJUSTIFIED"),
    }
    assert [(each["reason"], each["signal"]["contract"]) for each in held["rejected"]] == [
        ("no-personal-contact", "refused")
    ]
    assert [each["address"]["postcode"] for each in held["register"]] == ["1011AB"]
    assert [each["signal"]["contract"] for each in held["on_bsn"]] == ["by-bsn"]
    assert [each["sent"] for each in held["residents"]] == [[{"creditor": "rent", "contract": "by-bsn"}]]
    assert {each["purpose"] for each in held["opened"]} == {"raise until 2099-01-01", "resident-asked"}

    assert held["state"]["at"].startswith("20")
    assert {len(month) for month in held["state"]["months"]} == {len("2026-03")}

    assert system.command("resident", "object", "1011ab 12").strip() == "the objection stands"
    assert "Nothing is kept of this address" in system.command("resident", "erase", "9999 XX 1")
    done = [entry["what"] for _, entry in system.read(AUDIT, "AuditEntry")]
    assert sorted(done) == ["erasure", "everything", "explanation", "objection", "overrule"]
    expect(system, "RAISED MEDIUM", "RAISED HIGH", "RAISED URGENT", "WITHDRAWN NONE")
    told_nothing_more = ("signal-1", "NOT_PICKED_UP_OTHER", "NO_WORD", None)
    until(
        lambda: heard(system, "rent").count(told_nothing_more) == 2,
        30,
        "the creditor told, of both contracts",
    )
    signal(system, "rent", reported_at=lately + timedelta(days=7), version=2)
    system.quiet(7)
    judge(system)


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
        until(lambda: FORGOTTEN[2].decode() not in system.rows(), 30, "the household forgotten")
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
        assert system.rows() == {HOUSEHOLD}


def _compacts(topic: Topic) -> bool:
    return topic.config["cleanup.policy"] == "compact"


def _let_time_pass(system: System, every: list[Topic]) -> None:
    """Let every retention end."""
    admin = AdminClient({"bootstrap.servers": system.bootstrap})
    changes = []
    for topic in every:
        name, value = ("min.compaction.lag.ms", "0") if _compacts(topic) else ("retention.ms", "1")
        entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        changes.append(ConfigResource(ResourceType.TOPIC, topic.name, incremental_configs=[entry]))
    for future in admin.incremental_alter_configs(changes).values():
        future.result(10)


def _write_behind(system: System, compacted: set[str], logs: set[str]) -> None:
    """Write behind those of `logs` that are compacted, so that they roll: only what has rolled is compacted.

    And behind no other: Kafka compacts the dirtiest log first, and these would wait for ever.
    """
    producer = Producer({"bootstrap.servers": system.bootstrap})
    for topic, _, partition in (log.rpartition("-") for log in logs):
        if topic in compacted:
            producer.produce(topic, key=b"behind", value=None, partition=int(partition))
    assert producer.flush(10) == 0
