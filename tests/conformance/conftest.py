"""One Kafka, twice: the model in memory and a real broker, asked by the same tests in the same way."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from confluent_kafka import TopicPartition

from eropaf.streams.operate.topics import Topic, admin, ensure
from eropaf.streams.runtime.transport import Librdkafka
from tests.integration.processes import PATIENCE_S
from tests.model.broker import Broker
from tests.model.clients import Transport
from tests.model.network import Network, Weather
from tests.model.world import Host, World

NUMBERS = count()


@dataclass
class Kafka:
    """A broker, its clients, and time in which it works."""

    transport: Any
    bootstrap: str
    create: Callable[[str, int], object]
    cut: Callable[[str, int], None]
    now: Callable[[], float]
    sleep: Callable[[float], None]
    name: str = field(default_factory=lambda: f"conformance-{next(NUMBERS)}")

    def topic(self, partitions: int = 1) -> str:
        """Make a topic of the test's own; return its name."""
        name = f"{self.name}-{next(NUMBERS)}"
        self.create(name, partitions)
        return name

    def producer(self, name: str | None = None, timeout_s: float = 120) -> Any:
        """Make a producer; with a name it has transactions, and has introduced itself."""
        settings: dict[str, Any] = {"bootstrap.servers": self.bootstrap, "partitioner": "murmur2_random"}
        if name is None:
            return self.transport.producer(settings)
        milliseconds = int(timeout_s * 1000)
        times = {"transaction.timeout.ms": milliseconds, "message.timeout.ms": milliseconds}
        made = self.transport.producer(
            {**settings, **times, "transactional.id": f"{self.name}-{name}", "log_level": 0}
        )
        made.init_transactions(PATIENCE_S)
        return made

    def consumer(self, **settings: Any) -> Any:
        """Make a consumer of the test's own group, which is told where partitions end."""
        named = {name.replace("_", "."): value for name, value in settings.items()}
        return self.transport.consumer(
            {
                "bootstrap.servers": self.bootstrap,
                "group.id": self.name,
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "error",
                "fetch.wait.max.ms": 10,
                "log_level": 0,
                **named,
            }
        )

    def member(self, topic: str, protocol: str, client: str = "member") -> Any:
        """Let a new member join the test's group; it takes what it is given, and gives it back."""
        joining: Mapping[str, Any] = {
            "group.protocol": protocol, "auto.offset.reset": "earliest", "client.id": client,
        }  # fmt: skip
        if protocol == "classic":
            joining = {**joining, "session.timeout.ms": 3000, "heartbeat.interval.ms": 500}
            joining = {**joining, "partition.assignment.strategy": "range"}
        else:
            joining = {**joining, "group.remote.assignor": "range"}
        made = self.consumer(**joining)
        made.subscribe([topic])
        return made

    def administrator(self) -> Any:
        """Create an admin client."""
        return self.transport.admin({"bootstrap.servers": self.bootstrap})

    def until(self, condition: Callable[[], bool], what: str, within_s: float = 120) -> None:
        """Wait until `condition()` holds."""
        deadline = self.now() + within_s
        while not condition():
            assert self.now() < deadline, f"not within {within_s:g} s: {what}"
            self.sleep(0.02)


def in_memory(protocol: str) -> Kafka:
    world = World(1)
    broker = Broker(world, protocol)
    network = Network(world, broker, Weather())

    def cut(topic: str, begins: int) -> None:
        next(log for tp, log in broker.logs.items() if tp.topic == topic).cut(begins)

    return Kafka(
        Transport(network, Host("test")),
        "model",
        lambda name, partitions: broker.create(name, partitions),
        cut,
        lambda: world.now,
        world.sleep,
    )


def real(bootstrap: str) -> Kafka:
    def cut(topic: str, begins: int) -> None:
        client = admin(bootstrap, {})  # a client without a reference is collected before it has its answer
        (future,) = client.delete_records([TopicPartition(topic, 0, begins)]).values()
        future.result(PATIENCE_S)

    return Kafka(
        Librdkafka(),
        bootstrap,
        lambda name, partitions: ensure(admin(bootstrap, {}), [Topic(name, partitions)]),
        cut,
        time.monotonic,
        time.sleep,
    )


WHICH = [pytest.param("model", id="model"), pytest.param("real", id="real", marks=pytest.mark.kafka)]


@pytest.fixture(params=WHICH)
def kafka(request: pytest.FixtureRequest, protocol: str) -> Kafka:
    if request.param == "model":
        return in_memory(protocol)
    return real(request.getfixturevalue("bootstrap"))


@pytest.fixture
def protocol() -> str:
    """The protocol of groups; tests to which it matters are given both."""
    return "consumer"
