"""The page of whom the register does not place here, in a browser: in both languages, on both screens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer
from playwright.sync_api import expect

from eropaf.risk.records import Address
from eropaf.risk.rows import ResidentRow, Waiting
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import REGISTER_MISMATCHES
from eropaf_client.schemas.wire import Codec
from tests.board.conftest import Visit, look, look_otherwise
from tests.board.standing import Standing, key
from tests.builders import NOON, a_signal
from tests.integration.processes import PATIENCE_S

pytestmark = pytest.mark.kafka

ROWS = "eropaf-resident-changelog"


@pytest.fixture(scope="module")
def tray(board: Standing) -> list[str]:
    """Put three into the tray; return their keys."""
    keys = [key(900 + number) for number in range(3)]
    waits = ResidentRow(None, (Waiting("arrears.rent-0-0", NOON, a_signal()),))
    here, there = Address("1011AB", 7, ""), Address("1012CD", 9, "HS")
    told: list[tuple[dict[str, Any], ResidentRow]] = [
        ({"reason": "NOT_FOUND"}, waits),
        ({"reason": "OTHER_MUNICIPALITY", "municipality": "0344"}, ResidentRow(here, ())),
        ({"reason": "IN_DOUBT", "candidates": [there.to_record()]}, ResidentRow(here, ())),
    ]
    mismatch = Codec("RegisterMismatch", REGISTER_MISMATCHES, LocalRegistry())
    row = Codec("ResidentRow", ROWS, LocalRegistry())
    producer = Producer({"bootstrap.servers": board.bootstrap, "partitioner": "murmur2_random"})
    for resident, (said, kept) in zip(keys, told, strict=True):
        whole = {
            "resident": resident, "event_id": "arrears.rent-0-0", "candidates": [], "municipality": None,
            "at": NOON, **said,
        }  # fmt: skip
        producer.produce(REGISTER_MISMATCHES, key=resident, value=mismatch.encode(whole))
        producer.produce(ROWS, key=resident, value=row.encode(kept.to_record()))
    assert producer.flush(PATIENCE_S) == 0
    return keys


@pytest.mark.parametrize(
    ("language", "title"), [("nl", "Niet gevonden in de BRP"), ("en", "Not found in the register")]
)
def test_the_tray_is_read_on_a_phone_and_at_a_desk_in_both_languages(
    visit: Visit, board: Standing, seen: Path, tray: list[str], language: str, title: str
) -> None:
    page = visit("clara", f"{board.url}/mismatches", phone=True, language=language)

    expect(page.locator("h1")).to_have_text(title)
    expect(page.locator(".mismatch")).to_have_count(len(tray))
    expect(page.get_by_role("button", name="1012CD 9 HS")).to_have_count(1)
    assert look(page, seen / f"mismatches-{language}-phone-light.png") == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert look_otherwise(page, seen / f"mismatches-{language}-desk-dark.png") == []


def test_an_address_that_is_none_is_refused_beside_its_field(
    visit: Visit, board: Standing, tray: list[str]
) -> None:
    page = visit("clara", f"{board.url}/mismatches", language="en")
    first = page.locator(".mismatch").first

    first.get_by_label("Another address").fill("somewhere")
    first.get_by_role("button", name="Lives there").click()

    expect(page.get_by_role("alert")).to_contain_text("Write an address as 1011 AB 12")
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
