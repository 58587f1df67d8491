"""What a broker does with transactions, as far as checkpoints and restores lean on it."""

from __future__ import annotations

import csv
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec

from tests.conformance.conftest import Kafka
from tests.integration.processes import PATIENCE_S


def read(kafka: Kafka, topic: str, **settings: Any) -> tuple[list[bytes], int]:
    """Read `topic` to where its end is told; return the values, and that offset."""
    consumer = kafka.consumer(**settings)
    consumer.assign([TopicPartition(topic, 0, 0)])
    values: list[bytes] = []
    ends: list[int] = []

    def ended() -> bool:
        for message in consumer.consume(100, 0.1):
            if message.error() is None:
                values.append(message.value())
            else:
                assert message.error().code() == KafkaError._PARTITION_EOF
                ends.append(message.offset())
        return bool(ends)

    kafka.until(ended, "the end")
    consumer.close()
    return values, ends[-1]


def end(kafka: Kafka, topic: str, isolation: IsolationLevel) -> int:
    asked = {TopicPartition(topic, 0): OffsetSpec.latest()}  # type: ignore[no-untyped-call]
    client = kafka.administrator()  # held: one that nobody holds is gone before it has its answer
    (future,) = client.list_offsets(asked, isolation_level=isolation).values()
    return int(future.result(PATIENCE_S).offset)


def code(error: pytest.ExceptionInfo[KafkaException]) -> int:
    return int(error.value.args[0].code())


def test_records_are_seen_once_their_transaction_commits_and_its_mark_has_an_offset(
    kafka: Kafka,
) -> None:
    topic, producer = kafka.topic(), kafka.producer("one")
    producer.begin_transaction()
    producer.produce(topic, key=b"a", value=b"1", partition=0)
    producer.flush()

    assert read(kafka, topic) == ([], 0)
    assert end(kafka, topic, IsolationLevel.READ_COMMITTED) == 0
    assert end(kafka, topic, IsolationLevel.READ_UNCOMMITTED) == 1

    producer.commit_transaction(PATIENCE_S)
    kafka.until(lambda: end(kafka, topic, IsolationLevel.READ_COMMITTED) == 2, "the mark")
    assert read(kafka, topic) == ([b"1"], 2)


def test_a_producer_is_told_where_its_records_stand_before_their_transaction_ends(kafka: Kafka) -> None:
    topic, producer = kafka.topic(), kafka.producer("one")
    told: list[tuple[KafkaError | None, int]] = []

    for ends in (producer.abort_transaction, producer.commit_transaction):
        producer.begin_transaction()
        for number in range(3):
            asks = {"on_delivery": lambda error, message: told.append((error, message.offset()))}
            producer.produce(topic, key=b"a", value=b"1", partition=0, **(asks if number else {}))
        producer.flush()
        ends(20)

    # Each transaction's mark takes an offset, also that of one that was aborted.
    assert told == [(None, 1), (None, 2), (None, 5), (None, 6)]


def test_records_of_an_aborted_transaction_are_never_seen(kafka: Kafka) -> None:
    topic, producer = kafka.topic(), kafka.producer("one")
    for value, ends in (
        (b"never", producer.abort_transaction),
        (b"seen", producer.commit_transaction),
        (b"neither", producer.abort_transaction),
    ):
        producer.begin_transaction()
        producer.produce(topic, key=b"a", value=value, partition=0)
        producer.flush()
        ends(20)

    kafka.until(lambda: end(kafka, topic, IsolationLevel.READ_COMMITTED) == 6, "three marks")
    assert read(kafka, topic) == ([b"seen"], 6)


def test_an_open_transaction_hides_what_others_committed_behind_it(kafka: Kafka) -> None:
    topic, slow, quick = kafka.topic(), kafka.producer("slow"), kafka.producer("quick")
    slow.begin_transaction()
    slow.produce(topic, key=b"a", value=b"first", partition=0)
    slow.flush()
    quick.begin_transaction()
    quick.produce(topic, key=b"a", value=b"second", partition=0)
    quick.commit_transaction(PATIENCE_S)

    kafka.until(lambda: end(kafka, topic, IsolationLevel.READ_UNCOMMITTED) == 3, "the second's mark")
    assert read(kafka, topic) == ([], 0)

    slow.abort_transaction(PATIENCE_S)
    kafka.until(lambda: end(kafka, topic, IsolationLevel.READ_COMMITTED) == 4, "the first's mark")
    assert read(kafka, topic) == ([b"second"], 4)


def test_who_takes_a_name_aborts_what_was_left_open_under_it_and_fences_who_had_it(kafka: Kafka) -> None:
    topic, before = kafka.topic(), kafka.producer("one")
    before.begin_transaction()
    before.produce(topic, key=b"a", value=b"left open", partition=0)
    before.flush()

    after = kafka.producer("one")
    after.begin_transaction()
    after.produce(topic, key=b"a", value=b"mine", partition=0)
    after.commit_transaction(PATIENCE_S)

    with pytest.raises(KafkaException) as refused:
        before.commit_transaction(PATIENCE_S)
    assert refused.value.args[0].fatal()
    kafka.until(lambda: end(kafka, topic, IsolationLevel.READ_COMMITTED) == 4, "both marks")
    assert read(kafka, topic) == ([b"mine"], 4)


def test_what_is_open_longer_than_its_time_out_is_aborted_and_its_producer_fenced(kafka: Kafka) -> None:
    topic, late = kafka.topic(), kafka.producer("late", timeout_s=5)
    late.begin_transaction()
    late.produce(topic, key=b"a", value=b"late", partition=0)
    late.flush()

    kafka.until(lambda: end(kafka, topic, IsolationLevel.READ_COMMITTED) == 2, "the mark")
    with pytest.raises(KafkaException) as refused:
        late.commit_transaction(PATIENCE_S)
    assert refused.value.args[0].fatal()
    assert read(kafka, topic) == ([], 2)


def test_a_transaction_without_a_record_ends_too(kafka: Kafka) -> None:
    producer = kafka.producer("one")
    for ends in (producer.commit_transaction, producer.abort_transaction):
        producer.begin_transaction()
        ends(20)


def test_a_groups_offsets_count_with_their_transaction(kafka: Kafka) -> None:
    topic, producer = kafka.topic(), kafka.producer("one")
    stable, present = kafka.consumer(), kafka.consumer(isolation_level="read_uncommitted")
    place = [TopicPartition(topic, 0)]

    def offset(consumer: Any) -> int:
        (found,) = consumer.committed(place, PATIENCE_S)
        return int(found.offset)

    assert offset(stable) == -1001
    producer.begin_transaction()
    producer.send_offsets_to_transaction(
        [TopicPartition(topic, 0, 7)], stable.consumer_group_metadata(), PATIENCE_S
    )
    # Half-way: who asks for what is stable has to wait.
    assert offset(present) == -1001
    with pytest.raises(KafkaException):
        stable.committed(place, 0.5)

    producer.commit_transaction(PATIENCE_S)
    kafka.until(lambda: offset(present) == 7, "the mark")
    assert offset(stable) == 7

    producer.begin_transaction()
    producer.send_offsets_to_transaction(
        [TopicPartition(topic, 0, 9)], stable.consumer_group_metadata(), PATIENCE_S
    )
    producer.abort_transaction(PATIENCE_S)
    assert offset(stable) == 7


def test_keys_are_placed_as_java_places_them(kafka: Kafka) -> None:
    with (Path(__file__).parents[1] / "data" / "murmur2-12-partitions.csv").open(encoding="utf-8") as file:
        expected = {row["key"].encode(): int(row["partition"]) for row in islice(csv.DictReader(file), 200)}
    topic, producer, consumer = kafka.topic(12), kafka.producer(), kafka.consumer()
    for key in expected:
        producer.produce(topic, key=key, value=b"1")
    producer.flush()
    found: dict[bytes, int] = {}
    consumer.assign([TopicPartition(topic, number, 0) for number in range(12)])

    def all_there() -> bool:
        records = [record for record in consumer.consume(100, 0.1) if record.error() is None]
        found.update({record.key(): record.partition() for record in records})
        return len(found) == len(expected)

    kafka.until(all_there, "the records")
    assert found == expected
