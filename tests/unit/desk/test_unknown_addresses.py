"""Signals on an address that the register does not have: a clerk says which is meant, or that none is."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from typer.testing import CliRunner

from eropaf.agents.codecs import household_events
from eropaf.board.address_register import APPLICATION_ID, TABLE, TABLE_FORM
from eropaf.board.explaining import Asking
from eropaf.cluster import secret_kept
from eropaf.commands import unknown_addresses as command
from eropaf.desk import unknown_addresses
from eropaf.desk.deeds import NotTheirs
from eropaf.desk.service import Desk
from eropaf.desk.unknown_addresses import (
    AnswerUnknownAddresses,
    Meant,
    NoUnknownAddress,
    SettleAddress,
    UnknownAddresses,
)
from eropaf.process.exits import NOT_AS_IT_MUST_BE
from eropaf.risk.feedback import Answer
from eropaf.risk.household import fold
from eropaf.risk.identity import household_key
from eropaf.risk.records import Address, HouseholdEvent, Signal
from eropaf.risk.rows import HouseholdRow
from eropaf.settings import Settings
from eropaf.streams.runtime.record import Output
from eropaf.streams.runtime.stage import changelog
from eropaf_client.schemas.topics import AUDIT, HOUSEHOLD_EVENTS
from eropaf_client.schemas.wire import Codec
from tests.builders import NOON, SECRET, a_signal, amsterdam_example
from tests.fakes import FakeRecord

POLICY = amsterdam_example()
IN_THE_REGISTER = [("1011AB", 12, "A"), ("1011AB", 12, "B"), ("1011AB", 14, "")]
BARE, KNOWN, NUMBERLESS = Address("1011AB", 12, ""), Address("1011AB", 14, ""), Address("1011AB", 16, "")
ALL, NONE = Asking("clara", lambda household, area: True), Asking("clara", lambda household, area: False)


def key(address: Address) -> str:
    return household_key(address, SECRET)


def row_of(address: Address, *signals: Signal) -> HouseholdRow:
    row = None
    for number, each in enumerate(signals):
        event = HouseholdEvent(key(address), f"arrears.rent-0-{number}", NOON, address, each)
        row = fold(row, event, POLICY).row
    assert row is not None
    return row


class Topics:
    """The rows that are kept, and what is written in one transaction."""

    def __init__(self, register: Path | None) -> None:
        self.settings = Settings(household_secret=SecretStr(SECRET.decode()), board_address_register=register)
        self.rows: list[tuple[str, HouseholdRow | None]] = []
        self.written: list[list[Output]] = []

    def stands(self, address: Address, *signals: Signal) -> None:
        self.rows.append((key(address), row_of(address, *signals) if signals else None))

    def records(self, _: Settings, topic: str, *read: Any) -> Iterator[tuple[Any, Any]]:
        assert topic == changelog(self.settings.group, "household")
        for offset, (household, row) in enumerate(self.rows):
            yield FakeRecord(topic, 0, offset, household.encode(), b""), row

    def event(self, event: HouseholdEvent, at: int) -> Output:
        value = household_events(self.settings.registry()).encode(event)
        return Output(HOUSEHOLD_EVENTS, event.household.encode(), value, at)

    def write(self, outputs: list[Output]) -> None:
        self.written.append(list(outputs))

    def events(self) -> list[HouseholdEvent]:
        """Return what households were told with the newest decision."""
        decode = household_events(self.settings.registry()).decode
        return [decode(each.value) for each in self.written[-1] if each.topic == HOUSEHOLD_EVENTS]

    def traces(self) -> list[dict[str, Any]]:
        decode = Codec[dict[str, Any]]("AuditEntry", AUDIT, self.settings.registry()).decode
        return [decode(each.value) for each in self.written[-1] if each.topic == AUDIT]


@pytest.fixture
def register(tmp_path: Path) -> Path:
    file = tmp_path / "addresses.db"
    with closing(sqlite3.connect(file)) as rows:
        rows.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        rows.execute(f"PRAGMA user_version = {TABLE_FORM}")
        rows.execute(TABLE)
        for each in IN_THE_REGISTER:
            rows.execute(
                "INSERT INTO premises VALUES (?, ?, ?, 'Voorbeeldstraat', 'Voorbeeldstad', 1, 1)", each
            )
        rows.commit()
    return file


@pytest.fixture
def topics(register: Path, monkeypatch: pytest.MonkeyPatch) -> Topics:
    made = Topics(register)
    monkeypatch.setattr(unknown_addresses, "records", made.records)
    monkeypatch.setattr(unknown_addresses, "in_force", lambda settings: POLICY)
    monkeypatch.setattr(unknown_addresses, "appender", lambda settings: made)
    monkeypatch.setattr(secret_kept, "_kept", lambda settings: made.settings.secret_fingerprint())
    return made


def test_an_address_that_there_is_not_is_named_with_those_that_may_be_meant(
    topics: Topics,
) -> None:
    topics.stands(BARE, a_signal(), a_signal(creditor="water", signal_id="s-2"))
    topics.stands(KNOWN, a_signal())
    topics.stands(NUMBERLESS, a_signal())

    told = UnknownAddresses().do(topics.settings, ALL)

    assert told["register"] is True
    assert {each["household"]: each for each in told["addresses"]} == {
        key(BARE): {
            "household": key(BARE), "address": "1011AB 12", "since": "2026-03-02", "contracts": 2,
            "candidates": ["1011AB 12 A", "1011AB 12 B"],
        },
        key(NUMBERLESS): {
            "household": key(NUMBERLESS), "address": "1011AB 16", "since": "2026-03-02", "contracts": 1,
            "candidates": [],
        },
    }  # fmt: skip
    for private in ("110000", "contract-1", "rent"):
        assert private not in json.dumps(told)


def test_what_is_paid_or_came_by_the_residents_register_or_is_forgotten_is_not_named(topics: Topics) -> None:
    topics.stands(BARE, a_signal(), a_signal(kind="PAID", amount_cents=0, version=2))
    topics.stands(NUMBERLESS, a_signal(resident_key="a" * 32))
    topics.stands(Address("1011AB", 18, ""), a_signal())
    topics.stands(Address("1011AB", 18, ""))

    assert UnknownAddresses().do(topics.settings, ALL)["addresses"] == []


def test_without_an_address_register_nothing_is_named_and_nothing_decided(
    topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics.stands(BARE, a_signal())
    without = topics.settings.model_copy(update={"board_address_register": None})

    assert UnknownAddresses().do(without, ALL)["register"] is False
    assert AnswerUnknownAddresses().do(without, ALL)["answered"] == 0
    with pytest.raises(NoUnknownAddress):
        SettleAddress(household=key(BARE), meant=Meant.NONE).do(without, ALL)
    assert topics.written == []


def test_its_signals_go_to_the_address_that_is_meant_with_a_trace(topics: Topics) -> None:
    topics.stands(BARE, a_signal(), a_signal(creditor="water", signal_id="s-2"))
    meant = Address("1011AB", 12, "A")

    SettleAddress(household=key(BARE), meant=Meant.ANOTHER, address="1011 ab 12-a").do(topics.settings, ALL)

    row: HouseholdRow | None = topics.rows[0][1]
    arrivals: list[HouseholdEvent] = []
    for event in topics.events():
        folded = fold(row, event, POLICY)
        row, arrivals = folded.row, [*arrivals, *folded.onward]
        assert folded.answers == (), "no creditor need know where it went"
    assert row is None or row.positions == ()
    assert {each.household for each in arrivals} == {key(meant)}
    there = None
    for event in arrivals:
        there = fold(there, event, POLICY).row
    assert there is not None
    assert {each.creditor for each in there.positions} == {"rent", "water"}
    (left,) = topics.traces()
    assert (left["who"], left["what"], left["purpose"], left["household"]) == (
        "clara", "address-corrected", "address-register", key(BARE),
    )  # fmt: skip


def test_where_none_is_meant_each_creditor_hears_that_there_is_no_such_address(topics: Topics) -> None:
    topics.stands(BARE, a_signal(), a_signal(creditor="water", signal_id="s-2"))

    SettleAddress(household=key(BARE), meant=Meant.NONE).do(topics.settings, ALL)

    row: HouseholdRow | None = topics.rows[0][1]
    heard: list[Answer] = []
    for event in topics.events():
        folded = fold(row, event, POLICY)
        row, heard = folded.row, [*heard, *folded.answers]
    assert [(each.creditor, each.status, each.reason) for each in heard] == [
        ("rent", "NOT_PICKED_UP_UNJUSTIFIED", "address-unknown"),
        ("water", "NOT_PICKED_UP_UNJUSTIFIED", "address-unknown"),
    ]
    assert topics.traces()[0]["what"] == "address-unknown"


def test_at_once_only_those_are_answered_that_leave_nothing_to_choose(topics: Topics) -> None:
    topics.stands(BARE, a_signal())
    topics.stands(NUMBERLESS, a_signal())
    topics.stands(Address("1012CD", 1, ""), a_signal())
    of_1011 = Asking("clara", lambda household, area: area == "1011")

    said = AnswerUnknownAddresses().do(topics.settings, of_1011)

    assert said["answered"] == 1
    assert {each.household for each in topics.events()} == {key(NUMBERLESS)}
    assert len(topics.traces()) == 1


@pytest.mark.parametrize(
    ("meant", "address"), [("another", ""), ("another", "somewhere"), ("none", "1011 AB 12"), ("x", "")]
)
def test_half_a_decision_is_refused(meant: str, address: str) -> None:
    with pytest.raises(ValidationError):
        SettleAddress(household="a" * 32, meant=meant, address=address)


def test_nobody_decides_of_another_area_or_to_one_or_twice(topics: Topics) -> None:
    topics.stands(BARE, a_signal())
    topics.stands(KNOWN, a_signal())
    of_1011 = Asking("clara", lambda household, area: area == "1011")

    for asking, household, address, error in (
        (NONE, key(BARE), "1011 AB 12 A", NotTheirs),
        (of_1011, key(BARE), "1102 AB 1", NotTheirs),
        (ALL, key(KNOWN), "1011 AB 12 A", NoUnknownAddress),
        (ALL, "c" * 32, "1011 AB 12 A", NoUnknownAddress),
    ):
        with pytest.raises(error):
            SettleAddress(household=household, meant=Meant.ANOTHER, address=address).do(
                topics.settings, asking
            )
    assert topics.written == []


def test_all_three_are_a_clerks() -> None:
    desk = Desk(Settings())
    settle = json.dumps({"household": "a" * 32, "meant": "none"}).encode()

    roles = [
        desk.asked(name, body).role.value
        for name, body in (
            ("unknown-addresses", b"{}"), ("address-settled", settle), ("addresses-answered", b"{}"),
        )
    ]  # fmt: skip

    assert roles == ["clerk"] * 3


def test_the_command_line_says_which_there_are_and_what_was_decided(
    topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics.stands(BARE, a_signal())
    monkeypatch.setattr(command, "Settings", lambda: topics.settings)
    run = CliRunner().invoke

    listed = run(command.app, ["list"])
    answered = run(command.app, ["answer"])
    corrected = run(command.app, ["correct", key(BARE), "1011 AB 12 A"])
    refused = run(command.app, ["correct", key(BARE), "somewhere"])

    assert listed.exit_code == NOT_AS_IT_MUST_BE
    assert f"{key(BARE)}  1011AB 12  since 2026-03-02  perhaps 1011AB 12 A; 1011AB 12 B" in listed.stdout
    assert answered.stdout == "0 addresses answered\n"
    assert "go to that address" in corrected.stdout
    assert refused.exit_code == 2
    assert "say an address as" in refused.stderr
    assert len(topics.written) == 1
