"""What an operator sees: how the board is doing, and no household."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer
from playwright.sync_api import expect

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf_client.schemas.topics import PRIORITIES
from tests.board.caller import Caller
from tests.board.conftest import DESK, Visit, look
from tests.board.standing import Standing, city, key, put_accounts
from tests.integration.processes import PATIENCE_S, until

pytestmark = pytest.mark.kafka


def test_the_page_is_readable_for_everybody(visit: Visit, board: Standing, seen: Path) -> None:
    page = visit("olaf", phone=True, dark=True)

    assert look(page, seen / "state-nl-phone-dark.png") == []

    page.click("a[hreflang=en]")
    expect(page.locator("html[lang=en]")).to_be_attached()
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESK)
    assert look(page, seen / "state-en-desk-light.png") == []


@pytest.fixture
def operator(fresh: EmbeddedKafka, tmp_path: Path) -> Iterator[tuple[Caller, Standing]]:
    standing = Standing(fresh.bootstrap, tmp_path)
    put_accounts(standing.database)
    try:
        standing.start()
        caller = Caller(standing)
        caller.log_in("olaf")
        yield caller, standing
    finally:
        standing.kill()


def shown(caller: Caller, what: str) -> str:
    found = re.search(rf"data-{what}[^>]*>([^<]*)<", caller.http.get("/state").text)
    assert found is not None
    return found[1]


def test_readiness_lag_age_and_who_is_logged_in(
    operator: tuple[Caller, Standing], fresh: EmbeddedKafka
) -> None:
    caller, standing = operator
    assert shown(caller, "ready") == "Gereed"
    assert shown(caller, "age") == "Nog geen"
    assert shown(caller, "behind") == "0"

    standing.ranking.tell(*city(9))
    until(lambda: re.fullmatch("[0-9]+ s geleden", shown(caller, "age")) is not None, PATIENCE_S, "an age")
    until(lambda: shown(caller, "behind") == "0", PATIENCE_S, "everything read")

    # A transaction's own mark at the end of a partition is no record that waits.
    producer = Producer({"bootstrap.servers": fresh.bootstrap, "transactional.id": "of-the-test"})
    producer.init_transactions(PATIENCE_S)
    producer.begin_transaction()
    producer.produce(PRIORITIES, key=key(9999).encode(), value=None)
    producer.commit_transaction(PATIENCE_S)
    until(lambda: shown(caller, "behind") == "0", PATIENCE_S, "everything read")

    page = caller.http.get("/state").text
    assert "olaf" in page
    assert "sanne" in page
    assert page.count("Beheerder") == 2, "an account, and a session"
    fresh.nodes[0].kill()
    until(lambda: shown(caller, "behind") == "Kafka antwoordt niet", PATIENCE_S, "that it is away")
