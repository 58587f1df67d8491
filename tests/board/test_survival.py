"""The board is killed again and again while a team works: nothing is lost, and nothing counts twice."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from confluent_kafka import Consumer, KafkaError, TopicPartition

from eropaf.board.claims import Claims
from eropaf.board.records import Claim
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import CLAIMS, OUTCOMES
from eropaf_client.schemas.wire import Codec
from tests.board.caller import Caller
from tests.board.standing import Standing, city, key, put_accounts
from tests.integration.processes import PATIENCE_S, until

pytestmark = pytest.mark.kafka

NAMES = ("sanne", "youssef")
RESULTS = 40


class Worker(threading.Thread):
    """Claims and registers with a queue of its own, as the page does: sends again what was not answered."""

    def __init__(self, board: Standing, name: str, seed: int) -> None:
        super().__init__(daemon=True)
        self._caller = Caller(board)
        self._name = name
        self._random = random.Random(seed)
        self.registered: list[str] = []
        self.claimed: set[str] = set()

    def run(self) -> None:
        for _ in range(RESULTS):
            household = key(self._random.randrange(60) // 3 * 3)
            outcome_id = str(uuid.uuid4())
            self._until_answered(household, outcome_id)
            self.registered.append(outcome_id)
            time.sleep(0.05)
        self._caller.http.close()

    def _until_answered(self, household: str, outcome_id: str) -> None:
        while True:
            try:
                if not self._caller.csrf:
                    self._caller.log_in(self._name)
                claim = self._caller.http.post(
                    f"/households/{household}/claim",
                    data={"csrf": self._caller.csrf},
                    headers={"accept": "application/json"},
                )
                if claim.status_code == 200:
                    self.claimed.add(household)
                known = {"outcome_id": outcome_id, "channel": "VISIT", "outcome": "not_reached"}
                answer = self._caller.http.post(
                    f"/households/{household}",
                    data={"csrf": self._caller.csrf, **known},
                    headers={"accept": "application/json"},
                )
                if answer.status_code == 200:
                    return
            except httpx2.HTTPError:
                time.sleep(0.1)


@pytest.fixture
def board(fresh: EmbeddedKafka, tmp_path: Path) -> Iterator[Standing]:
    standing = Standing(fresh.bootstrap, tmp_path, EROPAF_BOARD_CAPACITY="100")
    put_accounts(standing.database)
    standing.ranking.tell(*city(60))
    try:
        standing.start()
        yield standing
    finally:
        standing.kill()


def read(bootstrap: str, topic: str, record: str) -> list[dict[str, object]]:
    codec = Codec(record, topic, LocalRegistry())
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "test", "enable.partition.eof": True})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(3)])
    found, at_end = [], set[int | None]()
    while len(at_end) < 3:
        for message in consumer.consume(1000, timeout=0.2):
            error = message.error()
            if error is None:
                found.append(codec.decode(message.value()))
            elif error.code() == KafkaError._PARTITION_EOF:  # of one that is written it comes again
                at_end.add(message.partition())
    consumer.close()
    return found


def test_kill_9_of_the_board_loses_nothing_and_counts_nothing_twice(
    fresh: EmbeddedKafka, board: Standing
) -> None:
    workers = [Worker(board, name, seed) for seed, name in enumerate(NAMES)]
    for worker in workers:
        worker.start()
    moments = random.Random(8)
    kills = 0
    while any(worker.is_alive() for worker in workers) and kills < 4:
        time.sleep(moments.uniform(0.3, 1.5))
        board.kill()
        kills += 1
        board.start()
    for worker in workers:
        worker.join(3 * PATIENCE_S)
        assert not worker.is_alive()

    # Every result that was answered is stored, under its own id.
    registered = [each for worker in workers for each in worker.registered]
    stored = Counter(str(value["outcome_id"]) for value in read(fresh.bootstrap, OUTCOMES, "OutreachOutcome"))
    assert len(registered) == len(NAMES) * RESULTS
    assert set(stored) == set(registered)
    # A claim that was answered holds, and nobody else was told the same.
    claims = Claims()
    for value in read(fresh.bootstrap, CLAIMS, "OutreachClaim"):
        claims.apply(Claim.from_record(value))
    assert workers[0].claimed.isdisjoint(workers[1].claimed)
    for worker, name in zip(workers, NAMES, strict=True):
        for household in worker.claimed:
            holder = claims.holder(household)
            assert holder is not None
            assert holder.id == name
    # What the board shows counts each id once, however often it was stored.
    caller = Caller(board)
    caller.log_in("lotte")
    until(
        lambda: f"<td>{len(registered)}</td>" in caller.http.get("/lead").text,
        PATIENCE_S,
        "each of them counted once",
    )
