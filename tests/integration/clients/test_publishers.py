"""What a creditor is promised, on a real broker."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.streams.operate.topics import Topic, admin, ensure
from eropaf_client.async_publisher import AsyncArrearsPublisher
from eropaf_client.cluster import Cluster, Timing
from eropaf_client.errors import InvalidSignal, NotAcknowledged, OutboxInUse
from eropaf_client.feedback import FeedbackReader, SignalStatus
from eropaf_client.outbox_publisher import OutboxPublisher
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import Codec
from tests.builders import an_arrears_signal
from tests.integration.processes import PATIENCE_S, Process, ended

pytestmark = pytest.mark.kafka

PARTITIONS = 3
MANY = "tests.integration.clients.many_process"


def stored(bootstrap: str) -> list[tuple[str, str, int]]:
    """Return signal id, contract and version of what is stored for good, partition by partition."""
    codec = Codec("ArrearsSignal", "arrears.rent", LocalRegistry())
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "test",
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
        }
    )
    consumer.assign([TopicPartition("arrears.rent", partition, 0) for partition in range(PARTITIONS)])
    found: list[tuple[str, str, int]] = []
    at_end: set[int | None] = set()
    while len(at_end) < PARTITIONS:
        for message in consumer.consume(1000, timeout=0.2):
            error = message.error()
            if error is None:
                value = codec.decode(message.value())
                found.append((value["signal_id"], value["contract"], value["version"]))
            elif error.code() == KafkaError._PARTITION_EOF:
                at_end.add(message.partition())
    consumer.close()
    return found


@pytest.fixture
def bootstrap(fresh: EmbeddedKafka) -> str:
    ensure(admin(fresh.bootstrap, {}), [Topic("arrears.rent", PARTITIONS)])
    return fresh.bootstrap


def test_a_signal_kept_while_the_broker_is_away_is_stored_once_when_it_is_back(
    fresh: EmbeddedKafka, bootstrap: str, tmp_path: Path
) -> None:
    soon = Cluster(bootstrap, timing=Timing(acknowledged_within_s=5.0))
    with OutboxPublisher(soon, "rent", tmp_path / "outbox.db") as publisher:
        fresh.nodes[0].kill()
        with pytest.raises(NotAcknowledged, match="on disk"):
            publisher.report(an_arrears_signal())
        assert publisher.waiting == 1

        fresh.nodes[0].start()
    with OutboxPublisher(bootstrap, "rent", tmp_path / "outbox.db") as publisher:
        publisher.deliver()

        assert publisher.waiting == 0
    assert [each[0] for each in stored(bootstrap)] == ["signal-1"]


def test_one_process_has_an_outbox_and_a_copy_of_it_is_fenced(bootstrap: str, tmp_path: Path) -> None:
    file, copy = tmp_path / "outbox.db", tmp_path / "copy.db"
    with OutboxPublisher(bootstrap, "rent", file) as first:
        first.report(an_arrears_signal())
        with pytest.raises(OutboxInUse):
            OutboxPublisher(bootstrap, "rent", file)
    copy.write_bytes(file.read_bytes())

    with (
        OutboxPublisher(bootstrap, "rent", file) as first,
        OutboxPublisher(bootstrap, "rent", copy),
        pytest.raises(OutboxInUse),
    ):
        first.report(an_arrears_signal(signal_id="signal-2"))


def test_a_signal_that_is_wrong_is_not_kept(bootstrap: str, tmp_path: Path) -> None:
    with OutboxPublisher(bootstrap, "rent", tmp_path / "outbox.db") as publisher:
        with pytest.raises(InvalidSignal, match="amount_cents"):
            publisher.report(an_arrears_signal(amount_cents=-1))

        assert publisher.waiting == 0


@pytest.mark.parametrize("kind", ["arrears", "outbox"])
def test_memory_stays_where_it_is_however_many_signals_there_are(
    bootstrap: str, tmp_path: Path, kind: str
) -> None:
    count = {"arrears": 200_000, "outbox": 100_000}[kind]
    process = Process(
        ["-m", MANY, bootstrap, kind, str(count), str(tmp_path / "outbox.db")], tmp_path / "many.log"
    )
    with ended(process):
        assert process.wait(4 * PATIENCE_S) == 0, process.said
    seen = json.loads(process.said.splitlines()[-1])

    assert seen["published"] == count
    # Full by the third part. Were 200 bytes kept of each signal, the rest would take 14 MB or more.
    full, *rest = seen["taken_mb"][2:]
    assert max(rest) - full < 8, seen


def test_a_creditor_hears_what_became_of_its_signals(fresh: EmbeddedKafka) -> None:
    ensure(admin(fresh.bootstrap, {}), [Topic("feedback.rent", 3)])
    codec = Codec("CreditorFeedback", "feedback.rent", LocalRegistry())
    producer = Producer({"bootstrap.servers": fresh.bootstrap})
    value = {
        "feedback_id": "f-1",
        "contract": "C-1",
        "signal_id": "S-1",
        "status": "PICKED_UP",
        "reason": None,
        "collection": "PAUSE",
        "pause_until": 20_544,
        "at": 1_772_442_000_000,
    }
    producer.produce("feedback.rent", key=b"C-1", value=codec.encode(value))
    producer.flush()

    with FeedbackReader(fresh.bootstrap, "rent") as reader:
        heard = next(iter(reader))

    assert (heard.signal_id, heard.status, heard.collection) == ("S-1", SignalStatus.PICKED_UP, "PAUSE")
    assert heard.pause_until == date(2026, 4, 1)
    assert heard.at == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_an_asyncio_program_publishes_without_blocking_its_loop(bootstrap: str) -> None:
    async def publish() -> int:
        async with AsyncArrearsPublisher(bootstrap, "rent") as publisher:
            at = await publisher.report(an_arrears_signal())
            assert at.topic == "arrears.rent"
            with pytest.raises(InvalidSignal, match="version"):
                await publisher.report(an_arrears_signal(version=-1))
            return await publisher.report_all(
                an_arrears_signal(signal_id=f"many-{number}", contract=f"c-{number}")
                for number in range(12_000)
            )

    assert asyncio.run(publish()) == 12_000
    assert len({each[0] for each in stored(bootstrap)}) == 12_001
