"""The board measures itself for who keeps it running, and says of nobody who they are."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.installation import Installation
from eropaf.deploy.embedded.ports import choose
from eropaf_client.schemas.topics import CLAIMS
from tests.board.caller import Caller
from tests.board.standing import ACCOUNTS, Standing, city, key, put_accounts
from tests.integration.processes import PATIENCE_S, until

pytestmark = pytest.mark.kafka

SAMPLE = re.compile(r"^(eropaf_board_\w+(?:\{.*\})?) (\S+)$", re.MULTILINE)


class Scraped:
    """A board, and where its metrics are."""

    def __init__(self, bootstrap: str, folder: Path) -> None:
        self.port = choose(1)[0]
        self.board = Standing(bootstrap, folder, EROPAF_BOARD_METRICS_PORT=str(self.port))

    def page(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=PATIENCE_S) as page:
            return str(page.read().decode())

    def samples(self) -> dict[str, float]:
        return {name: float(value) for name, value in SAMPLE.findall(self.page())}


@pytest.fixture(scope="module")
def scraped(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraped]:
    with EmbeddedKafka(installation=installation) as kafka:
        made = Scraped(kafka.bootstrap, tmp_path_factory.mktemp("metrics"))
        put_accounts(made.board.database)
        made.board.ranking.tell(*city(30))
        try:
            made.board.start()
            yield made
        finally:
            made.board.kill()


def test_the_boards_metrics_are_measured_and_name_nobody(scraped: Scraped) -> None:
    producer = Producer({"bootstrap.servers": scraped.board.bootstrap})
    producer.produce(CLAIMS, b"x", key(0).encode())
    assert producer.flush(PATIENCE_S) == 0
    worker = Caller(scraped.board)
    worker.http.post("/login", data={"name": "sanne", "password": "wrong"})
    worker.log_in("sanne")
    worker.http.get(f"/households/{key(3)}")
    worker.http.get("/somewhere/else")

    with worker.http.stream("GET", "/changes") as stream:
        events = stream.iter_text()  # kept: one that is let go of closes the stream
        next(events)
        until(
            lambda: scraped.samples()["eropaf_board_streams_open"] == 1, PATIENCE_S, "the stream is counted"
        )
        until(
            lambda: scraped.samples()["eropaf_board_unread_records"] == 0,
            PATIENCE_S,
            "all is read, and is said to be",
        )
        found, page = scraped.samples(), scraped.page()

    assert found['eropaf_board_ready{serves="team"}'] == 1
    assert found['eropaf_board_logins_total{result="wrong"}'] == 1
    assert found['eropaf_board_logins_total{result="in"}'] == 1
    assert found[f'eropaf_board_set_aside_total{{reason="wrong-magic",topic="{CLAIMS}"}}'] == 1
    count = "eropaf_board_request_duration_seconds_count"
    assert found[f'{count}{{route="/households/{{household}}",status="200"}}'] == 1
    assert found[f'{count}{{route="/changes",status="200"}}'] == 1
    assert found[f'{count}{{route="none",status="404"}}'] == 1
    assert "process_resident_memory_bytes" in page
    assert "eropaf_settings_info" not in page, "that is a worker's, and alerts compare it"
    told_of = [each.name for each in ACCOUNTS]
    session = worker.http.cookies["session"]
    assert [each for each in (*told_of, key(3), "somewhere", session) if each in page] == []
    until(lambda: scraped.samples()["eropaf_board_streams_open"] == 0, PATIENCE_S, "the stream has ended")


def test_the_page_that_browsers_reach_has_no_metrics(scraped: Scraped) -> None:
    anybody = Caller(scraped.board)

    assert anybody.http.get("/metrics").status_code == 404
