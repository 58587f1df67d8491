"""Rows come back whole, and not before the last checkpoint of whoever had them is settled."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from faust.types import TP

from deploy.embedded import EmbeddedKafka
from streams.checkpoint import Checkpoint, TransactionWriter
from streams.config import StreamsConfig
from streams.restore import Restorer, Wanted
from streams.topics import Topic, admin, ensure

pytestmark = pytest.mark.kafka

INPUT, ROWS = TP("input", 0), "rows"


@pytest.fixture
def config(fresh: EmbeddedKafka) -> StreamsConfig:
    topics = [Topic(INPUT.topic, 1), Topic(ROWS, 1, {"cleanup.policy": "compact"})]
    ensure(admin(fresh.bootstrap, {}), topics)
    return StreamsConfig(fresh.bootstrap, "restoring", "one")


def group_metadata(config: StreamsConfig) -> object:
    return Consumer(
        {"bootstrap.servers": config.bootstrap, "group.id": config.group}
    ).consumer_group_metadata()


def restored(config: StreamsConfig) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    restorer = Restorer(config)
    wanted = Wanted(ROWS, 0, (INPUT,), still=lambda: True)
    restorer.restore([wanted], lambda _, rows: found.update(rows))
    restorer.close()
    return found


def test_the_newest_row_of_each_key_comes_back_and_deleted_ones_do_not(config: StreamsConfig) -> None:
    writer = TransactionWriter(config)
    writer.open()
    for rows in ([(b"a", b"1"), (b"b", b"1")], [(b"a", b"2"), (b"b", None)]):
        checkpoint = Checkpoint(offsets={INPUT: 1})
        checkpoint.take_rows(ROWS, 0, rows)
        writer.write(checkpoint, group_metadata(config))

    assert restored(config) == {b"a": b"2"}


def test_it_waits_for_a_checkpoint_that_is_half_way_and_sees_what_it_saved(config: StreamsConfig) -> None:
    dying = Producer({"bootstrap.servers": config.bootstrap, "transactional.id": "half-way"})
    dying.init_transactions(20)
    dying.begin_transaction()
    dying.produce(ROWS, key=b"late", value=b"1", partition=0)
    dying.send_offsets_to_transaction([TopicPartition(*INPUT, 1)], group_metadata(config), 20)

    with ThreadPoolExecutor(1) as pool:
        rows = pool.submit(restored, config)
        with pytest.raises(TimeoutError):
            rows.result(timeout=1)
        dying.commit_transaction(20)

        assert rows.result(60) == {b"late": b"1"}
