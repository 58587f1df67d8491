"""Retention on a real broker: what was read may go; what was not stops its partition until one decides."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
from confluent_kafka import IsolationLevel, TopicPartition

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.streams.operate import reading
from eropaf.streams.operate.topics import admin
from eropaf.streams.topic_partition import TP
from tests.integration.counting_worker import PARTITIONS
from tests.integration.processes import PATIENCE_S, Process, ended, until
from tests.integration.test_plumbing import KEYS, Flow

pytestmark = pytest.mark.kafka

LOST = re.compile(r"lost=(\S+)")
UNREAD = TP("numbers", 0)


def told_to_end(worker: Process) -> None:
    worker.popen.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE_S) == 0


def deleted(kafka: EmbeddedKafka, *tps: TP) -> dict[TP, int]:
    """Delete all that stands in `tps`, marks of transactions too; return where each begins now."""
    client = admin(kafka.bootstrap, {})
    ends = reading.ends(client, tps, IsolationLevel.READ_UNCOMMITTED)
    for future in client.delete_records([TopicPartition(*tp, end) for tp, end in ends.items()]).values():
        future.result(PATIENCE_S)
    return ends


def test_what_was_read_may_be_deleted_and_what_was_not_is_lost_by_a_decision(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    flow = Flow(fresh, tmp_path, "consumer")
    worker = flow.start("one")
    with ended(worker):
        flow.feed(10 * KEYS)
        flow.wait_for(10 * KEYS)
        told_to_end(worker)

    # Ordinary retention; then a round of numbers, of which one partition is deleted unread; then one more.
    inputs = [TP(topic, number) for topic in ("numbers", "counts") for number in range(PARTITIONS)]
    first = deleted(fresh, *inputs)[UNREAD]
    flow.feed(KEYS)
    begins = deleted(fresh, UNREAD)[UNREAD]
    flow.feed(KEYS)
    a_round = begins - first
    loss = f"numbers-0:{first}-{begins - 1}"

    worker = flow.start("one")
    with ended(worker):
        flow.wait_for(10 * KEYS + 2 * (KEYS - a_round))
        # Each partition is opened for itself: this one maybe after all of the others was read.
        until(lambda: bool(LOST.findall(worker.said)), PATIENCE_S, "the loss told")
        told_to_end(worker)
    assert LOST.findall(worker.said) == [loss], "what was read and deleted is no loss"
    assert flow.read() == 10 * KEYS + 2 * (KEYS - a_round)

    worker = flow.start("one", f"accepted_losses={loss}")
    with ended(worker):
        flow.wait_for(10 * KEYS + 2 * (KEYS - a_round) + a_round)
        told_to_end(worker)

    # The setting is taken out again, and the loss is of the past.
    before, worker = len(LOST.findall(worker.said)), flow.start("one")
    with ended(worker):
        flow.feed(KEYS)
        flow.wait_for(12 * KEYS - a_round + KEYS)
        assert len(LOST.findall(worker.said)) == before
