"""Whoever may write to a topic that the board reads cannot end it, nor keep it from being ready."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf_client.schemas.topics import CLAIMS, OUTCOMES, PRIORITIES
from tests.attack.records import claim, hostile_claims, hostile_outcomes, noise, outcome
from tests.board.caller import Caller
from tests.board.standing import Standing, city, key, put_accounts
from tests.integration.processes import PATIENCE_S, until

pytestmark = pytest.mark.kafka

RANDOM = random.Random(18)
HOSTILE_CLAIMS, HOSTILE_OUTCOMES = hostile_claims(), hostile_outcomes()


@pytest.fixture
def board(fresh: EmbeddedKafka, tmp_path: Path) -> Iterator[Standing]:
    standing = Standing(fresh.bootstrap, tmp_path)
    put_accounts(standing.database)
    standing.ranking.tell(*city(30))
    try:
        yield standing
    finally:
        standing.kill()


def write(bootstrap: str, topic: str, *values: bytes | None) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "partitioner": "murmur2_random"})
    for value in values:
        producer.produce(topic, value, key(0).encode())
    assert producer.flush(PATIENCE_S) == 0


def aside(caller: Caller) -> int:
    found = caller.http.get("/state").text.split('data-aside="')[1].split('"')[0]
    return int(found)


def test_hostile_records_are_set_aside_counted_and_named_and_the_board_goes_on(
    fresh: EmbeddedKafka, board: Standing
) -> None:
    write(fresh.bootstrap, CLAIMS, *HOSTILE_CLAIMS)
    write(fresh.bootstrap, OUTCOMES, *HOSTILE_OUTCOMES)

    board.start()  # ready, with all of that before it
    operator, worker = Caller(board), Caller(board)
    operator.log_in("olaf")
    worker.log_in("sanne")

    assert aside(operator) == len(HOSTILE_CLAIMS) + len(HOSTILE_OUTCOMES)
    write(fresh.bootstrap, PRIORITIES, b"no update")
    until(
        lambda: aside(operator) == len(HOSTILE_CLAIMS) + len(HOSTILE_OUTCOMES) + 1,
        PATIENCE_S,
        "an update counts too",
    )
    assert f"{CLAIMS}-" in operator.http.get("/state").text
    assert "wrong-magic" in board.said

    # While it runs, too; and a worker's own work goes on among them.
    write(fresh.bootstrap, CLAIMS, *(noise(RANDOM, claim()) for _ in range(500)))
    write(fresh.bootstrap, OUTCOMES, *(noise(RANDOM, outcome()) for _ in range(500)))
    assert worker.post(f"/households/{key(3)}/claim") == 303
    assert worker.register(key(3)) == 303
    until(lambda: aside(operator) > 500, PATIENCE_S, "most of the noise is set aside")
    lead = Caller(board)
    lead.log_in("lotte")
    for path in ("/", "/round", "/lead", f"/households/{key(0)}", f"/households/{key(3)}"):
        assert lead.http.get(path).status_code == 200, path
    assert worker.http.get("/round").text.count(f"/households/{key(3)}") > 0
    assert board.said.count('"set aside"') == 20, "a flood does not fill the log"
    assert worker.http.get("/health/live").text == "live"
