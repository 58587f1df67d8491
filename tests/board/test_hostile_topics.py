"""Whoever may write to a topic that the board reads cannot end it, nor keep it from being ready."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import CLAIMS, OUTCOMES
from eropaf_client.schemas.wire import Codec
from tests.board.standing import Standing, city, key, put_accounts
from tests.board.test_guard import Caller
from tests.integration.processes import until

pytestmark = pytest.mark.kafka

NOW = int(time.time() * 1000)
RANDOM = random.Random(18)


def claim(**changes: Any) -> bytes:
    known = {
        "claim_id": "c",
        "household": key(0),
        "before": None,
        "holder": "x",
        "holder_name": "X",
        "at": NOW,
    }
    return Codec[dict[str, Any]]("OutreachClaim", CLAIMS, LocalRegistry()).encode({**known, **changes})


def outcome(**changes: Any) -> bytes:
    attempt = {"channel": "VISIT", "reached": True, "on": NOW // 86_400_000, "day_part": "MORNING"}
    known = {
        "outcome_id": str(uuid.uuid4()), "household": key(0), "at": NOW, "picked_up_on": None,
        "attempt": {**attempt, **changes.pop("attempt", {})}, "result": None,
    }  # fmt: skip
    return Codec[dict[str, Any]]("OutreachOutcome", OUTCOMES, LocalRegistry()).encode({**known, **changes})


# On a household that nobody else claims: each would hold it, were it taken.
HOSTILE_CLAIMS = [
    b"x",
    b"",
    None,
    b"\x00\x00\x00\x00\x01" + b"\xff" * 40,
    b"\x00\x7f\xff\xff\xff" + b"no such schema",
    outcome(),
    claim(at=2**62),
    claim(at=-(2**62)),
    claim(at=253_402_300_799_000),
    claim(holder_name="X" * 500_000),
    claim(holder="x" * 10_000),
    claim(household="h" * 100_000),
]
HOSTILE_OUTCOMES = [
    b"x",
    b"",
    None,
    claim(),
    outcome(at=2**62),
    outcome(at=-(2**62)),
    outcome(at=-62_135_596_800_000),
    outcome(picked_up_on=2**31 - 1),
    outcome(attempt={"on": -(2**31)}),
    outcome(attempt={"on": 2_932_896}),
    outcome(outcome_id="o" * 100_000),
]


def noise(seed: bytes) -> bytes:
    """Give a record that was hurt at a few places."""
    hurt = bytearray(seed)
    for _ in range(RANDOM.randint(1, 6)):
        hurt[RANDOM.randrange(len(hurt))] = RANDOM.randrange(256)
    return bytes(hurt[: RANDOM.randint(1, len(hurt))])


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
    assert producer.flush(20) == 0


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
    assert f"{CLAIMS}-" in operator.http.get("/state").text
    assert "wrong-magic" in board.said

    # While it runs, too; and a worker's own work goes on among them.
    write(fresh.bootstrap, CLAIMS, *(noise(claim()) for _ in range(500)))
    write(fresh.bootstrap, OUTCOMES, *(noise(outcome()) for _ in range(500)))
    assert worker.post(f"/households/{key(3)}/claim") == 303
    assert worker.register(key(3)) == 303
    until(lambda: aside(operator) > 500, 20, "most of the noise is set aside")
    lead = Caller(board)
    lead.log_in("lotte")
    for path in ("/", "/round", "/lead", f"/households/{key(0)}", f"/households/{key(3)}"):
        assert lead.http.get(path).status_code == 200, path
    assert worker.http.get("/round").text.count(f"/households/{key(3)}") > 0
    assert board.said.count('"set aside"') == 20, "a flood does not fill the log"
    assert worker.http.get("/health/live").text == "live"
    for each in (operator, worker, lead):
        each.http.close()
