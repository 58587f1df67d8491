"""A request of a transaction that was asked again, and whose first copy reaches the broker in the next one.

Kafka does not know the two apart before KIP-890's new protocol, which librdkafka does not speak: by its
producer's epoch a late EndTxn is one of the transaction that is open now, half filled. (Late records
alone are told by their sequence numbers.)
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, TopicPartition

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.installation import Installation
from eropaf.deploy.embedded.ports import HOST, choose
from eropaf.deploy.embedded.properties import Ports
from eropaf.streams.config import StreamsConfig
from eropaf.streams.errors import CheckpointAborted
from eropaf.streams.operate.topics import Topic, admin, ensure
from eropaf.streams.runtime.checkpoint import Checkpoint, TransactionWriter
from eropaf.streams.runtime.record import Output
from eropaf.streams.topic_partition import TP
from eropaf_client.reading import read_all
from tests.chaos.proxy import END_TXN, PRODUCE, TXN_OFFSET_COMMIT, Network
from tests.conftest import SOON
from tests.integration.processes import PATIENCE_S, at_last, until

pytestmark = pytest.mark.kafka

IN, OUT = Topic("in", 1), Topic("out", 2)
# More of each, as a measurement: `LATE=300 pytest …`.
TIMES = int(os.environ.get("LATE", "3"))


class Behind:
    """A broker whose clients reach it through a network."""

    def __init__(self, installation: Installation) -> None:
        self.network = Network()
        self._before, self._behind = choose(2)
        self._kafka = EmbeddedKafka(installation=installation, properties=self._listeners)

    def __enter__(self) -> Behind:
        self._kafka.__enter__()
        self.network.listen(self._before, self._behind, kafka=True)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.network.close()
        self._kafka.__exit__(None, None, None)

    @property
    def bootstrap(self) -> str:
        """The address in front of the network."""
        return f"{HOST}:{self._before}"

    @property
    def near(self) -> str:
        """The address that no request is held back from."""
        return self._kafka.bootstrap

    def _listeners(self, _: int, ports: Ports) -> dict[str, str]:
        return {
            **SOON,
            "listeners": (
                f"PLAINTEXT://{HOST}:{ports.broker},CONTROLLER://{HOST}:{ports.controller},"
                f"BEFORE://{HOST}:{self._behind}"
            ),
            "advertised.listeners": f"PLAINTEXT://{HOST}:{ports.broker},BEFORE://{HOST}:{self._before}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,BEFORE:PLAINTEXT",
        }


@pytest.fixture(scope="module")
def broker(installation: Installation) -> Iterator[Behind]:
    with Behind(installation) as running:
        ensure(admin(running.near, {}), [IN, OUT])
        yield running


def test_a_connection_that_was_closed_because_it_was_idle_costs_no_epoch(broker: Behind) -> None:
    config = StreamsConfig(broker.bootstrap, "idle", "one")
    reader = Consumer({"bootstrap.servers": broker.near, "group.id": config.group})
    writer = TransactionWriter(config, "stage")
    writer.open()

    writer.write(Checkpoint(offsets={TP(IN.name, 0): 1}), reader.consumer_group_metadata())
    until(lambda: broker.network.connections == 0, PATIENCE_S, "no connection is left")
    writer.write(Checkpoint(offsets={TP(IN.name, 0): 2}), reader.consumer_group_metadata())
    writer.write(Checkpoint(offsets={TP(IN.name, 0): 3}), reader.consumer_group_metadata())
    reader.close()

    assert writer.epochs == 1


@pytest.mark.parametrize(
    ("late", "before", "passed_by"),
    [(END_TXN, TXN_OFFSET_COMMIT, 0), (PRODUCE, END_TXN, 1), (TXN_OFFSET_COMMIT, END_TXN, 1)],
    ids=["commit", "records", "offsets"],
)
def test_what_comes_late_tears_no_checkpoint_and_repeats_none(
    broker: Behind, late: int, before: int, passed_by: int
) -> None:
    config = StreamsConfig(broker.bootstrap, f"group-{late}", "one")
    reader = Consumer({"bootstrap.servers": broker.near, "group.id": config.group})
    writer = TransactionWriter(config, "stage")
    writer.open()
    written: list[bytes] = []

    def save() -> None:
        value = b"%d of %d" % (len(written), late)
        written.append(value)
        outputs = [Output(OUT.name, b"key", value, 0, partition) for partition in range(OUT.partitions)]
        checkpoint = Checkpoint(outputs, [], {TP(IN.name, 0): len(written)})
        at_last(lambda: writer.write(checkpoint, reader.consumer_group_metadata()), CheckpointAborted)

    for _ in range(TIMES):
        request = broker.network.hold_back(late, before, passed_by)
        save()
        save()
        assert request.arrived.wait(PATIENCE_S)
        (saved,) = reader.committed([TopicPartition(IN.name, 0)], timeout=PATIENCE_S)
        assert saved.offset == len(written)
    reader.close()

    read = [record.value() for record in read_all(broker.near, OUT.name)]
    assert writer.epochs > TIMES
    assert sorted(value for value in read if value in written) == sorted(written * OUT.partitions)
