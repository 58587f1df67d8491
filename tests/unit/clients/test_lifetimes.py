"""Clients after a fork, after they were closed, and under two threads: safe, or refused with a sentence.

The Kafka clients are real ones, at an address where nobody is: a fork that touched their threads would hang.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from eropaf_client import connection, sending
from eropaf_client.async_outbox_publisher import AsyncOutboxPublisher
from eropaf_client.async_publisher import AsyncArrearsPublisher
from eropaf_client.cluster import Cluster, Timing
from eropaf_client.errors import Busy, Closed
from eropaf_client.feedback import FeedbackReader
from eropaf_client.inbox import Inbox
from eropaf_client.kafka_post import KafkaPost
from eropaf_client.ledger import Identity
from eropaf_client.lifetime import Lifetime
from eropaf_client.outbox_publisher import OutboxPublisher
from eropaf_client.outcomes import OutcomeReporter, OutreachOutcome
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.subscriber import PrioritySubscriber
from tests.builders import an_arrears_signal
from tests.fakes import FakePost, FakeProducer, FakeSource, FakeTopic, decoded

NOWHERE = Cluster("127.0.0.1:1", timing=Timing(answer_within_s=0.1, acknowledged_within_s=0.1))
HANGS_AFTER_S = 10


@pytest.fixture(autouse=True)
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "check", lambda *_: 1)
    monkeypatch.setattr(connection, "identity", lambda *_: Identity("cluster", "topic"))
    monkeypatch.setattr("eropaf_client.outbox_publisher.KafkaPost", lambda *_: FakePost(FakeTopic()))


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


def in_a_child(call: Callable[[], object]) -> str:
    """Return what `call` raises in a process that is forked here; `hangs` where it does not end."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(HANGS_AFTER_S)
        try:
            call()
            said = "nothing"
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said or "hangs"


def publisher(folder: Path) -> tuple[Any, Callable[[Any], object]]:
    return ArrearsPublisher(NOWHERE, "rent"), lambda made: made.report(an_arrears_signal())


def outbox(folder: Path) -> tuple[Any, Callable[[Any], object]]:
    return OutboxPublisher(NOWHERE, "rent", folder / "outbox.db"), lambda made: made.report(
        an_arrears_signal()
    )


def delivery(folder: Path) -> tuple[Any, Callable[[Any], object]]:
    made = OutboxPublisher(NOWHERE, "rent", folder / "outbox.db")
    made._delivery._alone.acquire()  # as another thread of this process has it while it delivers
    return made, lambda made: made.deliver()


def post(folder: Path) -> tuple[Any, Callable[[Any], object]]:
    return KafkaPost(NOWHERE, "arrears.rent", "outbox-rent-1"), lambda made: made.take_over()


def feedback(folder: Path) -> tuple[Any, Callable[[Any], object]]:
    return FeedbackReader(NOWHERE, "rent"), lambda made: made.poll(1.0)


def subscriber(folder: Path) -> tuple[Any, Callable[[Any], object]]:
    return PrioritySubscriber(NOWHERE, folder / "journal.db"), lambda made: made.receive(1.0)


def outcomes(folder: Path) -> tuple[Any, Callable[[Any], object]]:
    at = an_arrears_signal().reported_at
    outcome = OutreachOutcome("o-1", "h-1", at, picked_up_on=at.date())
    return OutcomeReporter(NOWHERE), lambda made: made.report(outcome)


CLIENTS = (publisher, outbox, delivery, post, feedback, subscriber, outcomes)


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
def test_what_was_made_before_a_fork_is_refused_in_the_child_and_can_be_closed_there(
    client: Callable[[Path], tuple[Any, Callable[[Any], object]]], tmp_path: Path
) -> None:
    made, use = client(tmp_path)

    assert in_a_child(lambda: use(made)).startswith("AfterFork: ")
    assert in_a_child(made.close) == "nothing"

    made.close()


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
def test_what_was_closed_says_so_and_closing_twice_is_harmless(
    client: Callable[[Path], tuple[Any, Callable[[Any], object]]], tmp_path: Path
) -> None:
    made, use = client(tmp_path)
    made.close()
    made.close()

    with pytest.raises(Closed, match="was closed; make a new one"):
        use(made)


@pytest.mark.parametrize("kind", [AsyncArrearsPublisher, AsyncOutboxPublisher])
def test_what_a_loop_opened_before_a_fork_is_refused_in_the_childs_own_loop(
    kind: type[Any], loop: asyncio.AbstractEventLoop, tmp_path: Path
) -> None:
    made = kind(NOWHERE, "rent", *([tmp_path / "outbox.db"] if kind is AsyncOutboxPublisher else []))
    loop.run_until_complete(made.open())

    said = in_a_child(lambda: asyncio.new_event_loop().run_until_complete(made.report(an_arrears_signal())))

    assert said.startswith("AfterFork: the publisher on arrears.rent was made before a fork")
    loop.run_until_complete(made.close())


def test_a_ledger_is_refused_in_a_child_that_reads_it(tmp_path: Path) -> None:
    with PrioritySubscriber(NOWHERE, tmp_path / "journal.db") as made:
        assert in_a_child(made.parked).startswith("AfterFork: ")


def test_a_second_thread_is_refused_inside_an_inbox_and_may_ask_how_far_it_is(
    tmp_path: Path,
) -> None:
    source = FakeSource()
    source.write("a", b"a 1")
    inbox = Inbox(source, decoded)
    received = inbox.take(0)
    assert received is not None
    inside, done = threading.Event(), threading.Event()

    def handles() -> None:
        with inbox.completing(received):
            inside.set()
            done.wait(HANGS_AFTER_S)

    thread = threading.Thread(target=handles)
    thread.start()
    inside.wait(HANGS_AFTER_S)
    calls: list[Callable[[], object]] = [
        lambda: inbox.take(0),
        lambda: inbox.complete(received),
        lambda: inbox.retry_later(received),
    ]
    for call in calls:
        with pytest.raises(Busy, match="another thread is using this subscriber; only one may at a time"):
            call()
    assert inbox.behind() == 0
    assert inbox.caught_up
    done.set()
    thread.join()

    assert inbox.take(0) is None  # it was dealt with, once


def test_threads_publish_through_one_publisher_each_signal_once(monkeypatch: pytest.MonkeyPatch) -> None:
    producer = FakeProducer()
    monkeypatch.setattr(sending, "Producer", lambda settings: producer)
    failed: list[BaseException] = []

    def publish(first: int) -> None:
        try:
            made.report_all(
                an_arrears_signal(signal_id=f"S-{number}", version=number)
                for number in range(first, first + 50)
            )
        except BaseException as error:
            failed.append(error)

    with ArrearsPublisher(NOWHERE, "rent") as made, ExitStack() as threads:
        for first in range(0, 200, 50):
            thread = threading.Thread(target=publish, args=(first,))
            thread.start()
            threads.callback(thread.join)

    assert failed == []
    assert len(producer.stored) == len(set(producer.stored)) == 200


def test_a_users_own_error_callback_that_raises_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def broken(error: Any) -> None:
        raise ValueError("the user's own")

    troubles = connection.Troubles(Cluster("nowhere", {"error_cb": broken}))

    class Said:
        def code(self) -> int:
            return -195

        def str(self) -> str:
            return "broker down"

    troubles(Said())  # type: ignore[arg-type]
    assert "error_cb failed" in caplog.text
    troubles.check()


def test_closing_lets_go_of_what_is_held_once_and_not_in_a_child(tmp_path: Path) -> None:
    life = Lifetime("it")
    assert in_a_child(lambda: exit(str(life.ends()))) == "SystemExit: False"
    assert [life.ends(), life.ends()] == [True, False]

    for _ in range(2):  # its file is free again
        OutboxPublisher(NOWHERE, "rent", tmp_path / "outbox.db").close()
    with PrioritySubscriber(NOWHERE, tmp_path / "journal.db"):
        pass
    PrioritySubscriber(NOWHERE, tmp_path / "journal.db").close()
