"""What a broker does with groups, as far as workers lean on it: under both protocols."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from tests.conformance.conftest import Kafka
from tests.integration.processes import PATIENCE_S


@pytest.fixture(params=["consumer", "classic"])
def protocol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def held(consumer: Any) -> set[int]:
    return {place.partition for place in consumer.assignment()}


def share(kafka: Kafka, *members: Any, partitions: int) -> None:
    """Let members poll until each partition is with one of them, and each has some."""

    def shared() -> bool:
        for member in members:
            member.consume(10, 0.02)
        all_held = [number for member in members for number in held(member)]
        return sorted(all_held) == list(range(partitions)) and all(held(member) for member in members)

    kafka.until(shared, "the partitions are shared")


def refusal(kafka: Kafka, topic: str, metadata: Any) -> int | None:
    """Try to save an offset under `metadata`; return what the broker said, None where it was taken."""
    producer = kafka.producer("saving")
    producer.begin_transaction()
    try:
        producer.send_offsets_to_transaction([TopicPartition(topic, 0, 1)], metadata, PATIENCE_S)
        producer.commit_transaction(PATIENCE_S)
    except KafkaException as error:
        producer.abort_transaction(PATIENCE_S)
        return int(error.args[0].code())
    return None


def test_members_share_by_range_and_who_stays_takes_what_who_leaves_had(kafka: Kafka, protocol: str) -> None:
    topic = kafka.topic(4)
    one = kafka.member(topic, protocol)
    share(kafka, one, partitions=4)

    other = kafka.member(topic, protocol)
    share(kafka, one, other, partitions=4)
    assert sorted(map(sorted, (held(one), held(other)))) == [[0, 1], [2, 3]]

    one.close()
    share(kafka, other, partitions=4)
    other.close()


def test_a_member_saves_offsets_under_its_epoch_and_not_under_the_one_before(
    kafka: Kafka, protocol: str
) -> None:
    topic = kafka.topic(2)
    one = kafka.member(topic, protocol)
    share(kafka, one, partitions=2)
    before = one.consumer_group_metadata()
    assert refusal(kafka, topic, before) is None

    other = kafka.member(topic, protocol)
    share(kafka, one, other, partitions=2)

    assert refusal(kafka, topic, before) == KafkaError.ILLEGAL_GENERATION

    def taken() -> bool:
        one.consume(10, 0.02)  # in which it hears of its new epoch
        return refusal(kafka, topic, one.consumer_group_metadata()) is None

    kafka.until(taken, "taken under the new epoch")
    one.close()
    other.close()


def test_offsets_of_a_transaction_that_names_no_member_are_taken_beside_members(
    kafka: Kafka, protocol: str
) -> None:
    """So a command that notes offsets looks itself whether a worker runs (`eropaf state import`)."""
    topic = kafka.topic(1)
    member = kafka.member(topic, protocol)
    share(kafka, member, partitions=1)

    assert refusal(kafka, topic, kafka.consumer().consumer_group_metadata()) is None
    member.close()


def test_who_left_saves_nothing_more(kafka: Kafka, protocol: str) -> None:
    topic = kafka.topic()
    one = kafka.member(topic, protocol)
    share(kafka, one, partitions=1)
    before = one.consumer_group_metadata()

    one.close()
    said: list[int | None] = []

    def refused() -> bool:
        said.append(refusal(kafka, topic, before))
        return said[-1] is not None

    kafka.until(refused, "that it left is known")
    assert said[-1] == KafkaError.UNKNOWN_MEMBER_ID


def test_what_is_paused_gives_nothing_and_is_read_on_from_where_it_was(kafka: Kafka, protocol: str) -> None:
    topic, producer = kafka.topic(), kafka.producer()
    for number in range(6):
        producer.produce(topic, value=str(number).encode(), partition=0)
    producer.flush()
    consumer = kafka.consumer()
    consumer.assign([TopicPartition(topic, 0, 0)])
    found: list[int] = []

    def read(most: int, wait_s: float = 0.1) -> int:
        records = [record for record in consumer.consume(most, wait_s) if record.error() is None]
        found.extend(int(record.value()) for record in records)
        return len(found)

    kafka.until(lambda: read(2) >= 2, "two records")
    consumer.pause([TopicPartition(topic, 0)])
    before = len(found)
    for _ in range(5):
        read(10)
    assert len(found) == before
    consumer.resume([TopicPartition(topic, 0)])
    kafka.until(lambda: read(10) >= 6, "the rest")
    assert found == list(range(6))

    consumer.seek(TopicPartition(topic, 0, 4))
    kafka.until(lambda: read(10) >= 8, "the last two again")
    assert found[6:] == [4, 5]
    consumer.close()


def test_who_reads_on_from_what_was_deleted_is_told(kafka: Kafka, protocol: str) -> None:
    topic, producer = kafka.topic(), kafka.producer()
    for number in range(5):
        producer.produce(topic, value=str(number).encode(), partition=0)
    producer.flush()
    kafka.cut(topic, 3)
    consumer = kafka.consumer()
    consumer.assign([TopicPartition(topic, 0, 1)])
    told: list[int] = []

    def heard() -> bool:
        told.extend(r.error().code() for r in consumer.consume(10, 0.1) if r.error() is not None)
        return bool(told)

    kafka.until(heard, "an error")
    assert told[0] == KafkaError._AUTO_OFFSET_RESET
    consumer.close()


def let_go(kafka: Kafka, protocol: str, client: str) -> None:
    """Have the test's group go on without the member of this name."""
    asking = kafka.administrator()  # a client without a reference is collected before it has its answer
    group = asking.describe_consumer_groups([kafka.name], request_timeout=PATIENCE_S)[kafka.name].result()
    (member,) = [member for member in group.members if member.client_id == client]
    settings = {"bootstrap.servers": kafka.bootstrap}
    kafka.transport.let_go(settings, protocol, group, member)
    kafka.transport.let_go(settings, protocol, group, member)  # a second survivor, a moment later


def test_who_is_let_go_saves_nothing_more_and_what_it_had_goes_to_who_stays(
    kafka: Kafka, protocol: str
) -> None:
    topic = kafka.topic(4)
    one, other = kafka.member(topic, protocol, "one"), kafka.member(topic, protocol, "other")
    share(kafka, one, other, partitions=4)
    before = other.consumer_group_metadata()

    let_go(kafka, protocol, "other")

    assert refusal(kafka, topic, before) == KafkaError.UNKNOWN_MEMBER_ID

    def taken() -> bool:
        if protocol == "consumer":
            one.subscribe([topic])  # asks at once what there is
        one.consume(10, 0.02)
        return held(one) == {0, 1, 2, 3}

    kafka.until(taken, "all partitions are with who stays")
    one.close()
    other.close()


def test_what_is_noted_beside_an_offset_is_told_with_it(kafka: Kafka, protocol: str) -> None:
    topic = kafka.topic(3)
    noting, asking = kafka.consumer(), kafka.consumer(isolation_level="read_uncommitted")

    noting.commit(offsets=[TopicPartition(topic, 1, 7, "seven")], asynchronous=False)
    noting.commit(offsets=[TopicPartition(topic, 1, 5, "five")], asynchronous=False)

    found = asking.committed([TopicPartition(topic, number) for number in range(3)], timeout=PATIENCE_S)
    assert [(one.offset >= 0, one.metadata or "") for one in found] == [
        (False, ""),
        (True, "five"),
        (False, ""),
    ]
    assert found[1].offset == 5
    noting.close()
    asking.close()
