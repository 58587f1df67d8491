"""Publishers on an event loop: cancelled, failing, and many at once. No broker is needed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from eropaf_client import async_publisher, async_sending, sending
from eropaf_client.async_outbox_publisher import AsyncOutboxPublisher
from eropaf_client.async_publisher import AsyncArrearsPublisher
from eropaf_client.errors import BrokerUnreachable, Closed, InvalidSignal, NotAcknowledged, OutboxInUse
from eropaf_client.outbox_publisher import OutboxPublisher
from eropaf_client.records import ArrearsSignal
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import Codec
from tests.builders import an_arrears_signal
from tests.fakes import FakePost, FakeProducer, FakeTopic

SOON_S = 20
ENCODE = Codec("ArrearsSignal", "arrears.rent", LocalRegistry()).encode


def run(program: Coroutine[Any, Any, None]) -> None:
    """Run a program that lends no thread of the loop's own: publishers must not hold one."""

    async def without_threads() -> None:
        nobody = ThreadPoolExecutor(1)
        nobody.shutdown()
        asyncio.get_running_loop().set_default_executor(nobody)
        with suppress(RuntimeError):
            await asyncio.to_thread(lambda: None)  # so it is
            pytest.fail("the loop has a thread to lend")
        await asyncio.wait_for(program, SOON_S)

    asyncio.run(without_threads())


def signal(number: int, **other: Any) -> ArrearsSignal:
    return an_arrears_signal(signal_id=f"S-{number}", version=number, **other)


def value(number: int) -> bytes:
    return ENCODE(signal(number).to_record())


@pytest.fixture
def producer(monkeypatch: pytest.MonkeyPatch) -> FakeProducer:
    made = FakeProducer()
    monkeypatch.setattr(sending, "Producer", lambda settings: made)
    monkeypatch.setattr(sending.connection, "check", lambda *_: 3)
    for each in (async_publisher, async_sending):
        monkeypatch.setattr(each, "MOST_IN_FLIGHT", 2)
    return made


def test_a_traceparent_that_raises_takes_no_place_from_those_in_flight(producer: FakeProducer) -> None:
    broken = True

    def traceparent() -> str:
        if broken:
            raise LookupError("no span")
        return "00-0-0-01"

    async def program() -> None:
        nonlocal broken
        async with AsyncArrearsPublisher("nowhere", "rent", traceparent) as publisher:
            for number in range(5):
                with pytest.raises(LookupError):
                    await publisher.report(signal(number))
            broken = False
            await publisher.report(signal(9))

    run(program())
    assert producer.stored == [value(9)]


def test_a_report_that_is_cancelled_gives_its_place_back_once_it_is_answered(producer: FakeProducer) -> None:
    async def program() -> None:
        async with AsyncArrearsPublisher("nowhere", "rent") as publisher:
            producer.held = True
            reports = [asyncio.ensure_future(publisher.report(signal(number))) for number in (1, 2)]
            while len(producer.sent) < 2:
                await asyncio.sleep(0)
            for each in reports:
                each.cancel()
            third = asyncio.ensure_future(publisher.report(signal(3)))
            await asyncio.sleep(0)
            assert len(producer.sent) == 2  # there is no room yet

            producer.held = False
            assert (await third).topic == "arrears.rent"
            assert await publisher.report_all([signal(4), signal(5), signal(6)]) == 3

    run(program())
    assert len(producer.stored) == 6


def test_a_report_cancelled_while_it_waits_for_room_was_not_sent(producer: FakeProducer) -> None:
    async def program() -> None:
        async with AsyncArrearsPublisher("nowhere", "rent") as publisher:
            producer.held = True
            reports = [asyncio.ensure_future(publisher.report(signal(number))) for number in (1, 2, 3)]
            while len(producer.sent) < 2:
                await asyncio.sleep(0)
            reports[2].cancel()
            with pytest.raises(asyncio.CancelledError):
                await reports[2]
            producer.held = False
            await asyncio.gather(*reports[:2])
            await publisher.report(signal(4))

    run(program())
    assert producer.stored == [value(1), value(2), value(4)]


def test_answers_are_taken_in_by_one_thread_that_is_the_publishers_own(producer: FakeProducer) -> None:
    async def program() -> None:
        async with AsyncArrearsPublisher("nowhere", "rent") as publisher:
            await publisher.report(signal(1))
            names = [each.name for each in threading.enumerate()]
            assert any("the publisher on arrears.rent" in name for name in names)
        await publisher.close()
        while any("the publisher" in each.name for each in threading.enumerate()):
            await asyncio.sleep(0.001)

    run(program())


def test_the_signal_that_is_named_is_the_first_that_is_not_stored(
    producer: FakeProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in (async_publisher, async_sending):
        monkeypatch.setattr(each, "MOST_IN_FLIGHT", 100)
    producer.fails = {value(3), value(7)}

    async def signals() -> AsyncIterator[ArrearsSignal]:
        for number in range(10):
            yield signal(number)

    async def program() -> None:
        async with AsyncArrearsPublisher("nowhere", "rent") as publisher:
            with pytest.raises(NotAcknowledged, match="signal S-3 "):
                await publisher.report_all(signals())

    run(program())


def test_before_a_signal_that_is_wrong_is_named_those_before_it_are_stored(producer: FakeProducer) -> None:
    async def program() -> None:
        async with AsyncArrearsPublisher("nowhere", "rent") as publisher:
            with pytest.raises(InvalidSignal):
                await publisher.report_all([signal(1), signal(2, amount_cents=-1)])
            assert producer.stored == [value(1)]

    run(program())


def test_a_publisher_that_is_not_open_or_was_closed_says_so(producer: FakeProducer) -> None:
    async def program() -> None:
        publisher = AsyncArrearsPublisher("nowhere", "rent")
        with pytest.raises(Closed, match="is not open"):
            await publisher.report(signal(1))
        await publisher.close()
        await publisher.open()
        await publisher.close()
        await publisher.close()
        with pytest.raises(Closed, match="was closed"):
            await publisher.report(signal(1))

    run(program())


def test_a_thread_that_takes_in_answers_outlives_what_they_trip_over(
    producer: FakeProducer, caplog: pytest.LogCaptureFixture
) -> None:
    poll, trips = producer.poll, [True]

    def tripping(wait_s: float) -> int:
        if trips and wait_s:
            trips.pop()
            raise ValueError("a callback of the user's")
        return poll(wait_s)

    producer.poll = tripping  # type: ignore[method-assign]

    async def program() -> None:
        async with AsyncArrearsPublisher("nowhere", "rent") as publisher:
            while trips:
                await asyncio.sleep(0.001)
            await publisher.report(signal(1))

    run(program())
    assert "could not be taken in" in caplog.text


# Through an outbox.


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> FakeTopic:
    made = FakeTopic()
    monkeypatch.setattr("eropaf_client.outbox_publisher.KafkaPost", lambda *_: FakePost(made))
    return made


def test_an_outbox_on_a_loop_stores_each_once_whatever_is_cancelled(
    topic: FakeTopic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, go_on = threading.Event(), threading.Event()
    store = FakePost.store

    def slowly(self: FakePost, *given: Any) -> None:
        entered.set()
        assert go_on.wait(SOON_S)
        store(self, *given)

    monkeypatch.setattr(FakePost, "store", slowly)

    async def program() -> None:
        async with AsyncOutboxPublisher("nowhere", "rent", tmp_path / "outbox.db") as publisher:
            report = asyncio.ensure_future(publisher.report(signal(1)))
            while not entered.is_set():
                await asyncio.sleep(0.001)
            behind = asyncio.ensure_future(publisher.report(signal(2)))
            await asyncio.sleep(0)
            for each in (report, behind):
                each.cancel()
            go_on.set()
            assert await publisher.report_all([signal(1), signal(2)]) == 1  # the first is known
            assert await publisher.waiting() == 0
            assert await publisher.deliver() == 0

    run(program())
    assert [each for _, each in topic.records] == [value(1), value(2)]


def test_many_signals_go_through_an_outbox_on_a_loop_in_order(
    topic: FakeTopic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eropaf_client.async_outbox_publisher.TOGETHER", 4)

    async def program() -> None:
        async with AsyncOutboxPublisher("nowhere", "rent", tmp_path / "outbox.db") as publisher:
            assert await publisher.report_all(map(signal, range(10))) == 10

    run(program())
    assert [each for _, each in topic.records] == list(map(value, range(10)))


def test_an_outbox_whose_opening_fails_or_is_cancelled_leaves_its_file_free(
    topic: FakeTopic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "outbox.db"
    entered, go_on = threading.Event(), threading.Event()
    take_over = FakePost.take_over

    def away(self: FakePost) -> Any:
        raise BrokerUnreachable("nobody answered")

    def slowly(self: FakePost) -> Any:
        entered.set()
        assert go_on.wait(SOON_S)
        return take_over(self)

    async def program() -> None:
        publisher = AsyncOutboxPublisher("nowhere", "rent", path)
        monkeypatch.setattr(FakePost, "take_over", away)
        with pytest.raises(BrokerUnreachable):
            await publisher.open()
        monkeypatch.setattr(FakePost, "take_over", slowly)
        opening = asyncio.ensure_future(publisher.open())
        while not entered.is_set():
            await asyncio.sleep(0.001)
        with pytest.raises(OutboxInUse):
            OutboxPublisher("nowhere", "rent", path)
        opening.cancel()
        await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await opening
        OutboxPublisher("nowhere", "rent", path).close()

    run(program())


def test_a_publisher_that_was_closed_reports_again_once_it_is_open_again(producer: FakeProducer) -> None:
    async def program() -> None:
        publisher = AsyncArrearsPublisher("nowhere", "rent")
        for number in range(2):
            async with publisher:
                await publisher.report(signal(number))

    run(program())
