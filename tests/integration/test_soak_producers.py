"""What a soak counts of a broker is what the broker has."""

from __future__ import annotations

from confluent_kafka import Producer

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.streams.operate.topics import Topic, admin, ensure
from tests.integration.processes import PATIENCE_S
from tests.soak.real import remembered


def test_a_broker_says_which_producers_it_remembers(fresh: EmbeddedKafka) -> None:
    ensure(admin(fresh.bootstrap, {}), [Topic("events", 2)])
    for name in ("one", "another", "one"):
        producer = Producer({"bootstrap.servers": fresh.bootstrap, "transactional.id": name, "log_level": 0})
        producer.init_transactions(PATIENCE_S)
        producer.begin_transaction()
        for partition in (0, 1):
            producer.produce("events", name, partition=partition)
        producer.commit_transaction(PATIENCE_S)
    (node,) = fresh.nodes

    assert len(remembered(fresh.bootstrap, node.port)) == 2
