"""A resident's own page in a real browser, before a desk on a real broker: a letter's code, and a log-in."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer
from playwright.sync_api import Page, expect

from eropaf.agents.topology import ROWS
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.ports import choose
from eropaf.risk.household import fold
from eropaf.risk.identity import household_key, resident_key
from eropaf.risk.records import Address
from eropaf_client.cluster import Cluster
from eropaf_client.reading import read_all
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, RESIDENTS
from eropaf_client.schemas.wire import Codec
from tests.board.conftest import PRIVATE, Visit, look, look_otherwise
from tests.board.standing import Standing, city, put_accounts
from tests.board.test_beyond_axe import LARGE, SPILLS
from tests.board.test_desk import drawn
from tests.board.test_open_id import answers
from tests.board.test_why import explain, traces
from tests.builders import SECRET, amsterdam_example, an_event
from tests.integration.processes import PATIENCE_S, Process, ended, until
from tests.node import tool

pytestmark = pytest.mark.kafka

ADDRESS, BSN = "1011 AB 12", "123456782"
HOME = Address("1011AB", 12, "")
HOUSEHOLD = household_key(HOME, SECRET)
KNOWN_TO_BOTH = "a secret of the tests that page and desk know"
CLIENT, LEVEL = "eropaf-resident-page", "substantial"


class Page_(Standing):
    """The desk, the municipality's broker, and a resident's page before both."""

    def __init__(self, bootstrap: str, folder: Path) -> None:
        broker, page = choose(2)
        self.page_url, self.broker_url = f"http://127.0.0.1:{page}", f"http://127.0.0.1:{broker}"
        of_both: dict[str, Any] = {
            "EROPAF_RESIDENT_PAGE_SECRET": KNOWN_TO_BOTH,
            "EROPAF_RESIDENT_PAGE_ADDRESS": self.page_url,
            "EROPAF_RESIDENT_PAGE_OPENID_ISSUER": self.broker_url,
            "EROPAF_RESIDENT_PAGE_OPENID_LEVELS": LEVEL,
            "EROPAF_CONTACT": "14 020",
        }
        super().__init__(
            bootstrap,
            folder,
            EROPAF_AUDITORS_PRIVATE_KEY=PRIVATE,
            EROPAF_HOUSEHOLD_SECRET=SECRET.decode(),
            EROPAF_CREDITORS="rent",
            **of_both,
        )
        self._of_the_page = {
            **of_both,
            "EROPAF_BOOTSTRAP": "127.0.0.1:1",  # it knows no broker
            "EROPAF_DESK_URL": self.url,
            "EROPAF_RESIDENT_PAGE_PORT": str(page),
            "EROPAF_RESIDENT_PAGE_OPENID_CLIENT_SECRET": "a secret of the tests",
        }
        self._provider = subprocess.Popen(
            [*tool("provider.js"), str(broker), f"{self.page_url}/back", CLIENT],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._page: Process | None = None

    def begin(self) -> None:
        """Start all three."""
        found = f"{self.broker_url}/.well-known/openid-configuration"
        until(lambda: answers(found), PATIENCE_S, "the broker")
        self.start()
        self._page = Process(
            ["-m", "eropaf.main", "resident-page"], self.folder / "page.log", **self._of_the_page
        )
        until(lambda: answers(f"{self.page_url}/health/live"), PATIENCE_S, f"the page: {self._page.said}")

    def end(self) -> None:
        """End all three."""
        if self._page is not None:
            self._page.kill()
        self.kill()
        self._provider.kill()
        self._provider.wait()

    @property
    def page_said(self) -> str:
        """What the page wrote."""
        return self._page.said if self._page else ""

    def code(self) -> str:
        """Have a clerk draw a code for a letter."""
        caller, token = drawn(self, "clara")  # type: ignore[arg-type]  # it has what is used of a desk
        process = Process(
            ["-m", "eropaf.main", "resident", "code", ADDRESS],
            self.folder / "code.log",
            EROPAF_BOOTSTRAP="127.0.0.1:1",
            EROPAF_DESK_URL=self.url,
            EROPAF_DESK_TOKEN=token,
        )
        before = len(process.said)
        with ended(process):
            assert process.wait(PATIENCE_S) == 0, process.said
        caller.http.close()
        said = process.said[before:]
        assert self.page_url in said
        return said.split()[0]

    def left(self) -> list[tuple[str, str]]:
        """Return who did what to the household."""
        entries = traces(self.bootstrap)
        return [(each["who"], each["what"]) for each in entries if each["household"] == HOUSEHOLD]

    def objections(self) -> list[dict[str, Any]]:
        """Return the household's objections."""
        codec = Codec("HouseholdEvent", HOUSEHOLD_EVENTS, LocalRegistry())
        events = [
            codec.decode(each.value())
            for each in read_all(Cluster(self.bootstrap, {}), HOUSEHOLD_EVENTS)
            if each.key() == HOUSEHOLD.encode()
        ]
        return [each for each in events if each["objection"] is not None]


def keep(bootstrap: str) -> None:
    """Keep a household as workers do: arrears of rent, and who lives there."""
    row = fold(None, an_event(), amsterdam_example()).row
    assert row is not None
    registry, key = LocalRegistry(), HOUSEHOLD.encode()
    producer = Producer({"bootstrap.servers": bootstrap, "partitioner": "murmur2_random"})
    of = {
        "eropaf-household-changelog": (ROWS["household"], key, replace(row, address=HOME).to_record()),
        RESIDENTS: (
            "Residence",
            resident_key(BSN, SECRET).encode(),
            {"address": {"postcode": "1011AB", "house_number": 12, "addition": ""}},
        ),
    }
    for topic, (record, under, value) in of.items():
        producer.produce(topic, key=under, value=Codec(record, topic, registry).encode(value))
    assert producer.flush(PATIENCE_S) == 0


@pytest.fixture(scope="module")
def board(kafka: EmbeddedKafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page_]:
    standing = Page_(kafka.bootstrap, tmp_path_factory.mktemp("own-page"))
    try:
        put_accounts(standing.database)
        standing.ranking.tell(*city(9))
        keep(kafka.bootstrap)
        explain(kafka.bootstrap, HOUSEHOLD)
        standing.begin()
        yield standing
    finally:
        standing.end()


def shown(page: Page) -> None:
    expect(page.locator("h1")).to_have_text("Uw gegevens")
    expect(page.locator(".letters")).to_contain_text("rent meldde op")


def test_a_resident_looks_and_objects_with_a_letters_code_by_keyboard_alone(
    visit: Visit, board: Page_, seen: Path
) -> None:
    code = board.code()
    page = visit(None, board.page_url, phone=True)
    assert look(page, seen / "own-entrance-nl-phone-light.png") == []

    page.focus("#code")
    page.keyboard.type(code)
    page.keyboard.press("Enter")

    shown(page)
    said = page.locator(".letters")
    for question in ("Wat is er gemeld?", "Waarom staat dit adres", "Wie heeft gekeken?", "Hoe lang bewaren"):
        expect(said).to_contain_text(question)
    expect(said).to_contain_text("(40 punten)")
    assert look(page, seen / "own-nl-phone-light.png") == []
    assert look_otherwise(page, seen / "own-nl-desk-dark.png") == []
    page.emulate_media(color_scheme="light")
    assert board.left() == [
        ("clara", "code-drawn"), ("resident (code)", "everything"), ("resident (code)", "explanation"),
    ]  # fmt: skip

    page.focus("a[href='/nl/object']")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Bezwaar maken")
    expect(page.locator(".means")).to_contain_text("iedereen die er woont")
    assert look(page, seen / "own-object-nl-desk-light.png") == []
    page.focus("form[action='/nl/object'] button")
    page.keyboard.press("Enter")
    expect(page.locator("[role=status]")).to_contain_text("Uw bezwaar is ontvangen")
    (objection,) = board.objections()
    assert objection["objection"]["stands"]

    page.click(".back")
    shown(page)
    expect(page.locator("a[href='/nl/object']")).to_have_count(0)
    page.click("form[action='/nl/leave'] button")
    expect(page.locator("#code")).to_be_visible()
    page.fill("#code", code)
    page.keyboard.press("Enter")
    expect(page.locator("#wrong")).to_contain_text("is al gebruikt")
    expect(page.locator("#code")).to_be_focused()
    assert look(page, seen / "own-wrong-nl-desk-light.png") == []
    assert "1011" not in board.page_said + board.said
    assert code[:9] not in board.page_said + board.said


def test_a_resident_logs_in_with_the_broker_and_the_objection_is_theirs(
    visit: Visit, board: Page_, seen: Path
) -> None:
    page = visit(None, f"{board.page_url}/en", language="en")
    page.click("a[href='/en/log-in']")
    page.fill("input[name=login]", "daan")
    page.fill("input[name=password]", "any")
    page.click("button[type=submit]")
    page.locator("input[name=login]").wait_for(state="detached")
    page.click("button[type=submit]")  # agrees that the page may know who this is

    expect(page.locator("h1")).to_have_text("Your data")
    expect(page.locator(".letters")).to_contain_text("rent reported on")
    assert look(page, seen / "own-en-desk-light.png") == []
    assert look_otherwise(page, seen / "own-en-phone-dark.png") == []
    page.click("a[href='/en/object']")
    expect(page.locator(".means")).to_contain_text("It goes along when you move")
    page.click("form[action='/en/object'] button")
    expect(page.locator("[role=status]")).to_contain_text("We have received your objection")
    assert board.objections()[-1]["objection"]["resident_key"] == resident_key(BSN, SECRET)
    page.goto(f"{board.page_url}/en/erase")
    page.click("form[action='/en/erase'] button")
    expect(page.locator("[role=status]")).to_contain_text("within a month")
    assert board.left()[-2:] == [("resident (log-in)", "objection"), ("resident (log-in)", "erasure-asked")]
    with page.expect_download() as files:
        page.goto(f"{board.page_url}/en")
        page.click("a[href='/en/letter']")
    assert "rent reported on" in files.value.path().read_text("utf-8")
    assert BSN not in board.page_said + board.said


def test_of_whom_the_broker_says_no_number_nobody_is_let_in(visit: Visit, board: Page_) -> None:
    page = visit(None, f"{board.page_url}/nl")
    page.click("a[href='/nl/log-in']")
    page.fill("input[name=login]", "stranger")
    page.fill("input[name=password]", "any")
    page.click("button[type=submit]")
    page.locator("input[name=login]").wait_for(state="detached")
    page.click("button[type=submit]")

    expect(page.locator("[role=alert]")).to_contain_text("niet gelukt")  # the broker says no number of hers
    assert "no BSN in the claim" in board.said


@pytest.mark.parametrize("path", ["", "/object"])
def test_text_of_twice_the_size_overlaps_nothing_on_a_residents_phone(
    visit: Visit, board: Page_, path: str
) -> None:
    page = visit(None, board.page_url, phone=True)
    page.fill("#code", board.code())
    page.keyboard.press("Enter")
    shown(page)

    page.goto(f"{board.page_url}/nl{path}")
    page.evaluate(LARGE)

    assert page.evaluate(SPILLS) == []
