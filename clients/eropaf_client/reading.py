"""Reads a topic from its beginning to its end as it is now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eropaf_client.connection import USUAL, Timing
from eropaf_client.source import KafkaSource, to_the_end


def read_all(
    bootstrap: str, topic: str, config: Mapping[str, Any] | None = None, timing: Timing = USUAL
) -> Iterator[Any]:
    """Yield every record that `topic` holds for good, each partition in its order; tombstones too.

    Raises:
        BrokerUnreachable: no answer in time, at the start or later.
        NotAuthenticated, NotPermitted, TopicMissing: waiting does not help.
    """
    source = KafkaSource(bootstrap, [topic], "reading", config, timing, wait_ms=10)
    try:
        yield from to_the_end(source, bootstrap, timing)
    finally:
        source.close()
