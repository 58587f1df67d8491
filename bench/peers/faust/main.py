"""Plain Faust: two agents with a table each, as its documentation shows."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import faust
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bench.peers.hops import BOOTSTRAP, COMMIT_MS, EVENTS, RISKS, STATE, UPDATES, Hop, Household, Ranking

PARTITIONS = 8
TABLES = ("households", "rankings")

app = faust.App(
    "bench",
    broker=f"kafka://{BOOTSTRAP}",
    store="memory://",
    datadir=STATE,
    topic_partitions=PARTITIONS,
    topic_replication_factor=1,
    topic_disable_leader=True,
    web_enabled=False,
    value_serializer="raw",
    key_serializer="raw",
    broker_commit_interval=COMMIT_MS / 1000,
    broker_commit_every=100_000,
    producer_compression_type="lz4",
    stream_buffer_maxsize=65_536,
    consumer_auto_offset_reset="earliest",
    producer_linger=0.005,
)


def topic(name: str) -> Any:
    """Return a topic that holds bytes and exists already."""
    return app.topic(name, key_type=bytes, value_type=bytes, internal=False)


def table(name: str) -> Any:
    """Return a table whose rows are bytes."""
    return app.Table(name, key_type=bytes, value_type=bytes, partitions=PARTITIONS)


def attach(hop: Hop, source: Any, rows: Any, to: Any) -> None:
    """Attach the agent that does `hop`."""

    @app.agent(source, name=hop.__class__.__name__)
    async def step(stream: Any) -> None:
        async for key, message in stream.items():
            row, output = hop.on_bytes(rows.get(key), message)
            rows[key] = row
            if output is not None:
                await to.send(key=key, value=output)


events, risks, updates = topic(EVENTS), topic(RISKS), topic(UPDATES)
attach(Household(), events, table(TABLES[0]), risks)
attach(Ranking(), risks, table(TABLES[1]), updates)


async def make_changelogs() -> None:
    """Make the tables' changelogs, so that Faust knows their partitions from its first metadata.

    It makes them itself too, but hands out records without waiting until it has heard of them: on a busy
    machine both agents then crash on each record (PartitionsMismatch), and the record is acknowledged.
    """
    kafka = AIOKafkaAdminClient(bootstrap_servers=BOOTSTRAP)
    await kafka.start()
    try:
        names = [f"bench-{name}-changelog" for name in TABLES]
        compacted = {"cleanup.policy": "compact"}
        await kafka.create_topics([NewTopic(name, PARTITIONS, 1, topic_configs=compacted) for name in names])
    finally:
        await kafka.close()


if __name__ == "__main__":
    asyncio.run(make_changelogs())
    sys.argv = ["faust", "worker", "--loglevel=warn", "--without-web"]
    app.main()
