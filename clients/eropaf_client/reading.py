"""Reads a topic from its beginning to its current end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from eropaf_client.cluster import Where, cluster
from eropaf_client.source import KafkaSource, to_the_end


def read_all(where: Where, topic: str) -> Iterator[Any]:
    """Yield every committed record of `topic`, in order per partition, tombstones included.

    Raises:
        BrokerUnreachable: no answer in time, at the start or later.
        NotAuthenticated, NotPermitted, TopicMissing: waiting will not help.
    """
    at = cluster(where)
    with KafkaSource(at, [topic], "reading", wait_ms=10) as source:
        yield from to_the_end(source, at)
