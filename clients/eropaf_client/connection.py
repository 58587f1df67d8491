"""A reader of topics, and the first contact with a cluster: in time, or an error that names the address."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from eropaf_client.errors import BrokerUnreachable, TopicMissing

ANSWER_WITHIN_S = 8.0
LAG_WITHIN_S = 2.0
READ_AT_ONCE = 1000


def reader(bootstrap: str, purpose: str, config: Mapping[str, Any] | None, wait_ms: int = 50) -> Consumer:
    """Make a reader of what was saved for good, whose partitions are taken by hand.

    It has a group of its own name, begun with `purpose`, and never joins it. A broker tells it of the end
    of a partition once it has waited `wait_ms` for more. Where a position is no longer held, it goes on
    with the oldest that is.
    """
    return Consumer(
        {
            **(config or {}),
            "bootstrap.servers": bootstrap,
            "group.id": f"{purpose}-{uuid.uuid4()}",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": wait_ms,
            "log_level": 0,
        }
    )


def check(client: Any, bootstrap: str, topic: str) -> int:
    """Ask the cluster for `topic`; give its number of partitions.

    Raises:
        BrokerUnreachable: no answer within eight seconds.
        TopicMissing: there is no such topic, or it may not be seen.
    """
    try:
        found = client.list_topics(topic, timeout=ANSWER_WITHIN_S).topics[topic]
    except KafkaException as error:
        raise BrokerUnreachable(
            f"no Kafka broker answered at {bootstrap} within {ANSWER_WITHIN_S:.0f} s "
            f"({error.args[0].str()}). Check the address, and that the broker is running"
        ) from None
    if found.error is not None:
        if found.error.code() == KafkaError.LEADER_NOT_AVAILABLE:
            return check(client, bootstrap, topic)
        raise TopicMissing(
            f"no topic {topic} at {bootstrap} ({found.error.str()}). Is the creditor known there "
            "(EROPAF_CREDITORS), and were the topics made (`eropaf topics create`)?"
        )
    return len(found.partitions)


def arrived(consumer: Consumer, wait_s: float) -> list[Message]:
    """Give what has come, ends of partitions too; wait at most `wait_s` for the first, and for no more."""
    messages = consumer.consume(1, timeout=wait_s)
    return messages + consumer.consume(READ_AT_ONCE - 1, timeout=0) if messages else messages


def behind(client: Any, places: Mapping[tuple[str, int], int]) -> int | None:
    """Give how many records lie between `places`, the offsets to be read next, and the ends.

    None where no broker answers.
    """
    count = 0
    for (topic, partition), offset in places.items():
        try:
            low, high = client.get_watermark_offsets(TopicPartition(topic, partition), timeout=LAG_WITHIN_S)
        except KafkaException:
            return None
        count += max(0, high - max(low, offset))
    return count
