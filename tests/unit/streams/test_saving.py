"""What becomes of a checkpoint, stepped by hand: no broker, no thread, no clock but the test's."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from concurrent.futures import Future
from typing import NoReturn

import pytest

from eropaf.streams.config import StreamsConfig
from eropaf.streams.errors import CheckpointAborted, CheckpointRefused, InvariantBroken, StreamsError
from eropaf.streams.runtime import saving as module
from eropaf.streams.runtime.checkpoint import Checkpoint
from eropaf.streams.runtime.lanes import Threads
from eropaf.streams.runtime.saving import CHECKPOINT_ATTEMPTS, METADATA_WITHIN_S, SLOW_AFTER_S, Saving
from eropaf.streams.runtime.stage import Stage
from eropaf.streams.topic_partition import TP
from tests.integration.processes import until
from tests.stepped import ByHand, Written

STAGE = Stage("first", ("numbers",))
NUMBERS = TP("numbers", 0)
CONFIG = StreamsConfig("nowhere", "group", "one", transaction_timeout_s=15.0, checkpoint_interval_s=0.1)


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(module.time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


class Stepped:
    """A saving with its lane and its writer."""

    def __init__(self, clock: Clock, *answers: Exception | None) -> None:
        self.clock, self.lanes, self.writer = clock, ByHand(), Written(list(answers))
        self.saving = Saving(CONFIG, [STAGE], self.writer, self.lanes)
        self.saving.renew("epoch 1")

    def begin(self, offset: int = 1) -> None:
        self.saving.next.take_offset(NUMBERS, offset, 1)
        self.saving.begin([])

    def answered(self) -> None:
        """Let the writer answer, and take that in."""
        self.lanes.do("save first")
        self.saving.look(self.clock.now)

    def later(self, seconds: float) -> None:
        self.clock.now += seconds
        self.saving.look(self.clock.now)


def test_what_was_aborted_is_written_again_under_fresh_metadata_and_no_other(clock: Clock) -> None:
    stepped = Stepped(clock, CheckpointAborted("stale"), None)
    stepped.begin()

    stepped.answered()
    assert not stepped.lanes.waits("save first")
    stepped.saving.renew("epoch 2")
    stepped.answered()

    assert [metadata for _, metadata in stepped.writer.got] == ["epoch 1", "epoch 2"]
    assert not stepped.saving.under_way
    assert stepped.saving.saved == 1


class Client:
    """Stands for a Kafka client, with its threads and connections."""


class Aborting(Written):
    """Uses a client in a checkpoint that the broker aborts."""

    def __init__(self) -> None:
        super().__init__([])
        self.used: list[weakref.ref[Client]] = []

    def write(self, checkpoint: Checkpoint, group_metadata: object) -> NoReturn:
        client = Client()
        self.used.append(weakref.ref(client))
        raise CheckpointAborted("stale")


@pytest.fixture
def no_search_for_garbage() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_search_for_garbage")
def test_an_aborted_checkpoint_keeps_no_client_alive_until_garbage_is_looked_for() -> None:
    lanes, writer = Threads(lambda: None), Aborting()
    saving = Saving(CONFIG, [STAGE], writer, lanes)
    saving.next.take_offset(NUMBERS, 1, 1)
    saving.begin([])

    def aborted() -> bool:
        saving.look(saving.began_at)
        return saving.waits_for_metadata

    until(aborted, 60, "the checkpoint aborted")

    until(lambda: writer.used[0]() is None, 60, "the client let go")
    lanes.close()


def test_in_a_rebalance_where_none_can_be_taken_the_metadata_at_hand_is_right(clock: Clock) -> None:
    stepped = Stepped(clock, CheckpointAborted("busy"), None)
    stepped.begin()
    stepped.answered()

    stepped.later(METADATA_WITHIN_S - 0.01)
    assert not stepped.lanes.waits("save first")
    stepped.later(0.02)
    stepped.answered()

    assert [metadata for _, metadata in stepped.writer.got] == ["epoch 1", "epoch 1"]
    assert stepped.saving.saved == 1


def test_what_is_aborted_again_and_again_ends_the_worker(clock: Clock) -> None:
    stepped = Stepped(clock, *[CheckpointAborted("no")] * CHECKPOINT_ATTEMPTS)
    stepped.begin()
    for _ in range(CHECKPOINT_ATTEMPTS - 1):
        stepped.answered()
        stepped.saving.renew("another")

    with pytest.raises(StreamsError, match=f"aborted {CHECKPOINT_ATTEMPTS} times"):
        stepped.answered()


def test_what_is_refused_ends_the_worker_at_once(clock: Clock) -> None:
    stepped = Stepped(clock, CheckpointRefused("fenced"))
    stepped.begin()

    with pytest.raises(CheckpointRefused):
        stepped.answered()


def test_what_is_never_answered_ends_the_worker_once_the_broker_must_have_aborted_it(clock: Clock) -> None:
    stepped = Stepped(clock)
    stepped.begin()

    stepped.later(14.9)
    with pytest.raises(StreamsError, match="not saved within 15 s"):
        stepped.later(0.2)


def test_the_next_is_filled_while_one_is_on_its_way_but_no_third_waits(clock: Clock) -> None:
    stepped = Stepped(clock)
    stepped.begin()
    stepped.saving.next.take_offset(NUMBERS, 2, 1)
    assert not stepped.saving.blocked(clock.now)

    stepped.later(0.11)
    assert stepped.saving.blocked(clock.now)
    assert not stepped.saving.slow(clock.now)
    with pytest.raises(InvariantBroken):
        stepped.saving.begin([])

    stepped.later(SLOW_AFTER_S)
    assert stepped.saving.slow(clock.now)
    stepped.answered()
    assert not stepped.saving.blocked(clock.now)


def test_an_offset_in_a_checkpoint_never_goes_back(clock: Clock) -> None:
    stepped = Stepped(clock)
    stepped.saving.next.take_offset(NUMBERS, 5, 1)

    with pytest.raises(InvariantBroken, match="offset 5 after 5"):
        stepped.saving.next.take_offset(NUMBERS, 5, 1)


def test_opening_is_done_when_the_broker_knows_the_worker(clock: Clock) -> None:
    stepped = Stepped(clock)
    opened: Future[None] = stepped.saving.open()

    assert not opened.done()
    stepped.lanes.do("save first")
    assert opened.done()
