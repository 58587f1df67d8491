"""Reads a topic from its beginning to its end as it is now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from eropaf_client import connection

WAIT_S = 0.5


def read_all(bootstrap: str, topic: str, config: Mapping[str, Any] | None = None) -> Iterator[Any]:
    """Give every record that `topic` holds for good, each partition in its order; tombstones too.

    Raises:
        BrokerUnreachable, TopicMissing: at the start, within ten seconds.
    """
    consumer = connection.reader(bootstrap, "reading", config, wait_ms=10)
    try:
        left = set(range(connection.check(consumer, bootstrap, topic)))
        consumer.assign([TopicPartition(topic, partition, 0) for partition in left])
        while left:
            for message in connection.arrived(consumer, WAIT_S):
                error = message.error()
                if error is None:
                    yield message
                elif error.code() == KafkaError._PARTITION_EOF:
                    left.discard(message.partition() or 0)
                elif error.fatal():
                    raise KafkaException(error)
    finally:
        consumer.close()
