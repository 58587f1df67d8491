"""The whole flow on a real broker: what comes out is what the rules say of what went in."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from confluent_kafka import Producer

from eropaf.risk.history import tell
from eropaf.risk.identity import household_key
from eropaf.risk.records import Address, HouseholdEvent
from eropaf.risk.rows import HouseholdRow
from eropaf.risk.told import PriorityUpdate
from eropaf.simulate.month import month
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import Resident
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, REJECTED
from eropaf_client.schemas.wire import Codec
from tests.builders import AMSTERDAM_EXAMPLE, SECRET, amsterdam_example, an_arrears_signal
from tests.integration.system import CHANGELOG, System

pytestmark = pytest.mark.kafka

DDAS = Path(__file__).parents[1] / "data" / "ddas-example.json"


def test_a_month_of_signals_leads_to_what_the_rules_say_of_it(system: System) -> None:
    days = month(20_000, date(2026, 3, 1), seed=3)
    sent = [publication for day in days for wave in day.waves for publication in wave]
    for creditor in ("rent", "health", "energy", "water", "benefits"):
        with ArrearsPublisher(system.bootstrap, creditor) as publisher:
            publisher.report_all(each.signal for each in sent if each.creditor == creditor)

    system.quiet(len(sent))

    events = [
        HouseholdEvent.from_record(value) for _, value in system.read(HOUSEHOLD_EVENTS, "HouseholdEvent")
    ]
    expected = tell(events, amsterdam_example())
    assert len(events) == len(sent)
    assert sorted(system.updates(), key=by_household) == sorted(expected.updates, key=by_household)
    rows = {
        key.decode(): HouseholdRow.from_record(row) for key, row in system.read(CHANGELOG, "HouseholdRow")
    }
    assert rows == expected.households


def by_household(update: PriorityUpdate) -> tuple[str, int]:
    return (update.household, update.sequence)


def test_what_cannot_be_used_is_rejected_with_its_reason_its_origin_and_its_bytes(system: System) -> None:
    codec = Codec("ArrearsSignal", "arrears.rent", LocalRegistry())
    good = an_arrears_signal().to_record()
    tomorrow = datetime.now(UTC) + timedelta(days=2)
    data = codec.encode(good)
    poison: dict[str, bytes | None] = {
        "no-value": None,
        "wrong-magic": b"\x01" + data[1:],
        "unknown-schema": b"\x00\x00\x00\xff\xff" + data[5:],
        "wrong-record": b"\x00" + (401).to_bytes(4) + data[5:],
        "broken-body": data[:-3],
        "too-large": codec.encode(good | {"contract": "c" * 70_000}),
        "impossible-amount": codec.encode(good | {"amount_cents": -1}),
        "reported-in-the-future": codec.encode(good | {"reported_at": int(tomorrow.timestamp() * 1000)}),
        "impossible-postcode": codec.encode(good | {"resident": good["resident"] | {"postcode": "ABCD12"}}),
    }
    producer = Producer({"bootstrap.servers": system.bootstrap, "partitioner": "murmur2_random"})
    for value in (*poison.values(), data):
        producer.produce("arrears.rent", key=b"contract-1", value=value, headers=[("trace", b"abc")])
    producer.flush()

    system.quiet(1)

    letters = [letter for _, letter in system.read(REJECTED, "Rejected")]
    assert {letter["reason"]: letter["value"] for letter in letters} == poison
    assert [letter["offset"] for letter in letters] == list(range(len(poison)))
    assert {(letter["topic"], letter["key"], letter["agent"]) for letter in letters} == {
        ("arrears.rent", b"contract-1", "intake")
    }
    assert letters[0]["headers"] == [{"name": "trace", "value": b"abc"}]
    assert [update.band for update in system.updates()] == ["MEDIUM"]


def test_the_example_of_the_national_model_gives_what_a_hand_calculation_gives(
    system: System, tmp_path: Path
) -> None:
    register = tmp_path / "register.csv"
    register.write_text("bsn,postcode,house_number,addition\n111111111,1011 AB,7,\n", encoding="utf-8")

    # The file's first municipality is ours.
    policy = tmp_path / "ours.toml"
    policy.write_text(AMSTERDAM_EXAMPLE.replace("GM0363", "GM0344", 1), encoding="utf-8")
    system.environment["EROPAF_POLICY"] = str(policy)

    # The signals on a BSN come first, and wait for the register's entry.
    said = system.command("publish", str(DDAS))
    assert "2 signals stored: 1 of energy, 1 of water" in said
    assert "1 entry stored" in system.command("residents", "load", str(register))
    system.quiet(2)

    # On the BSN's address, under amsterdam-example-3:
    #   energy EUR 350: 17 days after it arose, and 30 are asked                =   0.00
    #   water  EUR 980, bill EUR  20: 49 months, capped at 6, x 3 points        =  18.00
    #   a threatening situation (crisissignaal)                                 = 100.00
    #   a warm handover (warmeOverdracht)                                       =  10.00
    #                                                                             128.00: URGENT
    # Due: three working days after the date of the signal, Wednesday 8 January 2025.
    # The second delivery is another municipality's.
    home = household_key(Address("1011AB", 7, ""), SECRET)
    risks = {value["household"]: value for _, value in system.read("household-risk", "HouseholdRisk")}
    assert risks[home]["score"] == 12_800
    assert risks.keys() == {home}
    told = [feedback for _, feedback in system.read("feedback.energy", "CreditorFeedback")]
    assert [(each["signal_id"], each["status"], each["reason"]) for each in told] == [
        ("VS-2025-0001", "NOT_PICKED_UP_UNJUSTIFIED", "too-few-days")
    ]
    updates = system.updates()
    assert {update.household for update in updates} == {home}
    last = max(updates, key=by_household)
    assert last.band == "URGENT"
    assert last.respond_by == (date(2025, 1, 13) - date(1970, 1, 1)).days

    # The stream of updates, as an outreach tool gets it in a pipe.
    lines = [json.loads(line) for line in system.command("watch", "--until-caught-up").splitlines()]
    assert [line["update_id"] for line in lines] == [update.update_id for update in updates]
    assert not {"creditor", "amount", "reason", "partner_type"} & lines[0].keys()


def test_publishing_the_same_file_twice_tells_nothing_new(system: System, tmp_path: Path) -> None:
    file = tmp_path / "signals.csv"
    file.write_text(
        "signal_id,contract,kind,partner_type,amount_eur,reported_at,version,postcode,house_number\n"
        "s-1,c-1,REPORTED,RENT,1650,2026-03-02,1,1011 AB,7\n"
        "s-2,c-1,PAID,RENT,0,2026-03-05,2,1011 AB,7\n",
        encoding="utf-8",
    )

    for _ in range(2):
        system.command("publish", str(file), "--creditor", "rent")
    system.quiet(4)

    assert [(u.sequence, u.band, u.change) for u in system.updates()] == [
        (1, "MEDIUM", "RAISED"),
        (2, "NONE", "CLOSED"),
    ]


def test_a_file_with_a_fault_is_refused_as_a_whole(system: System, tmp_path: Path) -> None:
    file = tmp_path / "signals.csv"
    file.write_text(
        "signal_id,contract,kind,partner_type,amount_eur,reported_at,version,postcode,house_number\n"
        "s-1,c-1,REPORTED,RENT,1650,2026-03-02,1,1011 AB,7\n"
        "s-2,c-2,REPORTED,RENT,-1.50,2026-03-02,1,1011 AB,7\n",
        encoding="utf-8",
    )

    said = system.command("publish", str(file), "--creditor", "rent", status=1)

    assert "1 fault; nothing of it was used" in said
    assert "line 3, column 5 (amount_eur): write euros" in said
    assert system.read("arrears.rent", "ArrearsSignal") == []


def test_no_personal_data_is_in_a_log_line(system: System) -> None:
    with ArrearsPublisher(system.bootstrap, "rent") as publisher:
        publisher.report(
            an_arrears_signal(resident=Resident(postcode="1011 AB", house_number="7", addition="kelder"))
        )
        publisher.report(an_arrears_signal(resident=Resident(bsn="123456782"), contract="other"))
    system.quiet(1)

    assert "kelder" not in system.workers.said.lower()
    assert "123456782" not in system.workers.said
