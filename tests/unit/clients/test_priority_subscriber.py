"""A subscriber's own promises, on a topic in memory: loops, polls, handlers and what is parked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from eropaf_client import handling
from eropaf_client.cluster import Cluster
from eropaf_client.errors import ClientBroken, JournalMissing, LedgerMoved
from eropaf_client.inbox import Received
from eropaf_client.ledger import Identity
from eropaf_client.live_list import Moved, Snapshot
from eropaf_client.outcomes import EndResult, OutreachOutcome
from eropaf_client.records import PriorityUpdate
from eropaf_client.subscriber import PrioritySubscriber
from tests.fakes import FakeSource, decoded, fake_producer
from tests.tool import said


class Sources:
    """The sources that a subscriber opened, each on one topic; and with what."""

    def __init__(self) -> None:
        self.topic = FakeSource()
        self.opened: list[tuple[Any, ...]] = []
        self.made: list[FakeSource] = []
        self.closed: list[FakeSource] = []

    def make(self, at: Cluster, topics: list[str], client: str) -> FakeSource:
        self.opened.append((at.bootstrap, topics, client))
        made = FakeSource()
        made.logs, made.which = self.topic.logs, self.topic.which
        made.close = lambda: self.closed.append(made)  # type: ignore[method-assign]
        self.made.append(made)
        return made

    def tell(self, *updates: str) -> None:
        for each in updates:
            household, _, sequence = each.partition(" ")
            self.topic.write(household, each.encode() if sequence else None)


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> Sources:
    made = Sources()
    monkeypatch.setattr("eropaf_client.subscriber.KafkaSource", made.make)
    monkeypatch.setattr("eropaf_client.subscriber.POLL_WAIT_S", 0.001)
    monkeypatch.setattr(PrioritySubscriber, "_updates", lambda self, value: decoded(value))
    monkeypatch.setattr(handling, "BACKOFF_S", 0.001)
    monkeypatch.setattr(handling, "POLL_WAIT_S", 0.001)
    return made


@pytest.fixture
def subscriber(sources: Sources, tmp_path: Path) -> Iterator[PrioritySubscriber]:
    with PrioritySubscriber("kafka:9092", tmp_path / "journal.db") as made:
        yield made


def first(subscriber: PrioritySubscriber, count: int) -> list[str]:
    found = []
    for received in subscriber:
        found.append(said(received))
        if len(found) == count:
            break
    return found


def test_it_reads_the_topic_of_updates_and_closes_what_it_opened(sources: Sources, tmp_path: Path) -> None:
    subscriber = PrioritySubscriber("kafka:9092", tmp_path / "journal.db")
    subscriber.read_list("1011")
    subscriber.close()
    subscriber.close()

    assert sources.opened == [("kafka:9092", ["outreach.priorities"], "priorities")] * 2
    assert {id(each) for each in sources.closed} == {id(each) for each in sources.made}


def test_a_start_that_fails_lets_go_of_what_it_had(sources: Sources, tmp_path: Path) -> None:
    PrioritySubscriber("kafka:9092", tmp_path / "journal.db").close()
    sources.topic.which = Identity("another", "topic")

    with pytest.raises(LedgerMoved):
        PrioritySubscriber("kafka:9092", tmp_path / "journal.db")

    assert sources.made[-1] in sources.closed
    sources.topic.which = Identity("cluster", "topic")
    PrioritySubscriber("kafka:9092", tmp_path / "journal.db").close()


def test_a_loop_waits_and_what_it_had_in_hand_comes_again(
    sources: Sources, subscriber: PrioritySubscriber
) -> None:
    polled, poll = [], sources.made[0].poll

    def late(wait_s: float) -> Any:
        polled.append(wait_s)
        if len(polled) == 3:
            sources.tell("a 1", "b 1")
        return poll(wait_s)

    sources.made[0].poll = late  # type: ignore[method-assign]

    assert first(subscriber, 2) == ["a 1", "b 1"]
    assert first(subscriber, 1) == ["b 1"]
    assert subscriber.behind() == 0
    assert subscriber.receive(0) is None  # it is in hand


def test_a_body_of_a_loop_may_say_itself_what_becomes_of_a_record(
    sources: Sources, subscriber: PrioritySubscriber
) -> None:
    sources.tell("a 1", "a 2", "b 1", "c 1")
    found = []
    for received in subscriber:
        found.append(said(received))
        if found.count("a 1") == 1 and said(received) == "a 1":
            subscriber.retry_later(received, 0.001)
        elif said(received) == "b 1":
            subscriber.park(received, "KeyError")
        elif said(received) == "c 1":
            subscriber.complete(received)
        if "a 2" in found:
            break

    assert found == ["a 1", "b 1", "c 1", "a 1", "a 2"]
    assert [(each.household, each.error) for each in subscriber.parked()] == [("b", "KeyError")]


def test_a_second_loop_takes_over_and_the_first_ends(
    sources: Sources, subscriber: PrioritySubscriber
) -> None:
    sources.tell("a 1", "b 1")
    one, other = iter(subscriber), iter(subscriber)
    assert said(next(one)) == "a 1"
    assert said(next(other)) == "b 1"

    with pytest.raises(StopIteration):
        next(one)

    assert said(next(other)) == "a 1"  # given back, behind what was ready


def test_a_poll_gives_what_there_is_once_and_reports_an_error_next_time(
    sources: Sources, subscriber: PrioritySubscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources.tell("a 1", "b 1", "a 2")
    assert [said(each) for each in subscriber.poll(0)] == ["a 1", "b 1", "a 2"]
    assert subscriber.poll(0) == []

    sources.tell("c 1", "d 1")
    complete = subscriber._inbox.complete

    def breaks(received: Received) -> None:
        if said(received) == "d 1":
            raise ClientBroken("gone")
        complete(received)

    monkeypatch.setattr(subscriber._inbox, "complete", breaks)
    assert [said(each) for each in subscriber.poll(0)] == ["c 1"]
    with pytest.raises(ClientBroken):
        subscriber.poll(0)
    monkeypatch.undo()


def test_a_poll_waits_for_the_first_record_alone(
    sources: Sources, subscriber: PrioritySubscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources.tell("a 1", "b 1")
    waited, take = [], subscriber._inbox.take

    def taken(wait_s: float) -> Received | None:
        waited.append(wait_s)
        return take(wait_s)

    monkeypatch.setattr(subscriber._inbox, "take", taken)

    subscriber.poll(0.25)

    assert waited == [0.25, 0.0]


def test_handling_calls_for_updates_and_erasures_and_tells_what_was_parked(
    sources: Sources, subscriber: PrioritySubscriber
) -> None:
    sources.tell("a 1", "b 1", "c")
    handled, parked = list[str](), list[str]()

    def handle(update: PriorityUpdate) -> None:
        if update.household == "a":
            raise OSError
        handled.append(update.update_id)

    subscriber.handle(
        handle, forget=handled.append, on_parked=lambda each: parked.append(each.household),
        stopped=lambda: bool(parked),
    )  # fmt: skip

    assert handled == ["b/1", "c"]
    assert parked == ["a"]


def test_parked_updates_are_tried_in_order_and_what_fails_again_stays(
    sources: Sources, subscriber: PrioritySubscriber
) -> None:
    sources.tell("a 1", "a 2", "b 1", "b 2", "c 1")
    while (received := subscriber.receive(0)) is not None:
        subscriber.park(received, "OSError") if said(received)[0] in "ab" else subscriber.complete(received)
    tried = []

    def handle(update: PriorityUpdate) -> None:
        tried.append(update.update_id)
        if update.update_id in ("a/1", "b/2"):
            raise OSError

    assert subscriber.retry_parked(handle) == 1

    assert tried == ["a/1", "b/1", "b/2"]
    assert [each[:2] for each in subscriber.parked()] == [("a", 1), ("a", 2), ("b", 2)]


def test_of_an_update_that_is_parked_no_longer_no_byte_is_left(
    sources: Sources, subscriber: PrioritySubscriber
) -> None:
    sources.tell("a 1")
    received = subscriber.receive(0)
    assert received is not None
    subscriber.park(received, "OSError")
    (parked,) = subscriber.parked()
    assert subscriber.journal is not None
    files = list(subscriber.journal.path.parent.glob(f"{subscriber.journal.path.name}*"))
    assert any(parked.value in each.read_bytes() for each in files)

    subscriber.retry_parked(lambda update: None)

    assert not any(parked.value in each.read_bytes() for each in files)


def test_without_a_journal_nothing_is_handled_or_parked(sources: Sources) -> None:
    sources.tell("a 1")
    with PrioritySubscriber(Cluster("kafka:9092")) as subscriber:
        assert subscriber.journal is None
        for way in (subscriber.parked, lambda: subscriber.handle(print, forget=print)):
            with pytest.raises(JournalMissing) as refused:
                way()
            assert str(refused.value) == (
                "give the subscriber a journal: PrioritySubscriber(…, journal=Path(…))"
            )
        assert first(subscriber, 1) == ["a 1"]
        assert subscriber.caught_up
        assert subscriber.asides.total == 0


def test_a_list_is_told_whole_and_then_change_by_change_and_moves_no_journal(
    sources: Sources, subscriber: PrioritySubscriber
) -> None:
    sources.tell("a 1", "b 1")
    changes = subscriber.live_list()

    snapshot = next(changes)
    sources.tell("c 1", "a")
    moved = [next(changes), next(changes)]

    assert isinstance(snapshot, Snapshot)
    assert [row.household for row in snapshot.rows] == ["a", "b"]
    assert [each.household for each in moved if isinstance(each, Moved)] == ["c", "a"]
    assert subscriber.behind() == 4


def test_a_list_is_of_one_area_where_asked(sources: Sources, subscriber: PrioritySubscriber) -> None:
    sources.tell("a 1")

    for area, households in (("1011", ["a"]), ("1012", [])):
        for told in (next(subscriber.live_list(area)), subscriber.read_list(area).next(0)):
            assert isinstance(told, Snapshot)
            assert [row.household for row in told.rows] == households


def test_outcomes_are_reported_through_one_reporter_that_is_closed_with_it(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    producer = fake_producer(monkeypatch)
    flushed = list[float]()
    monkeypatch.setattr(producer, "flush", flushed.append)
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)

    with PrioritySubscriber("kafka:9092") as subscriber:
        for number in (1, 2):
            outcome = OutreachOutcome(f"o-{number}", "a", at, result=EndResult.HELP)
            assert subscriber.report_outcome(outcome) == ("outreach.outcomes", 0, number - 1)

    assert producer.settings["bootstrap.servers"] == "kafka:9092"
    assert len(flushed) == 1


def test_what_was_parked_is_counted_as_it_is_handled(
    sources: Sources, subscriber: PrioritySubscriber
) -> None:
    sources.tell("a 1", "b 1", "c 1")
    while (received := subscriber.receive(0)) is not None:
        subscriber.park(received, "OSError")

    assert subscriber.retry_parked(lambda update: None) == 3
    assert subscriber.parked() == []
