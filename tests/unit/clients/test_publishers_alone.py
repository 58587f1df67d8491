"""A publisher's own promises, on a broker in memory: how it sends, what it waits for, and what it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from eropaf_client import outbox_publisher, publisher, sending, tracing
from eropaf_client.cluster import Cluster, Timing
from eropaf_client.errors import Closed, InvalidSignal, LedgerMoved, NotAcknowledged
from eropaf_client.feedback import Collection, CreditorFeedback, FeedbackReader, SignalStatus
from eropaf_client.ledger import Identity
from eropaf_client.outbox_publisher import OutboxPublisher
from eropaf_client.publisher import ArrearsPublisher, encoded
from eropaf_client.records import ArrearsSignal, Resident
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import Codec
from eropaf_client.sending import Sender, why
from tests.builders import an_arrears_signal
from tests.fakes import FakePost, FakeProducer, FakeSource, FakeTopic, fake_producer

CODEC = Codec("ArrearsSignal", "arrears.rent", LocalRegistry())


def signal(number: int, **other: Any) -> ArrearsSignal:
    return an_arrears_signal(signal_id=f"S-{number}", contract=f"C-{number}", version=number, **other)


def value(number: int) -> bytes:
    return CODEC.encode(signal(number).to_record())


@pytest.fixture
def producer(monkeypatch: pytest.MonkeyPatch) -> FakeProducer:
    return fake_producer(monkeypatch)


def test_a_record_is_sent_so_that_it_is_stored_once_and_where_every_client_puts_it(
    producer: FakeProducer,
) -> None:
    at = Cluster("kafka:9092", {"client.id": "rent"}, timing=Timing(acknowledged_within_s=7.5, linger_ms=9))

    with ArrearsPublisher(at, "rent", lambda: "00-a-b-01") as made:
        stored = made.report(signal(1))

    assert stored == ("arrears.rent", 0, 0)
    assert producer.sent == [("arrears.rent", b"C-1", value(1), [("traceparent", b"00-a-b-01")])]
    wanted = {
        "bootstrap.servers": "kafka:9092", "client.id": "rent", "enable.idempotence": True,
        "partitioner": "murmur2_random", "compression.type": "lz4", "linger.ms": 9,
        "message.timeout.ms": 7500,
    }  # fmt: skip
    assert {name: producer.settings.get(name) for name in wanted} == wanted


def test_many_are_stored_in_order_and_each_is_told_once(
    producer: FakeProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "MOST_IN_FLIGHT", 3)
    told = []

    with ArrearsPublisher("nowhere", "rent") as made:
        count = made.report_all(
            map(signal, range(1, 8)), lambda each, at: told.append((each.version, at.offset))
        )
        assert made.report_all([]) == 0

    assert count == 7
    assert told == [(number, number - 1) for number in range(1, 8)]
    assert producer.stored == [value(number) for number in range(1, 8)]


def test_a_wrong_signal_ends_it_once_those_before_it_are_stored(producer: FakeProducer) -> None:
    told = []
    with ArrearsPublisher("nowhere", "rent") as made, pytest.raises(InvalidSignal) as refused:
        made.report_all(
            [signal(1), signal(2), signal(-1), signal(4)], lambda each, at: told.append(each.version)
        )

    assert refused.value.field == "version"
    assert told == [1, 2]
    assert producer.stored == [value(1), value(2)]


def test_one_that_is_not_stored_is_named_and_those_before_it_are_told(producer: FakeProducer) -> None:
    producer.fails, told = {value(2)}, list[int]()
    with ArrearsPublisher("nowhere", "rent") as made, pytest.raises(NotAcknowledged) as raised:
        made.report_all(map(signal, (1, 2, 3)), lambda each, at: told.append(each.version))

    assert told == [1]
    assert re.fullmatch(
        r"signal S-2 on arrears\.rent was not acknowledged \(.+\)\. Publish it and everything after it "
        "again: publishing twice does no harm",
        str(raised.value),
    )


def test_a_number_of_examples_is_sent_where_a_trial_runs(producer: FakeProducer) -> None:
    example = signal(1, resident=Resident(bsn="123456789"))

    with ArrearsPublisher(Cluster("nowhere", test_numbers=True), "rent") as made:
        made.report(example)
    with ArrearsPublisher("nowhere", "rent") as made, pytest.raises(InvalidSignal):
        made.report(example)


def test_a_signal_too_large_for_a_broker_is_refused() -> None:
    for size, fits in ((sending.LARGEST_SIGNAL_BYTES, True), (sending.LARGEST_SIGNAL_BYTES + 1, False)):
        encode: Callable[[Any], bytes] = lambda _, size=size: b"x" * size  # type: ignore[misc]  # noqa: E731
        if fits:
            assert len(encoded(signal(1), encode)[1]) == size
            continue
        with pytest.raises(InvalidSignal) as refused:
            encoded(signal(1), encode)
        assert (refused.value.field, refused.value.code) == ("signal", "too-large")
        assert str(refused.value) == "signal: takes 65537 bytes, at most 65536 are taken"


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(sending, "time", SimpleNamespace(monotonic=lambda: self.now))


@pytest.fixture
def sender(producer: FakeProducer) -> Sender:
    return Sender(
        Cluster("nowhere", timing=Timing(acknowledged_within_s=4.0)), "arrears.rent", "ArrearsSignal"
    )


def test_a_full_queue_is_waited_for_as_long_as_an_answer_may_take(
    producer: FakeProducer, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, polled = Clock(monkeypatch), list[float]()

    def poll(wait_s: float) -> int:
        polled.append(wait_s)
        clock.now += 1.0
        return 0

    monkeypatch.setattr(producer, "poll", poll)
    producer.full = 3
    sender.send("key", b"value", lambda error, message: None)
    assert polled == [0.1, 0.1, 0.1, 0]
    assert producer.sent == [("arrears.rent", b"key", b"value", None)]

    producer.full = 100
    with pytest.raises(NotAcknowledged) as raised:
        sender.send("key", b"value", lambda error, message: None)
    assert str(raised.value) == "arrears.rent accepts nothing: the queue stayed full. Try again"
    assert polled[4:] == [0.1] * 5  # up to four seconds, and once more


def test_what_the_client_cannot_take_is_told_with_its_reason(
    producer: FakeProducer, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: Any, **__: Any) -> None:
        raise KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE, "much too large"))

    monkeypatch.setattr(producer, "produce", refuses)

    with pytest.raises(NotAcknowledged) as raised:
        sender.send("key", b"value", lambda error, message: None)

    assert str(raised.value) == "arrears.rent did not accept a record (much too large)"


def test_an_answer_that_never_comes_is_waited_for_longer_than_the_client_does(
    producer: FakeProducer, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, polled = Clock(monkeypatch), list[float]()

    def poll(wait_s: float) -> int:
        polled.append(wait_s)
        clock.now += 1.0
        return 0

    monkeypatch.setattr(producer, "poll", poll)

    with pytest.raises(NotAcknowledged) as raised:
        sender.store("key", b"value")

    assert str(raised.value) == (
        "arrears.rent did not answer in time. Publish it again: publishing twice does no harm"
    )
    assert polled == [0, *[0.05] * 10]  # four seconds and five of grace, and once more


def test_closing_waits_for_what_is_in_flight_once(
    producer: FakeProducer, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed = list[float]()
    monkeypatch.setattr(producer, "flush", flushed.append)

    sender.close()
    sender.close()

    assert flushed == [4.0]
    for way in (lambda: sender.poll(0), lambda: sender.store("key", b"value")):
        with pytest.raises(Closed) as refused:
            way()
        assert str(refused.value) == "the publisher on arrears.rent was closed; make a new one"


def test_a_clock_that_is_wrong_is_named_as_the_reason() -> None:
    assert why(KafkaError(KafkaError.INVALID_TIMESTAMP)) == (
        "its timestamp is too old for the topic, or more than an hour ahead. Set this machine's clock"
    )
    assert why(KafkaError(KafkaError._MSG_TIMED_OUT, "too late")) == "too late"


def test_a_new_trace_is_one_of_the_w3cs_and_another_each_time() -> None:
    made = {tracing.new_traceparent() for _ in range(100)}

    assert len(made) == 100
    assert all(re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", each) for each in made)


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> FakeTopic:
    made = FakeTopic()
    made.opened = []  # type: ignore[attr-defined]

    def post(at: Cluster, name: str, group: str, traceparent: Any) -> FakePost:
        made.opened.append((at.bootstrap, name, group, traceparent))  # type: ignore[attr-defined]
        return FakePost(made)

    monkeypatch.setattr(outbox_publisher, "KafkaPost", post)
    return made


def test_an_outbox_sends_on_the_creditors_topic_under_a_name_of_its_own(
    topic: FakeTopic, tmp_path: Path
) -> None:
    with OutboxPublisher("kafka:9092", "rent", tmp_path / "outbox.db", tracing.new_traceparent) as made:
        assert made.topic == "arrears.rent"
        made.report(signal(1))
        assert made.report_all([signal(1), signal(2)]) == 1
        made.check(signal(2))
        with pytest.raises(InvalidSignal, match="a correction needs a higher version"):
            made.check(replace(signal(2), amount_cents=1))
        assert (made.waiting, made.deliver()) == (0, 0)
    made.close()

    ((where, name, group, traceparent),) = topic.opened  # type: ignore[attr-defined]
    assert (where, name, traceparent) == ("kafka:9092", "arrears.rent", tracing.new_traceparent)
    assert re.fullmatch("outbox-rent-[0-9a-f]{32}", group)
    assert topic.records == [("C-1", value(1)), ("C-2", value(2))]
    with pytest.raises(Closed) as refused:
        made.deliver()
    assert str(refused.value) == "the publisher on arrears.rent was closed; make a new one"


def test_many_go_through_an_outbox_in_batches_and_what_failed_waits(
    topic: FakeTopic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_publisher, "TOGETHER", 2)
    with OutboxPublisher("nowhere", "rent", tmp_path / "outbox.db") as made:
        assert made.report_all(map(signal, range(5))) == 5
        assert topic.records == [(f"C-{number}", value(number)) for number in range(5)]
        made._post.fails = ["before"]  # type: ignore[attr-defined]
        with pytest.raises(NotAcknowledged):
            made.report(signal(5))
        assert made.waiting == 1
        assert made.deliver() == 1
        assert len(topic.records) == 6


def test_an_outbox_of_another_cluster_is_let_go_of(
    topic: FakeTopic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, closed = tmp_path / "outbox.db", list[str]()
    OutboxPublisher("nowhere", "rent", path).close()
    monkeypatch.setattr(FakePost, "close", lambda self: closed.append("post"))
    topic.identity = Identity("another", "topic")

    with pytest.raises(LedgerMoved):
        OutboxPublisher("nowhere", "rent", path)

    assert closed == ["post"]
    topic.identity = Identity("cluster", "topic")
    with OutboxPublisher(Cluster("nowhere", test_numbers=True), "rent", path) as made:
        made.report(signal(1, resident=Resident(bsn="123456789")))


FEEDBACK = {
    "feedback_id": "f-1", "contract": "C-1", "signal_id": "S-1", "status": "PICKED_UP", "reason": "too-early",
    "collection": "PAUSE", "pause_until": 20_544, "at": 1_772_442_000_000,
}  # fmt: skip


def test_feedback_is_read_part_by_part() -> None:
    assert CreditorFeedback.from_record(FEEDBACK) == CreditorFeedback(
        feedback_id="f-1",
        contract="C-1",
        signal_id="S-1",
        status=SignalStatus.PICKED_UP,
        reason="too-early",
        collection=Collection.PAUSE,
        pause_until=date(2026, 4, 1),
        at=datetime(2026, 3, 2, 9, tzinfo=UTC),
    )
    assert CreditorFeedback.from_record({**FEEDBACK, "pause_until": None}).pause_until is None


def test_feedback_in_hand_comes_again_until_it_is_dealt_with(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    source, opened = FakeSource(topic="feedback.rent"), list[Any]()
    encode = Codec("CreditorFeedback", "feedback.rent", LocalRegistry()).encode

    def made(at: Cluster, topics: list[str], client: str) -> FakeSource:
        opened.append((at.bootstrap, topics, client))
        return source

    monkeypatch.setattr("eropaf_client.own_topic_reader.KafkaSource", made)
    monkeypatch.setattr("eropaf_client.own_topic_reader.POLL_WAIT_S", 0.001)
    source.write("C", b"\x07not ours")
    for number in (1, 2, 3):
        source.write("C", encode({**FEEDBACK, "signal_id": f"S-{number}"}))
    reader = FeedbackReader("kafka:9092", "rent")

    assert opened == [("kafka:9092", ["feedback.rent"], "feedback")]
    first = reader.first(0)
    assert first is not None
    assert reader.first(0) == first
    reader.done(first)
    reader.done(first)
    seen = []
    for each in reader:
        seen.append(each.signal_id)
        if len(seen) == 2:
            break
    assert (first.signal_id, seen) == ("S-1", ["S-2", "S-3"])
    assert [each.signal_id for each in reader.poll(0)] == ["S-3"]
    assert reader.first(0) is None
    assert reader.caught_up
    assert reader.asides.total == 1
    assert [each for each in caplog.messages if "passed over" in each] == [
        "feedback.rent-0-0 (wrong-magic) cannot be used: passed over"
    ]
    reader.close()
