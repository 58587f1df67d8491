"""How a household is reached: opened by the desk for whoever holds it, with a trace, and for nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from confluent_kafka import Producer
from playwright.sync_api import expect

from eropaf.agents.sealing import new_keys
from eropaf.agents.topology import stages
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.risk.household import fold
from eropaf_client.contact_slips import Contact, ContactSlips
from eropaf_client.schemas.registry import LocalRegistry
from tests.board.conftest import PRIVATE, Visit, look, look_otherwise
from tests.board.standing import Standing, city, key, put_accounts
from tests.board.test_guard import Caller
from tests.board.test_why import of, traces
from tests.builders import AMSTERDAM_EXAMPLE, CONTACT_SLIPS, a_signal, amsterdam_example, an_event
from tests.integration.processes import PATIENCE_S, until

pytestmark = pytest.mark.kafka

SLIPS_PUBLIC, SLIPS_PRIVATE = new_keys()
TOKEN = "of the tests and nowhere else, long enough"
# Of 1012: see city() in standing.py.
HERS, WITHOUT, ANOTHERS = 22, 25, 28
CONTACT = Contact("Mevrouw Voorbeeld", "06 12345678", "voorbeeld@example.org")


def keep_row(bootstrap: str, household: str, contract: str) -> None:
    """Keep the row of a household with rent and water open, as its agent does."""
    row = fold(None, an_event(contract=contract), amsterdam_example()).row
    water = a_signal(signal_id="2", creditor="water", partner_type="WATER", contract=f"{contract}-water")
    table = stages("eropaf", ["rent"], LocalRegistry()).household.table
    assert table is not None
    value = table.encode(fold(row, an_event(water), amsterdam_example()).row)
    producer = Producer({"bootstrap.servers": bootstrap, "partitioner": "murmur2_random"})
    producer.produce("eropaf-household-changelog", key=household.encode(), value=value)
    assert producer.flush(PATIENCE_S) == 0


@pytest.fixture(scope="module")
def desk(kafka: EmbeddedKafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    folder = tmp_path_factory.mktemp("desk")
    policy = folder / "policy.toml"
    policy.write_text(AMSTERDAM_EXAMPLE + CONTACT_SLIPS, encoding="utf-8")
    standing = Standing(
        kafka.bootstrap,
        folder,
        EROPAF_POLICY=str(policy),
        EROPAF_CREDITORS="rent",
        EROPAF_AUDITORS_PRIVATE_KEY=PRIVATE,
        EROPAF_SLIPS_PRIVATE_KEY=SLIPS_PRIVATE,
        EROPAF_SLIPS_TOKEN=TOKEN,
    )
    put_accounts(standing.database)
    try:
        standing.start()
        yield standing
    finally:
        standing.kill()


@pytest.fixture(scope="module")
def team(
    kafka: EmbeddedKafka, desk: Standing, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Standing]:
    """The team's board, which knows where the desk is, and has no key."""
    standing = Standing(
        kafka.bootstrap,
        tmp_path_factory.mktemp("team"),
        EROPAF_DESK_URL=desk.url,
        EROPAF_SLIPS_TOKEN=TOKEN,
    )
    put_accounts(standing.database)
    standing.ranking.tell(*city(30))
    for number in (HERS, WITHOUT, ANOTHERS):
        keep_row(kafka.bootstrap, key(number), f"contract-{number}")
    with ContactSlips(kafka.bootstrap, "rent", SLIPS_PUBLIC) as slips:
        slips.leave(f"contract-{HERS}", Contact("Somebody of before", "06 99999999"))
        slips.leave(f"contract-{HERS}", CONTACT)
        slips.leave("contract-of-no-household", Contact(phone="06 00000000"))
    try:
        standing.start()
        yield standing
    finally:
        standing.kill()


def asked(desk: Standing, number: int, who: str, token: str = TOKEN) -> httpx2.Response:
    """Ask the desk as the team's board does."""
    with httpx2.Client(timeout=PATIENCE_S, trust_env=False) as http:
        headers = {"authorization": f"Bearer {token}"}
        return http.post(f"{desk.url}/slips", json={"household": key(number), "who": who}, headers=headers)


def test_who_holds_a_household_opens_how_it_is_reached_and_the_phone_comes_first(
    visit: Visit, team: Standing, desk: Standing, seen: Path
) -> None:
    page = visit("sanne", phone=True, another=team)
    page.goto(f"{team.url}/households/{key(HERS)}")
    expect(page.locator("[data-contact]")).to_have_count(0)
    page.click("form[action$='/claim'] button")
    expect(page.locator("[data-contact] button")).to_have_text("Toon contactgegevens")
    assert page.locator("input[name=channel]").first.get_attribute("value") == "VISIT"
    until(lambda: asked(desk, HERS, "sanne").status_code == 200, PATIENCE_S, "the desk read the claim")
    before = len(of(traces(team.bootstrap), HERS))

    page.click("[data-contact] button")

    shown = page.locator("[data-contact]")
    expect(shown).to_contain_text("Mevrouw Voorbeeld")
    expect(shown.locator("a[href='tel:0612345678']")).to_have_text("06 12345678")
    expect(shown.locator("a[href='mailto:voorbeeld%40example.org']")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text(f"contract-{HERS}")
    expect(page.locator("main")).not_to_contain_text("06 99999999")
    expect(page.locator("input[name=channel]:checked")).to_have_value("PHONE")
    assert look(page, seen / "contact-nl-phone-light.png") == []
    assert look_otherwise(page, seen / "contact-nl-desk-dark.png") == []
    (left,) = of(traces(team.bootstrap), HERS)[before:]
    assert (left["who"], left["what"], left["purpose"]) == ("sanne", "contact", "outreach")
    page.reload()
    assert len(of(traces(team.bootstrap), HERS)) >= before + 1

    page.click("a[hreflang=en]")
    expect(page.locator("[data-contact] button")).to_have_text("Show contact details")
    page.click("[data-contact] button")
    expect(page.locator("[data-contact] a.primary")).to_have_text("06 12345678")
    assert look(page, seen / "contact-en-phone-light.png") == []

    for said in ("Voorbeeld", "12345678", "voorbeeld@"):
        assert said not in team.said + desk.said


def test_nobody_else_is_shown_anything_and_no_trace_is_left(team: Standing, desk: Standing) -> None:
    caller = Caller(team)
    caller.log_in("youssef")

    refused = caller.http.post(f"/households/{key(ANOTHERS)}/contact", data={"csrf": caller.csrf})

    assert refused.status_code == 403
    assert asked(desk, ANOTHERS, "youssef").status_code == 403
    assert asked(desk, HERS, "youssef").status_code == 403
    assert asked(desk, HERS, "sanne", token="x" * 40).status_code == 401
    assert of(traces(team.bootstrap), ANOTHERS) == []
    caller.http.close()


def test_where_none_was_left_the_page_says_so(visit: Visit, team: Standing, desk: Standing) -> None:
    page = visit("sanne", language="en", another=team)
    page.goto(f"{team.url}/households/{key(WITHOUT)}")
    page.click("form[action$='/claim'] button")
    until(lambda: asked(desk, WITHOUT, "sanne").status_code == 200, PATIENCE_S, "the desk read the claim")

    page.click("[data-contact] button")

    expect(page.locator("[data-contact]")).to_contain_text("None were given.")
    expect(page.locator("input[name=channel]:checked")).to_have_value("VISIT")


def test_what_the_desk_is_asked_with_is_read_strictly_and_bounded(team: Standing, desk: Standing) -> None:
    with httpx2.Client(timeout=PATIENCE_S, trust_env=False) as http:
        headers = {"authorization": f"Bearer {TOKEN}"}
        for body in (b"", b"[]", b"{}", b"\xff", b"[" * 9_000):
            assert http.post(f"{desk.url}/slips", content=body, headers=headers).status_code == 400
        assert http.post(f"{desk.url}/slips", content=b" " * 20_000, headers=headers).status_code == 413
        assert http.get(f"{team.url}/slips", headers=headers).status_code == 404

    until(lambda: asked(desk, HERS, "sanne").status_code == 429, PATIENCE_S, "ten in a minute are enough")
    assert TOKEN not in desk.said + team.said
