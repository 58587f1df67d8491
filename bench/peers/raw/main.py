"""The floor: a loop around confluent-kafka and fastavro. Nothing is restored."""

from __future__ import annotations

import signal
import time
from typing import Any

from confluent_kafka import Consumer, Producer

from bench.peers.hops import BOOTSTRAP, COMMIT_MS, EVENTS, RISKS, UPDATES, Household, Ranking

going = True


def stop(*_: object) -> None:
    """End after this round."""
    global going
    going = False


def main() -> None:
    """Read, decide, write; commit what was read once what came of it is delivered."""
    signal.signal(signal.SIGTERM, stop)
    consumer = Consumer(
        {
            "bootstrap.servers": BOOTSTRAP,
            "group.id": "bench",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "queued.max.messages.kbytes": 16_384,
            "fetch.wait.max.ms": 50,
        }
    )
    producer = Producer(
        {
            "bootstrap.servers": BOOTSTRAP,
            "partitioner": "murmur2_random",
            "enable.idempotence": True,
            "linger.ms": 5,
            "compression.type": "lz4",
            "queue.buffering.max.messages": 1_000_000,
        }
    )
    hops = {EVENTS: (Household(), RISKS), RISKS: (Ranking(), UPDATES)}
    rows: dict[str, dict[bytes, Any]] = {EVENTS: {}, RISKS: {}}
    consumer.subscribe(list(hops))
    due = time.monotonic()
    while going:
        message: Any
        for message in consumer.consume(2000, timeout=0.01):
            topic, key = message.topic(), message.key()
            hop, to = hops[topic]
            kept = rows[topic]
            kept[key], output = hop(kept.get(key), message.value())
            if output is not None:
                producer.produce(to, key=key, value=output, timestamp=message.timestamp()[1])
        producer.poll(0)
        if time.monotonic() > due:
            producer.flush()
            if consumer.assignment():
                _commit(consumer)
            due = time.monotonic() + COMMIT_MS / 1000
    consumer.close()


def _commit(consumer: Consumer) -> None:
    positions = [tp for tp in consumer.position(consumer.assignment()) if tp.offset >= 0]
    if positions:
        consumer.commit(offsets=positions, asynchronous=True)


if __name__ == "__main__":
    main()
