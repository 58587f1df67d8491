"""The page of whom the register does not place here, and of addresses that there are not, in a browser."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer
from playwright.sync_api import expect

from eropaf.board.address_register import APPLICATION_ID, TABLE, TABLE_FORM
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.risk.household import fold
from eropaf.risk.records import Address, HouseholdEvent
from eropaf.risk.rows import ResidentRow, Waiting
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import REGISTER_MISMATCHES
from eropaf_client.schemas.wire import Codec
from tests.board.conftest import PRIVATE, Visit, look, look_otherwise
from tests.board.standing import Standing, key, put_accounts
from tests.builders import HOME, NOON, SECRET, a_signal, amsterdam_example
from tests.integration.processes import PATIENCE_S

pytestmark = pytest.mark.kafka

ROWS, HOUSEHOLDS = "eropaf-resident-changelog", "eropaf-household-changelog"


def a_register(file: Path) -> Path:
    """Write a register that has the number of `HOME` with two additions, and not without."""
    with closing(sqlite3.connect(file)) as rows:
        rows.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        rows.execute(f"PRAGMA user_version = {TABLE_FORM}")
        rows.execute(TABLE)
        for addition in ("A", "B"):
            values = (HOME.postcode, HOME.house_number, addition, "Proefkade", "Amsterdam", 1.0, 1.0)
            rows.execute("INSERT INTO premises VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        rows.commit()
    return file


@pytest.fixture(scope="module")
def desk(kafka: EmbeddedKafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """Run a desk with an address register."""
    folder = tmp_path_factory.mktemp("desk")
    made = Standing(
        kafka.bootstrap,
        folder,
        EROPAF_AUDITORS_PRIVATE_KEY=PRIVATE,
        database=None,
        client=None,
        EROPAF_HOUSEHOLD_SECRET=SECRET.decode(),  # as of everybody who makes keys on this broker
        EROPAF_BOARD_ADDRESS_REGISTER=str(a_register(folder / "addresses.db")),
    )
    put_accounts(made.database)
    try:
        made.start()
        yield made
    finally:
        made.kill()


@pytest.fixture(scope="module")
def tray(desk: Standing) -> list[str]:
    """Put three residents and one address into the tray; return their keys."""
    keys = [key(900 + number) for number in range(4)]
    waits = ResidentRow(None, (Waiting("arrears.rent-0-0", NOON, a_signal()),))
    here, there = Address("1011AB", 7, ""), Address("1012CD", 9, "HS")
    told: list[tuple[dict[str, Any], ResidentRow]] = [
        ({"reason": "NOT_FOUND"}, waits),
        ({"reason": "OTHER_MUNICIPALITY", "municipality": "0344"}, ResidentRow(here, ())),
        ({"reason": "IN_DOUBT", "candidates": [there.to_record()]}, ResidentRow(here, ())),
    ]
    mismatch = Codec("RegisterMismatch", REGISTER_MISMATCHES, LocalRegistry())
    row = Codec("ResidentRow", ROWS, LocalRegistry())
    producer = Producer({"bootstrap.servers": desk.bootstrap, "partitioner": "murmur2_random"})
    for resident, (said, kept) in zip(keys, told, strict=False):
        whole = {
            "resident": resident, "event_id": "arrears.rent-0-0", "candidates": [], "municipality": None,
            "at": NOON, **said,
        }  # fmt: skip
        producer.produce(REGISTER_MISMATCHES, key=resident, value=mismatch.encode(whole))
        producer.produce(ROWS, key=resident, value=row.encode(kept.to_record()))
    signalled = HouseholdEvent(keys[3], "arrears.rent-0-1", NOON, HOME, a_signal())
    household = fold(None, signalled, amsterdam_example()).row
    assert household is not None
    encode = Codec("HouseholdRow", HOUSEHOLDS, LocalRegistry()).encode
    producer.produce(HOUSEHOLDS, key=keys[3], value=encode(household.to_record()))
    assert producer.flush(PATIENCE_S) == 0
    return keys


@pytest.mark.parametrize(
    ("language", "title"), [("nl", "Niet gevonden in de BRP"), ("en", "Not found in the register")]
)
def test_the_tray_is_read_on_a_phone_and_at_a_desk_in_both_languages(
    visit: Visit, desk: Standing, seen: Path, tray: list[str], language: str, title: str
) -> None:
    page = visit("clara", f"{desk.url}/mismatches", phone=True, language=language, another=desk)

    expect(page.locator("h1")).to_have_text(title)
    expect(page.locator(".mismatch")).to_have_count(len(tray))
    for candidate in ("1012CD 9 HS", "1011AB 12 A", "1011AB 12 B"):
        expect(page.get_by_role("button", name=candidate)).to_have_count(1)
    assert look(page, seen / f"mismatches-{language}-phone-light.png") == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert look_otherwise(page, seen / f"mismatches-{language}-desk-dark.png") == []


def test_an_address_that_is_none_is_refused_beside_its_field(
    visit: Visit, desk: Standing, tray: list[str]
) -> None:
    page = visit("clara", f"{desk.url}/mismatches", language="en", another=desk)

    for at, button in ((0, "Lives there"), (3, "That one is meant")):
        each = page.locator(".mismatch").nth(at)
        each.get_by_label("Another address").fill("somewhere")
        each.get_by_role("button", name=button).click()

        expect(page.get_by_role("alert")).to_contain_text("Write an address as 1011 AB 12")
        expect(page.locator("[aria-invalid=true]")).to_have_count(1)


def test_which_address_is_meant_takes_one_tap(visit: Visit, desk: Standing, tray: list[str]) -> None:
    page = visit("clara", f"{desk.url}/mismatches", language="en", another=desk)

    page.get_by_role("button", name="Meant is 1011AB 12 B").click()

    expect(page.get_by_text("Recorded. The reports go where you said.")).to_have_count(1)
