"""The city's creditors at work: a month of signals, a day every couple of seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from eropaf.agents.roles import OPERATOR, of_creditor
from eropaf.demo.news import News
from eropaf.demo.rehearsal import Rehearsal
from eropaf.simulate.month import Day, Publication
from eropaf.streams.operate.answers import ANSWER_WITHIN_S
from eropaf_client.cluster import Cluster
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, HOUSEHOLD_RISK, arrears

# What goes wrong in the real world: each must be set aside, and stop nobody.
POISON: tuple[bytes | None, ...] = (
    b"\x07not the wire format",
    b"\x00\x00\x00\xff\xff\x00",
    b"\x00\x00\x00\x00\x65\x02",
    None,
)


class Feed:
    """Publishes a month, each creditor on its own topic.

    Between two waves it waits until everything sent has been processed, so that each household has one
    history and two runs with one seed send the same updates; at the end it waits until every stage has read
    everything.
    """

    def __init__(
        self,
        bootstrap: str,
        group: str,
        creditors: Sequence[str],
        partitions: int,
        client: Callable[[str], Mapping[str, str]],
        news: News,
        rehearsal: Rehearsal,
    ) -> None:
        """Take each role's settings from `client`; tell `news` of each signal before it is sent."""
        self._client = client
        self._news = news
        self._rehearsal = rehearsal
        self._bootstrap = bootstrap
        self._creditors = creditors
        self._partitions = partitions
        own: dict[str, Any] = {**client(OPERATOR), "bootstrap.servers": bootstrap, "log_level": 0}
        self._admin = AdminClient(own)
        # Asks for the group's offsets; never joins it.
        # Offsets as they are: while workers commit, some transaction is always pending.
        self._group = Consumer({**own, "group.id": group, "isolation.level": "read_uncommitted"})
        self.sent = 0
        self.today: date | None = None

    def publish(self, days: Sequence[Day], seconds_per_day: float, stopped: Callable[[], bool]) -> None:
        """Publish `days`; return at the end, or soon after `stopped()` turns true."""
        with ExitStack() as stack:
            publishers = {
                creditor: stack.enter_context(
                    ArrearsPublisher(Cluster(self._bootstrap, self._client(of_creditor(creditor))), creditor)
                )
                for creditor in self._creditors
            }
            self._rehearse(publishers, stopped)
            self._publish_poison()
            for day in days:
                self.today = day.on
                ends = time.monotonic() + seconds_per_day
                waves = [wave for wave in day.waves if wave]
                for wave in waves:
                    self._publish_wave(publishers, wave, seconds_per_day / len(waves), stopped)
                    self._wait_until_taken_in(stopped, *map(arrears, self._creditors))
                    if stopped():
                        return
                while not stopped() and (left := ends - time.monotonic()) > 0:
                    time.sleep(min(left, 0.05))
            # What follows is told once every stage has read all: a busy machine is quiet long before.
            for topic in (HOUSEHOLD_EVENTS, HOUSEHOLD_RISK):
                self._wait_until_taken_in(stopped, topic)

    def _publish_wave(
        self,
        publishers: dict[str, ArrearsPublisher],
        wave: Sequence[Publication],
        seconds: float,
        stopped: Callable[[], bool],
    ) -> None:
        """Publish a wave spread over most of its time, in portions of up to 50 ms."""
        portions = max(1, int(seconds * 0.8 / 0.05))
        size = -(-len(wave) // portions)
        for start in range(0, len(wave), size):
            began = time.monotonic()
            portion = wave[start : start + size]
            for sent in portion:
                self._news.sends(sent.signal)
            for creditor, publisher in publishers.items():
                signals = [sent.signal for sent in portion if sent.creditor == creditor]
                if signals:
                    self.sent += publisher.report_all(signals)
            if stopped():
                return
            time.sleep(max(0.0, min(0.05, seconds * 0.8 / portions) - (time.monotonic() - began)))

    def _rehearse(self, publishers: dict[str, ArrearsPublisher], stopped: Callable[[], bool]) -> None:
        for act in self._rehearsal.acts():
            for creditor, publisher in publishers.items():
                publisher.report_all([signal for sender, signal in act if sender == creditor])
            self._wait_until_taken_in(stopped, *map(arrears, self._creditors))
        self._rehearsal.wait(stopped)

    def _publish_poison(self) -> None:
        own = self._client(of_creditor(self._creditors[0]))
        producer = Producer({**own, "bootstrap.servers": self._bootstrap, "log_level": 0})
        for number, value in enumerate(POISON):
            producer.produce(arrears(self._creditors[0]), key=f"poison-{number}".encode(), value=value)
        producer.flush(ANSWER_WITHIN_S)

    def _wait_until_taken_in(self, stopped: Callable[[], bool], *topics: str) -> None:
        partitions = [TopicPartition(topic, number) for topic in topics for number in range(self._partitions)]
        ends = self._ends(partitions)
        while not stopped():
            committed = self._group.committed(partitions, timeout=ANSWER_WITHIN_S)
            read = {(tp.topic, tp.partition): tp.offset for tp in committed}
            if all(read[partition] >= end or end == 0 for partition, end in ends.items()):
                return
            time.sleep(0.02)

    def _ends(self, partitions: Sequence[TopicPartition]) -> dict[tuple[str, int], int]:
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        answers = self._admin.list_offsets({tp: latest for tp in partitions})
        return {(tp.topic, tp.partition): f.result(ANSWER_WITHIN_S).offset for tp, f in answers.items()}
