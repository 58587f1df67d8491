"""One household's story on a real broker, from its first signal until nothing of it is left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.risk.records import DAY_MS
from eropaf_client.records import ConsentOffer, OwnEffort, Resident, SignalKind
from eropaf_client.schemas.topics import AUDIT, EXPLANATIONS, PRIORITIES
from tests.builders import HOME, HOUSEHOLD, MARCH_2, NOON, in_days
from tests.ddas_schema import faults
from tests.integration.life import KEYS, at, enters, expect, heard, judge, outcome, signal
from tests.integration.processes import PATIENCE_S, until
from tests.integration.system import CHANGELOG, System, running

SOON = in_days(30)

pytestmark = pytest.mark.kafka


@pytest.fixture
def system(fresh: EmbeddedKafka, tmp_path: Path) -> Iterator[System]:
    with running(fresh, tmp_path, **KEYS) as started:
        yield started


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
    system.at_rest()
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
    system.at_rest()
    assert len(system.read(CHANGELOG, "HouseholdRow")) > 0
    system.command("tick", "--on", "2026-09-25")
    expect(system, *closed)
    until(lambda: _gone(system), PATIENCE_S, "the household forgotten")
    judge(system)


def _gone(system: System) -> bool:
    """Return whether the newest record of the household is a tombstone wherever it has a key."""
    wanted = (PRIORITIES, EXPLANATIONS, "household-risk", CHANGELOG, "eropaf-ranking-changelog")
    newest = {topic: record for topic in wanted for record in system.newest(topic, HOUSEHOLD)}
    return all(newest[topic] is None for topic in wanted)


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
    system.command("overrule", HOUSEHOLD, "raise", "--until", SOON, *reason)
    expect(system, "RAISED MEDIUM", "RAISED HIGH")
    assert [update.overruled for update in system.updates() if update.household == HOUSEHOLD] == [False, True]
    (left,) = (entry for _, entry in system.read(AUDIT, "AuditEntry"))
    assert (left["what"], left["purpose"]) == ("overrule", f"raise until {SOON}")

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
    until(lambda: len(system.read("rejected", "Rejected")) == 1, PATIENCE_S, "a signal set aside")
    system.at_rest()

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
    (resident,) = held["residents"]
    assert [(each["creditor"], each["contract"]) for each in resident["sent"]] == [("rent", "by-bsn")]
    assert {each["purpose"] for each in held["opened"]} == {f"raise until {SOON}", "resident-asked"}

    assert held["state"]["at"].startswith("20")
    assert {len(month) for month in held["state"]["months"]} == {len("2026-03")}

    assert system.command("resident", "object", HOUSEHOLD).strip() == "the objection stands"
    assert "Nothing is kept of this address" in system.command("resident", "erase", "9999 XX 1")
    done = [entry["what"] for _, entry in system.read(AUDIT, "AuditEntry")]
    assert sorted(done) == ["erasure", "everything", "explanation", "objection", "overrule"]
    expect(system, "RAISED MEDIUM", "RAISED HIGH", "RAISED URGENT", "WITHDRAWN NONE")
    told_nothing_more = ("signal-1", "NOT_PICKED_UP_OTHER", "NO_WORD", None)
    until(
        lambda: heard(system, "rent").count(told_nothing_more) == 2,
        PATIENCE_S,
        "the creditor told, of both contracts",
    )
    signal(system, "rent", reported_at=lately + timedelta(days=7), version=2)
    system.quiet(7)
    judge(system)
