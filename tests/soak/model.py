"""The flow on the model of Kafka: minutes of a steady feed in seconds, and how much a worker holds then.

The clock, the group and the broker are `tests/model`'s; plumbing, agents and rules are the product's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from prometheus_client import REGISTRY

from eropaf.agents.topology import topics
from eropaf.streams.topic_partition import TP
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import arrears
from eropaf_client.schemas.wire import Codec
from tests.model.broker import Broker
from tests.model.log import Data
from tests.model.murmur import partition_of
from tests.model.network import Network, Weather
from tests.model.world import World
from tests.schedules.run import GROUP, PARTITIONS, plan, simulated
from tests.schedules.worker import Worker
from tests.soak.feed import BUSY, a_signal
from tests.soak.held import held_bytes
from tests.soak.judged import MEMORY, Judged, judged

MIB = 1024 * 1024
HOUSEHOLDS = 60
PER_SECOND = 20
SAMPLES = 100
MOST_EVENTS = 100_000_000


def soak_model(seconds: float, mutate: Callable[[], None] = lambda: None) -> tuple[list[Judged], int]:
    """Return how fast a worker's memory grew in so many simulated `seconds`, and the signals sent."""
    mutate()
    world = World(1, most_events=MOST_EVENTS)
    broker = Broker(world, "consumer")
    network = Network(world, broker, Weather())
    for topic in topics(GROUP, plan().flow, PARTITIONS):
        compacted = topic.config.get("cleanup.policy") == "compact"
        broker.create(topic.name, PARTITIONS, compacted=compacted)
    codec = Codec("ArrearsSignal", arrears(BUSY), LocalRegistry())
    ends: list[str] = []
    seen: list[tuple[float, float]] = []

    def feed(number: int) -> None:
        signal = a_signal(BUSY, number, HOUSEHOLDS)
        key = signal.contract.encode()
        data = Data(key, codec.encode(signal.to_record()), int(world.time() * 1000), None)
        broker.store(TP(arrears(BUSY), partition_of(key, PARTITIONS)), [data])
        world.at(1 / PER_SECOND, partial(feed, number + 1))

    def look() -> None:
        roots: list[Any] = [worker.machine, worker.agents, REGISTRY]
        seen.append((world.now, held_bytes(roots) / MIB))
        world.at(seconds / SAMPLES, look)

    with simulated(world):
        worker = Worker(network, "worker-0", plan(), ends.append)
        world.at(1.0, partial(feed, 0))
        world.at(2.0, look)
        world.run(lambda: bool(ends), seconds)
        worker.over()
        world.run(lambda: False, 0.0)
    if ends:
        raise AssertionError(f"the worker ended: {ends[0]}")
    return judged({("worker", MEMORY): seen}, seconds / 2), int(PER_SECOND * seconds)
