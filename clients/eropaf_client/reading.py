"""Reads a topic from its beginning to its end as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from eropaf_client.cluster import Where, cluster
from eropaf_client.source import KafkaSource, to_the_end


def read_all(where: Where, topic: str) -> Iterator[Any]:
    """Yield every record that `topic` holds for good, each partition in its order; tombstones too.

    Raises:
        BrokerUnreachable: no answer in time, at the start or later.
        NotAuthenticated, NotPermitted, TopicMissing: waiting does not help.
    """
    at = cluster(where)
    with KafkaSource(at, [topic], "reading", wait_ms=10) as source:
        yield from to_the_end(source, at)
