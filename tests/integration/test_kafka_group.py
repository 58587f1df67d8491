"""One member of a real group: what it is given, and given again."""

from __future__ import annotations

import pytest
from confluent_kafka import Producer
from faust.types import TP

from streams.checkpoint import Checkpoint, TransactionWriter
from streams.config import StreamsConfig
from streams.kafka_group import GroupMember
from streams.topics import Topic, admin, ensure
from tests.integration.processes import until

pytestmark = pytest.mark.kafka

NUMBERS = TP("numbers-of-a-member", 0)


def test_an_input_that_was_read_while_its_rows_were_away_is_read_again_from_the_last_checkpoint(
    bootstrap: str,
) -> None:
    config = StreamsConfig(bootstrap, "member", "one")
    ensure(admin(bootstrap, {}), [Topic(NUMBERS.topic, 1)])
    producer = Producer({"bootstrap.servers": bootstrap})
    for number in range(10):
        producer.produce(NUMBERS.topic, str(number))
    producer.flush()
    taken: list[TP] = []
    member = GroupMember(config, taken.extend, on_revoked=lambda tps: None, on_lost=lambda tps: None)
    member.subscribe([NUMBERS.topic])
    until(lambda: not member.poll(0.1) and taken == [NUMBERS], 30, "the partition")
    member.resume(taken)
    assert read(member, 10) == list(range(10))
    writer = TransactionWriter(config)
    writer.open()
    writer.write(Checkpoint(offsets={NUMBERS: 4}), member.metadata())

    member.resume(taken, back=taken)

    assert read(member, 6) == [4, 5, 6, 7, 8, 9]
    member.close()


def read(member: GroupMember, count: int) -> list[int]:
    found: list[int] = []

    def enough() -> bool:
        found.extend(int(record.value() or b"") for record in member.poll(0.1))
        return len(found) >= count

    until(enough, 30, f"{count} records; there are {found}")
    return found
