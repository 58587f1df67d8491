"""The first contact with a cluster: in time, or an error that names the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from clients.errors import BrokerUnreachable, TopicMissing

ANSWER_WITHIN_S = 8.0
LAG_WITHIN_S = 2.0


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
