"""A return that was refused, or killed, leaves nothing open: the next one goes on at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer

from eropaf.streams.config import StreamsConfig
from eropaf.streams.errors import GroupBusy, SavepointMisfit
from eropaf.streams.operate import savepoint, savepoint_import
from eropaf.streams.operate.reading import partitions, read
from eropaf.streams.operate.savepoint import Cluster
from eropaf.streams.operate.savepoint_scope import Scope
from eropaf.streams.operate.topics import Topic, admin, ensure
from eropaf.streams.runtime.stage import Stage, TableSpec, changelog
from eropaf.streams.state.restore import Restorer
from eropaf.streams.topic_partition import TP
from tests.integration.processes import PATIENCE_S, until

pytestmark = pytest.mark.kafka

EVERYBODY = b"*"
TOLD = 10
# Long enough for a worker that nothing keeps waiting to have its answer.
ANSWERED_WITHIN_S = 2.0


class Place:
    """A cluster with the topics of a small flow: one that is read, one that is told."""

    def __init__(self, bootstrap: str, name: str, partitions: int) -> None:
        self.bootstrap = bootstrap
        self.numbers, self.told = f"{name}-numbers", f"{name}-told"
        scope = Scope(
            f"{name}-group",
            (Stage("count", (self.numbers,), TableSpec("rows", encode=bytes, decode=bytes)),),
            copied_in_full=frozenset({self.told}),
            rebuilt=frozenset(),
            broadcast_keys=frozenset({EVERYBODY}),
        )
        self.group, self.transactional_id = scope.group, f"{name}-group-savepoint"
        ensure(
            admin(bootstrap, {}),
            [Topic(topic, partitions) for topic in (self.numbers, self.told, changelog(scope.group, "rows"))],
        )
        self.cluster = Cluster(bootstrap, {}, scope)

    def write(self, producer: Producer, topic: str, key: bytes) -> None:
        producer.produce(topic, key=key, value=b"value")
        assert producer.flush(PATIENCE_S) == 0

    def held(self) -> list[bytes | None]:
        kafka = admin(self.bootstrap, {})
        starts = dict.fromkeys(partitions(kafka, self.told), 0)
        ends = savepoint.reading.ends(kafka, starts)
        return [record.key() for record in read(self.bootstrap, {}, starts, ends)]


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(savepoint, "AT_REST_WITHIN_S", PATIENCE_S)


def a_savepoint(bootstrap: str, name: str, file: Path, *, unread: bytes) -> None:
    """Take a savepoint of TOLD records that were told, and one that was not read, of this key."""
    old = Place(bootstrap, name, 1)
    producer = Producer({"bootstrap.servers": bootstrap})
    for number in range(TOLD):
        old.write(producer, old.told, b"%d" % number)
    # As a letter about a record for everybody has its key: it is one record all the same.
    old.write(producer, old.told, EVERYBODY)
    old.write(producer, old.numbers, unread)
    old.cluster.export(file, lambda line: None)


@pytest.mark.usefixtures("soon")
def test_an_import_that_was_refused_after_it_wrote_can_be_given_again_at_once(
    bootstrap: str, another_bootstrap: str, tmp_path: Path
) -> None:
    file = tmp_path / "savepoint"
    a_savepoint(bootstrap, "refused", file, unread=EVERYBODY)
    new = Place(another_bootstrap, "refused", 3)

    for _ in range(2):
        with pytest.raises(SavepointMisfit, match="an unread record meant for every partition"):
            new.cluster.import_from(file, lambda line: None)

    assert new.held() == []


@pytest.mark.usefixtures("soon")
def test_an_import_that_was_killed_can_be_given_again_at_once(
    bootstrap: str, another_bootstrap: str, tmp_path: Path
) -> None:
    file = tmp_path / "savepoint"
    a_savepoint(bootstrap, "killed", file, unread=b"one")
    new = Place(another_bootstrap, "killed", 3)
    killed = Producer(
        {
            "bootstrap.servers": new.bootstrap,
            "transactional.id": new.transactional_id,
            "transaction.timeout.ms": 900_000,
        }
    )
    killed.init_transactions(PATIENCE_S)
    killed.begin_transaction()
    new.write(killed, new.told, b"half")

    new.cluster.import_from(file, lambda line: None)

    told = [EVERYBODY, *(b"%d" % number for number in range(TOLD))]
    until(lambda: len(new.held()) >= len(told), PATIENCE_S, "all to be seen: partition by partition")
    assert sorted(new.held(), key=repr) == sorted(told, key=repr)


@pytest.mark.usefixtures("soon")
def test_an_import_is_refused_where_a_worker_started_since_it_looked(
    bootstrap: str, another_bootstrap: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "savepoint"
    a_savepoint(bootstrap, "started", file, unread=b"one")
    new = Place(another_bootstrap, "started", 3)
    worker = Consumer({"bootstrap.servers": new.bootstrap, "group.id": new.group})

    def reads() -> bool:
        worker.poll(0.1)
        return bool(worker.assignment())

    def started(*arguments: Any) -> Any:
        worker.subscribe([new.numbers])
        until(reads, PATIENCE_S, "a worker reading")
        return savepoint_import.take_over(*arguments)

    monkeypatch.setattr(savepoint, "take_over", started)
    with pytest.raises(GroupBusy, match="started-group run"):
        new.cluster.import_from(file, lambda line: None)

    worker.close()
    assert new.held() == []


@pytest.mark.usefixtures("soon")
def test_a_worker_that_starts_during_an_import_begins_where_that_puts_it(
    bootstrap: str, another_bootstrap: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "savepoint"
    a_savepoint(bootstrap, "during", file, unread=b"one")
    new = Place(another_bootstrap, "during", 1)
    restorer = Restorer(StreamsConfig(new.bootstrap, new.group, "worker"))
    began: list[dict[TP, int]] = []

    def begin() -> None:
        began.append(dict(restorer.begins([TP(new.numbers, 0)]).known))

    worker = Thread(target=begin, daemon=True)
    entries = savepoint_import.read_entries

    def read_entries(file: Path) -> Iterator[dict[str, Any]]:
        worker.start()
        worker.join(ANSWERED_WITHIN_S)
        yield from entries(file)

    monkeypatch.setattr(savepoint_import, "read_entries", read_entries)
    new.cluster.import_from(file, lambda line: None)

    worker.join(PATIENCE_S)
    assert began == [{TP(new.numbers, 0): 0}], "below zero, had it not waited for the import"
    restorer.close()
