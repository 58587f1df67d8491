"""A broker that stands still and goes on: whoever reads goes on with it, and waits for no coordinator."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

import pytest

from eropaf.board.reading import read_along
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.streams.operate import reading
from eropaf.streams.operate.topics import Topic, admin, ensure
from eropaf_client.cluster import Cluster
from eropaf_client.schemas.topics import CLAIMS, DOOR_SAFETY, OUTCOMES, PRIORITIES
from eropaf_client.subscriber import PrioritySubscriber
from tests.integration.clients.telling import Ranking, an_update
from tests.integration.processes import PATIENCE_S, until
from tests.journal import Journal

pytestmark = pytest.mark.kafka

# Longer than a broker may be silent before its leaderships are taken away.
STANDS_S = 11.0


class Kept:
    """Reads again and again on a thread of its own, and knows how much there was in all."""

    def __init__(self, name: str, read: Callable[[], int]) -> None:
        self.name, self._read = name, read
        self.count = 0
        self.failed = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join(PATIENCE_S)

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self.count = self._read()
            except Exception as error:
                self.failed = f"{type(error).__name__}: {error}"


def test_all_who_read_go_on_when_a_broker_that_stood_still_goes_on(fresh: EmbeddedKafka) -> None:
    kafka = admin(fresh.bootstrap, {})
    ensure(kafka, [Topic(name, 3) for name in (PRIORITIES, CLAIMS, OUTCOMES, DOOR_SAFETY)])
    ranking = Ranking(fresh.bootstrap)
    journal = Journal(fresh.bootstrap, [PRIORITIES])
    taken: list[object] = []
    subscriber = PrioritySubscriber(fresh.bootstrap)
    board = read_along(Cluster(fresh.bootstrap))
    shown: list[object] = []

    def subscribed() -> int:
        received = subscriber.receive(0.1)
        if received is not None:
            subscriber.complete(received)
            taken.append(received)
        return len(taken)

    def shown_on_the_board() -> int:
        shown.extend(board.read().updates)
        return len(shown)

    def in_a_report() -> int:
        tps = reading.partitions(kafka, PRIORITIES)
        begin, end = reading.beginnings(kafka, tps), reading.ends(kafka, tps)
        return sum(1 for _ in reading.read(fresh.bootstrap, {}, begin, end))

    with ExitStack() as stack:
        stack.callback(subscriber.close)
        for each in board._readers:
            stack.callback(each.close)
        readers = [
            Kept("the harness", lambda: len(journal.read()[PRIORITIES])),
            Kept("a subscriber", subscribed),
            Kept("the board", shown_on_the_board),
            Kept("a report, with a client that asked before", in_a_report),
        ]
        for reader in readers:
            stack.callback(reader.end)
        ranking.tell(*(an_update(household=f"h-{number}") for number in range(100)))
        for reader in readers:
            until(partial(has_read, reader, 100), PATIENCE_S, f"{reader.name} reads; {reader.failed}")

        fresh.nodes[0].pause()
        time.sleep(STANDS_S)
        fresh.nodes[0].resume()
        ranking.tell(*(an_update(household=f"h-{number}", sequence=2) for number in range(100)))

        for reader in readers:
            until(partial(has_read, reader, 200), PATIENCE_S, f"{reader.name} goes on; {reader.failed}")

    # Whoever saves a position with the group's coordinator reads nothing more until that has answered, which
    # after a standstill may take a minute (45 s of them are the client library's own). So none of these does.
    assert [group.group_id for group in kafka.list_consumer_groups().result(PATIENCE_S).valid] == []


def has_read(reader: Kept, count: int) -> bool:
    return reader.count >= count
