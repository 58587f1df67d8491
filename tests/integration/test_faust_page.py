"""The page for who knows Faust, on a real broker: its example runs under Faust's own command."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.streams.operate.topics import Topic, admin, ensure
from tests.integration.processes import PATIENCE_S, REPO, Process, ended

pytestmark = pytest.mark.kafka

PAGE = REPO / "docs" / "explanation" / "faust.md"


def test_the_example_counts_under_fausts_own_command_and_ends_in_order(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "counting_app.py").write_text(example, "utf-8")
    compacted = {"cleanup.policy": "compact"}
    names = {"numbers": {}, "sums": {}, "rejected": {}, "counting-count-changelog": compacted}
    ensure(admin(fresh.bootstrap, {}), [Topic(name, 1, config) for name, config in names.items()])
    producer = Producer({"bootstrap.servers": fresh.bootstrap})
    for number in (1, 2, 3):
        producer.produce("numbers", key=b"one", value=str(number).encode(), partition=0)
    producer.flush()
    reading = {"bootstrap.servers": fresh.bootstrap, "group.id": "t", "isolation.level": "read_committed"}
    sums = Consumer(reading)
    sums.assign([TopicPartition("sums", 0, 0)])
    heard: list[bytes | None] = []

    path = f"{tmp_path}:{REPO / 'clients'}:{REPO}"
    worker = Process(
        ["-m", "faust", "-A", "counting_app", "worker", "-l", "info"],
        tmp_path / "log",
        tmp_path,
        PYTHONPATH=path,
        BOOTSTRAP=fresh.bootstrap,
    )
    with ended(worker):

        def all_heard() -> bool:
            heard.extend(message.value() for message in sums.consume(10, timeout=0.1))
            return len(heard) >= 3

        worker.until(all_heard, PATIENCE_S, "three sums")
        worker.popen.send_signal(signal.SIGTERM)

        assert worker.wait(PATIENCE_S) == 0, worker.said
    sums.close()
    assert heard == [b"1", b"3", b"6"]
