"""The first contact with a cluster: in time, or an error that names the address."""

from __future__ import annotations

from typing import Any

from confluent_kafka import KafkaError, KafkaException

from clients.errors import BrokerUnreachable, TopicMissing

ANSWER_WITHIN_S = 8.0


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
