"""What traces cost a worker: real records through a batch, in turn as before there were any, off, on.

`python -m bench.tracing`: microseconds a record, the least of each over ROUNDS rounds that take turns.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.streams.observe.open_telemetry import OpenTelemetry
from eropaf.streams.observe.tracing import Tracing
from eropaf.streams.operate.topics import Topic, admin, ensure
from eropaf.streams.runtime.batch import Batch
from eropaf.streams.runtime.dead_letter import DeadLetters
from eropaf.streams.runtime.record import Record
from eropaf.streams.runtime.stage import Stage
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import REJECTED
from eropaf_client.schemas.wire import Codec
from eropaf_client.tracing import new_traceparent, trace_headers

RECORDS = 20_000
ROUNDS = 15
STAGE = Stage("stage", ("untraced", "traced"))
ONWARD = frozenset({"onward"})


class Before(Batch):
    """A batch that never looks for a header."""

    def decoded(self, decode: Callable[[bytes | None], Any]) -> Iterator[tuple[Record, Any]]:
        """Yield each record with its value."""
        for record in self.records:
            value = self._dead_letters.checked(record, decode, self.set_aside)
            if value is not None:
                yield record, value


def main() -> None:
    """Measure, and print."""
    letters = DeadLetters(STAGE, Codec("Rejected", REJECTED, LocalRegistry()), 65_536)
    # Nothing listens there: what is measured is what the worker's own thread does.
    told = Tracing(ONWARD, OpenTelemetry("http://127.0.0.1:9", "bench", "bench"))
    carried = Tracing(ONWARD)
    with EmbeddedKafka() as kafka:
        ensure(admin(kafka.bootstrap, {}), [Topic(name, 1) for name in STAGE.inputs])
        untraced, traced = (_records(kafka.bootstrap, topic) for topic in STAGE.inputs)
        cases: dict[str, Callable[[], Batch]] = {
            "as before": lambda: Before(untraced, STAGE.name, letters, None, carried),
            "off: no header": lambda: Batch(untraced, STAGE.name, letters, None, carried),
            "carried": lambda: Batch(traced, STAGE.name, letters, None, carried),
            "told to a collector": lambda: Batch(traced, STAGE.name, letters, None, told),
        }
        least = dict.fromkeys(cases, float("inf"))
        for _ in range(ROUNDS):
            for name, make in cases.items():
                least[name] = min(least[name], _passed_on_s(make()))
    for name, seconds in least.items():
        print(f"{name:20} {seconds / RECORDS * 1e6:6.2f} us a record")


def _passed_on_s(batch: Batch) -> float:
    began = time.perf_counter()
    for record, value in batch.decoded(lambda data: data):
        batch.emit("onward", record.key() or b"", value, record.timestamp()[1])
    for span in batch.spans:
        span.end()
    return time.perf_counter() - began


def _records(bootstrap: str, topic: str) -> list[Any]:
    """Write records and read them back, as a worker has them."""
    producer = Producer({"bootstrap.servers": bootstrap, "queue.buffering.max.messages": RECORDS * 2})
    for number in range(RECORDS):
        headers = trace_headers(new_traceparent if topic == "traced" else None)
        producer.produce(topic, key=str(number), value=b"x" * 200, headers=headers)
    producer.flush()
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "bench", "auto.offset.reset": "earliest"}
    )
    consumer.assign([TopicPartition(topic, 0, 0)])
    records: list[Any] = []
    while len(records) < RECORDS:
        records += [record for record in consumer.consume(5_000, 1.0) if record.error() is None]
    consumer.close()
    return records


if __name__ == "__main__":
    main()
