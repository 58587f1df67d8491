"""A subscriber on an event loop: whatever is cancelled comes again. No broker is needed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from eropaf_client import handling
from eropaf_client.async_feedback import AsyncFeedbackReader
from eropaf_client.async_subscriber import AsyncPrioritySubscriber
from eropaf_client.errors import Busy, Closed
from eropaf_client.journal import Parked
from eropaf_client.live_list import Moved, Snapshot
from eropaf_client.records import PriorityUpdate
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import Codec
from eropaf_client.subscriber import PrioritySubscriber
from tests.fakes import End, FakeRecord, FakeSource, decoded
from tests.tool import said

SOON_S = 20


class SlowSource(FakeSource):
    """A source that may be held while it is polled."""

    def __init__(self) -> None:
        super().__init__()
        self.polled = threading.Event()
        self.goes_on = threading.Event()
        self.goes_on.set()

    def poll(self, wait_s: float) -> list[FakeRecord | End]:
        self.polled.set()
        assert self.goes_on.wait(SOON_S)
        return super().poll(wait_s)


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> SlowSource:
    made = SlowSource()
    monkeypatch.setattr("eropaf_client.subscriber.KafkaSource", lambda *_: made)
    monkeypatch.setattr(PrioritySubscriber, "_updates", lambda self, value: decoded(value))
    for name in (
        "subscriber.POLL_WAIT_S",
        "async_subscriber.POLL_WAIT_S",
        "handling.POLL_WAIT_S",
        "handling.BACKOFF_S",
    ):
        monkeypatch.setattr(f"eropaf_client.{name}", 0.01)
    monkeypatch.setattr(handling, "LONGEST_HANDLING_PAUSE_S", 0.01)
    return made


def tell(source: FakeSource, *updates: str) -> None:
    for each in updates:
        household, _, sequence = each.partition(" ")
        source.write(household, each.encode() if sequence else None)


def run(program: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(program, SOON_S))


async def until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.001)


def with_subscriber(path: Path | None, program: Callable[[AsyncPrioritySubscriber], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with AsyncPrioritySubscriber("nowhere", path) as subscriber:
            await program(subscriber)

    run(whole())


def test_what_a_cancelled_receive_would_have_returned_comes_again(source: SlowSource) -> None:
    async def program(subscriber: AsyncPrioritySubscriber) -> None:
        source.polled.clear()
        source.goes_on.clear()
        receive = asyncio.ensure_future(subscriber.receive(60.0))
        await until(source.polled.is_set)
        receive.cancel()
        with pytest.raises(asyncio.CancelledError):
            await receive
        tell(source, "a 1", "a 2")
        source.goes_on.set()

        received = await subscriber.receive(SOON_S)

        assert received is not None
        assert said(received) == "a 1"
        await subscriber.complete(received)

    with_subscriber(None, program)


def test_a_receive_waits_as_long_as_it_is_asked_to(source: SlowSource) -> None:
    async def program(subscriber: AsyncPrioritySubscriber) -> None:
        assert await subscriber.receive(0.05) is None
        assert source.polls > 2  # it looked more than once
        tell(source, "a 1")
        assert await subscriber.receive(SOON_S) is not None

    with_subscriber(None, program)


def test_a_loop_that_was_left_or_cancelled_gives_its_record_to_the_next(
    source: SlowSource, tmp_path: Path
) -> None:
    tell(source, "a 1", "b 1", "a 2")
    seen: list[str] = []

    async def program(subscriber: AsyncPrioritySubscriber) -> None:
        async for received in subscriber:
            seen.append(said(received))
            if len(seen) == 2:
                break

        async def forever() -> None:
            async for received in subscriber:
                seen.append(said(received))
                await asyncio.sleep(60)

        task = asyncio.ensure_future(forever())
        await until(lambda: len(seen) == 3)
        task.cancel()
        await asyncio.wait([task])
        async for received in subscriber:
            seen.append(said(received))
            if said(received) == "a 2":
                break

    with_subscriber(tmp_path / "journal.db", program)

    # What is given back lets other households go first.
    assert seen == ["a 1", "b 1", "a 2", "b 1", "a 2"]


def test_what_a_loop_said_of_a_record_holds_and_asking_for_the_next_adds_nothing(
    source: SlowSource, tmp_path: Path
) -> None:
    tell(source, "a 1", "b 1", "c 1", "d 1")
    seen: list[str] = []

    async def program(subscriber: AsyncPrioritySubscriber) -> None:
        async for received in subscriber:
            seen.append(said(received))
            if said(received) == "a 1":
                await subscriber.complete(received)
            elif said(received) == "b 1":
                await subscriber.park(received, "OSError")
            elif said(received) == "c 1" and seen.count("c 1") == 1:
                await subscriber.retry_later(received)
            elif len(seen) == 5:
                break
        assert [each.household for each in await subscriber.parked()] == ["b"]

    with_subscriber(tmp_path / "journal.db", program)

    assert seen == ["a 1", "b 1", "c 1", "d 1", "c 1"]


def test_in_a_plain_loop_too_what_was_said_of_a_record_holds(source: SlowSource, tmp_path: Path) -> None:
    tell(source, "a 1", "b 1", "c 1", "d 1")
    seen: list[str] = []

    with PrioritySubscriber("nowhere", tmp_path / "journal.db") as subscriber:
        for received in subscriber:
            seen.append(said(received))
            if said(received) == "a 1":
                subscriber.complete(received)
            elif said(received) == "b 1":
                subscriber.park(received, "OSError")
            elif said(received) == "c 1" and seen.count("c 1") == 1:
                subscriber.retry_later(received)
            elif len(seen) == 5:
                break
        assert [each.household for each in subscriber.parked()] == ["b"]

    assert seen == ["a 1", "b 1", "c 1", "d 1", "c 1"]


def test_records_are_given_back_and_parked_as_they_are_without_a_loop(
    source: SlowSource, tmp_path: Path
) -> None:
    tell(source, "a 1", "b 1")

    async def program(subscriber: AsyncPrioritySubscriber) -> None:
        first = await subscriber.receive(SOON_S)
        assert first is not None
        await subscriber.retry_later(first)
        second = await subscriber.receive(SOON_S)
        assert second is not None
        await subscriber.park(second, "OSError")
        assert [each.household for each in await subscriber.parked()] == [second.household]
        rest = await subscriber.poll(0.1)
        assert len(rest) == 1
        assert subscriber.caught_up
        assert not subscriber.asides

        async def handler(update: PriorityUpdate) -> None:
            await asyncio.sleep(0)

        assert await subscriber.retry_parked(handler) == 1
        assert await subscriber.parked() == []

    with_subscriber(tmp_path / "journal.db", program)


class Tool:
    """Handlers on a loop, and what they wrote in the journal's database."""

    def __init__(self, subscriber: AsyncPrioritySubscriber) -> None:
        assert subscriber.journal is not None
        self.db = subscriber.journal.db
        self.db.execute("CREATE TABLE IF NOT EXISTS seen (what TEXT)")
        self.waits = asyncio.Event()
        self.fails: set[str] = set()
        self.begun: list[str] = []
        self.parked: list[Parked] = []
        self.loops: set[asyncio.AbstractEventLoop] = set()

    async def handle(self, update: PriorityUpdate) -> None:
        await self._see(f"{update.household} {update.sequence}")

    async def forget(self, household: str) -> None:
        await self._see(household)

    async def _see(self, what: str) -> None:
        self.begun.append(what)
        self.loops.add(asyncio.get_running_loop())
        self.db.execute("INSERT INTO seen VALUES (?)", (what,))
        if what in self.fails:
            raise ConnectionError
        await self.waits.wait()

    def on_parked(self, parked: Parked) -> None:
        self.loops.add(asyncio.get_running_loop())
        self.parked.append(parked)

    @property
    def seen(self) -> list[str]:
        return [row[0] for row in self.db.execute("SELECT what FROM seen ORDER BY rowid")]


def test_a_handler_runs_on_the_loop_and_what_it_writes_is_saved_with_the_position(
    source: SlowSource, tmp_path: Path
) -> None:
    tell(source, "a 1", "a", "b 1")
    for expected in (["a 1", "b 1", "a"], ["a 1", "b 1", "a"]):

        async def program(subscriber: AsyncPrioritySubscriber, expected: list[str] = expected) -> None:
            tool = Tool(subscriber)
            tool.waits.set()
            await subscriber.handle(
                tool.handle, forget=tool.forget, stopped=lambda: subscriber.caught_up and len(tool.seen) == 3
            )
            assert sorted(tool.seen) == sorted(expected)
            assert tool.loops <= {asyncio.get_running_loop()}

        with_subscriber(tmp_path / "journal.db", program)


def test_a_cancelled_handling_rolls_back_its_writes_and_the_record_comes_again(
    source: SlowSource, tmp_path: Path
) -> None:
    tell(source, "a 1")

    async def program(subscriber: AsyncPrioritySubscriber) -> None:
        tool = Tool(subscriber)
        work = asyncio.ensure_future(subscriber.handle(tool.handle, forget=tool.forget))
        await until(lambda: tool.begun == ["a 1"])
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert tool.seen == []
        assert await subscriber.parked() == []

        tool.waits.set()
        await subscriber.handle(tool.handle, forget=tool.forget, stopped=lambda: len(tool.seen) == 1)
        assert tool.begun == ["a 1", "a 1"]

    with_subscriber(tmp_path / "journal.db", program)


def test_an_update_whose_handler_fails_is_parked_and_told_on_the_loop(
    source: SlowSource, tmp_path: Path
) -> None:
    tell(source, "a 1", "b 1")

    async def program(subscriber: AsyncPrioritySubscriber) -> None:
        tool = Tool(subscriber)
        tool.waits.set()
        tool.fails = {"a 1"}
        await subscriber.handle(
            tool.handle, forget=tool.forget, on_parked=tool.on_parked, stopped=lambda: bool(tool.parked)
        )
        assert [each.error for each in tool.parked] == ["ConnectionError"]
        assert tool.seen == ["b 1"]
        assert tool.loops == {asyncio.get_running_loop()}

    with_subscriber(tmp_path / "journal.db", program)


def test_while_handlers_run_other_calls_are_refused_and_closing_ends_them(
    source: SlowSource, tmp_path: Path
) -> None:
    tell(source, "a 1")

    async def program() -> None:
        subscriber = AsyncPrioritySubscriber("nowhere", tmp_path / "journal.db")
        await subscriber.open()
        tool = Tool(subscriber)
        work = asyncio.ensure_future(subscriber.handle(tool.handle, forget=tool.forget))
        await until(lambda: bool(tool.begun))
        for call in (subscriber.parked(), subscriber.receive(0), subscriber.retry_parked(tool.handle)):
            with pytest.raises(Busy, match="`handle` is using the subscriber"):
                await call
        await subscriber.close()
        with pytest.raises(Closed, match="closed while handling"):
            await work

    run(program())


def test_a_live_list_on_a_loop_is_whole_and_then_moves(source: SlowSource) -> None:
    tell(source, "a 1", "b 1")

    async def program(subscriber: AsyncPrioritySubscriber) -> None:
        changes = subscriber.live_list()
        first = await changes.__anext__()
        assert isinstance(first, Snapshot)
        assert len(first.rows) == 2
        tell(source, "a")
        moved = await changes.__anext__()
        assert isinstance(moved, Moved)
        assert (moved.household, moved.now) == ("a", None)

    with_subscriber(None, program)


def test_feedback_on_a_loop_comes_again_where_its_loop_was_left(monkeypatch: pytest.MonkeyPatch) -> None:
    source = FakeSource(topic="feedback.rent")
    codec = Codec("CreditorFeedback", "feedback.rent", LocalRegistry())
    for number in range(3):
        value = {
            "feedback_id": f"f-{number}", "contract": "C-1", "signal_id": f"S-{number}",
            "status": "PICKED_UP", "reason": None, "collection": "PAUSE", "pause_until": None,
            "at": 1_772_442_000_000,
        }  # fmt: skip
        source.write("C-1", codec.encode(value))
    source.write("C-1", b"\x07not ours")
    monkeypatch.setattr("eropaf_client.own_topic_reader.KafkaSource", lambda *_: source)
    monkeypatch.setattr("eropaf_client.async_feedback.POLL_WAIT_S", 0.01)
    seen: list[str] = []

    async def program() -> None:
        async with AsyncFeedbackReader("nowhere", "rent") as reader:
            for _ in range(2):
                async for each in reader:
                    seen.append(each.signal_id)
                    if len(seen) in (2, 4):
                        break
            assert not reader.caught_up

    run(program())
    assert seen == ["S-0", "S-1", "S-1", "S-2"]
