"""Keys are placed where Java's own partitioner places them.

The table was made with `Utils.toPositive(Utils.murmur2(key)) % 12` of Kafka's Java client.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Message, Producer, TopicPartition

from eropaf.streams.config import StreamsConfig
from eropaf.streams.operate.topics import Topic, admin, ensure
from eropaf.streams.runtime.checkpoint import Checkpoint, TransactionWriter
from eropaf.streams.runtime.record import Output

pytestmark = pytest.mark.kafka

TABLE = Path(__file__).parents[1] / "data" / "murmur2-12-partitions.csv"


def java_says() -> dict[bytes, int]:
    with TABLE.open(encoding="utf-8", newline="") as opened:
        return {row["key"].encode(): int(row["partition"]) for row in csv.DictReader(opened)}


def test_the_table_holds_more_than_a_thousand_keys_of_several_kinds() -> None:
    keys = java_says()

    assert len(keys) >= 1_000
    assert any(not key.isascii() for key in keys)
    assert set(keys.values()) == set(range(12))


def test_murmur2_random_places_every_key_as_java_does(bootstrap: str) -> None:
    ensure(admin(bootstrap, {}), [Topic("placed", 12)])
    placed: dict[bytes | None, int | None] = {}
    producer = Producer({"bootstrap.servers": bootstrap, "partitioner": "murmur2_random"})
    for key in java_says():
        producer.produce(
            "placed",
            key=key,
            on_delivery=lambda _, message: placed.update({message.key(): message.partition()}),
        )
    producer.flush()

    assert placed == java_says()


def test_a_checkpoint_places_its_outputs_the_same_way(bootstrap: str) -> None:
    kafka = admin(bootstrap, {})
    ensure(kafka, [Topic("placed-by-checkpoint", 12)])
    writer = TransactionWriter(StreamsConfig(bootstrap, "placing", "one"), "placing")
    writer.open()
    outputs = [Output("placed-by-checkpoint", key, str(at).encode(), 1) for key, at in java_says().items()]

    writer.write(Checkpoint(outputs=outputs), group_metadata(bootstrap))

    assert wrongly_placed(bootstrap) == []


def group_metadata(bootstrap: str) -> object:
    return Consumer({"bootstrap.servers": bootstrap, "group.id": "placing"}).consumer_group_metadata()


def wrongly_placed(bootstrap: str) -> list[bytes | None]:
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "placed", "isolation.level": "read_committed"}
    )
    consumer.assign([TopicPartition("placed-by-checkpoint", partition, 0) for partition in range(12)])
    read: list[Message] = []
    while len(read) < len(java_says()):
        read += [message for message in consumer.consume(500, timeout=1) if message.error() is None]
    consumer.close()
    return [message.key() for message in read if int(message.value() or b"") != message.partition()]
