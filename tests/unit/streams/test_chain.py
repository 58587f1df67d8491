"""Two chained stages on a worker that is stepped by hand: what is handed on, read, passed over and saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pytest

from eropaf.agents.codecs import letters as codec_of
from eropaf.streams.config import StreamsConfig
from eropaf.streams.errors import TopicMismatch
from eropaf.streams.runtime import machine as module
from eropaf.streams.runtime.batch import Batch
from eropaf.streams.runtime.chain import HANDED_ON, Handed
from eropaf.streams.runtime.dead_letter import DeadLetters
from eropaf.streams.runtime.ends import SAVED_AFTER_S
from eropaf.streams.runtime.machine import Machine
from eropaf.streams.runtime.ownership import Ownership
from eropaf.streams.runtime.stage import Stage, TableSpec, chains
from eropaf.streams.state.restore import Begins, Restorer
from eropaf.streams.topic_partition import TP
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import TRACEPARENT
from tests.model.broker import Broker
from tests.model.clients import Transport
from tests.model.network import Network, Weather
from tests.model.world import Host, World
from tests.stepped import Alone, ByHand, Group, Nothing, Told, Written, stop, worked_off

FIRST = Stage("first", ("numbers",), TableSpec("sums", encode=bytes, decode=bytes))
SECOND = Stage("second", ("counts",), TableSpec("tops", encode=bytes, decode=bytes), behind=FIRST)
NUMBERS, COUNTS = TP("numbers", 2), TP("counts", 2)
CONFIG = StreamsConfig("nowhere", "group", "one", poll_records=10)
LETTERS = codec_of(LocalRegistry())
TRACE = b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"


@dataclass
class Marked(Told):
    """A record that was handed on when it was written."""

    def headers(self) -> list[tuple[str, bytes | None]] | None:
        return [(HANDED_ON, b"")]


class WithTail(Nothing):
    """A restorer that finds records on the chained topic, from a version that hands nothing on."""

    def begins(self, inputs: Any) -> Begins:
        found = super().begins(inputs)
        return Begins(found.starts, found.known, found.lost, {**found.ends, COUNTS: 2})


class Stepped:
    """A worker with a chain of two stages; the first's agent writes what the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, restorer: Nothing | None = None) -> None:
        self.now = 100.0
        monkeypatch.setattr(module.time, "monotonic", lambda: self.now)
        self.lanes, self.writer = ByHand(), Written()
        self.machine = Machine(
            CONFIG,
            (FIRST, SECOND),
            lambda stage: DeadLetters(stage, LETTERS, 100),
            None,
            self.lanes,
            member=self._join,
            restorer=restorer or Nothing(),  # type: ignore[arg-type]
            writer={"first": self.writer}.__getitem__,
            presence=Alone(),
            stop=stop,
        )
        self.machine.start()
        for lane in ("save first", "restore", "presence"):
            self.lanes.do(lane)
        self.tick()
        self.machine.taken([NUMBERS, COUNTS])
        self.tick()
        self.lanes.do("restore")
        self.polled()
        self.polled()

    def _join(self, *callbacks: Any) -> Group:
        self.group = Group(*callbacks)
        return self.group

    def tick(self, seconds: float = 0.0) -> list[Batch]:
        self.now += seconds
        return self.machine.tick(self.now)

    def polled(self, *records: Told, ends: Mapping[TP, int] = MappingProxyType({})) -> list[Batch]:
        """Let the poll that is under way give `records`, and end there; return what is handed out."""
        self.group.coming, self.group.ends = list(records), dict(ends)
        self.lanes.do("poll")
        return self.tick()

    def handed_on(self, *values: bytes) -> Batch:
        """Let the first stage write `values` for one record; return what the second is handed."""
        (batch,) = self.polled(Told(NUMBERS, 0))
        batch.table.put(b"key", b"row")
        for value in values:
            batch.emit("counts", b"key", value, 7)
        worked_off(self.machine, [batch])
        (handed,) = self.tick()
        return handed

    def saved(self) -> Any:
        """Let what is done be saved; return the checkpoint."""
        self.tick()
        self.lanes.do("save first")
        self.tick()
        return self.writer.got[-1][0]


@pytest.fixture
def stepped(monkeypatch: pytest.MonkeyPatch) -> Stepped:
    return Stepped(monkeypatch)


def test_what_a_stage_writes_is_handed_to_the_stage_behind_before_anything_is_saved(
    stepped: Stepped,
) -> None:
    handed = stepped.handed_on(b"1", b"2")

    assert (handed.stage, handed.topic, handed.partition) == ("second", "counts", 2)
    assert [(record.key(), record.value()) for record in handed.records] == [(b"key", b"1"), (b"key", b"2")]
    assert [record.timestamp()[1] for record in handed.records] == [
        output.timestamp_ms for output in stepped.machine._savings["first"].next.outputs
    ]
    assert not stepped.lanes.waits("save first")


def test_both_stages_rows_outputs_and_offset_are_one_checkpoint(stepped: Stepped) -> None:
    handed = stepped.handed_on(b"1")
    handed.table.put(b"key", b"top")
    handed.emit("outside", b"key", b"told", 7)
    worked_off(stepped.machine, [handed])

    checkpoint = stepped.saved()

    assert [(output.topic, output.value) for output in checkpoint.outputs] == [
        ("counts", b"1"),
        ("outside", b"told"),
    ]
    assert [(row.topic, row.value, row.partition) for row in checkpoint.rows] == [
        ("group-sums-changelog", b"row", 2),
        ("group-tops-changelog", b"top", 2),
    ]
    assert checkpoint.offsets == {NUMBERS: 1}
    assert not stepped.machine.unsaved


def test_what_is_handed_on_is_written_to_its_own_partition_and_says_so(stepped: Stepped) -> None:
    stepped.handed_on(b"1", b"2")
    first, second = stepped.machine._savings["first"].next.outputs

    assert first.headers == second.headers == [(HANDED_ON, b"")]
    assert first.partition == second.partition == 2


def test_the_stage_behind_and_a_replay_are_told_the_trace_and_no_more(stepped: Stepped) -> None:
    (batch,) = stepped.polled(Told(NUMBERS, 0))
    batch._cause = TRACE
    batch.emit("counts", b"key", b"1", 7)
    worked_off(stepped.machine, [batch])
    (handed,) = stepped.tick()
    (output,) = stepped.machine._savings["first"].next.outputs

    assert handed.records[0].headers() == [(TRACEPARENT, TRACE)]
    assert output.headers == [(TRACEPARENT, TRACE), (HANDED_ON, b"")]


def test_a_record_for_another_partition_goes_by_the_topic(stepped: Stepped) -> None:
    (batch,) = stepped.polled(Told(NUMBERS, 0))
    batch.emit("counts", b"key", b"1", 7, partition=0)
    worked_off(stepped.machine, [batch])

    assert stepped.tick() == []
    assert stepped.writer.got == []
    assert stepped.saved().outputs[0].headers is None


def test_what_was_handed_on_is_passed_over_where_it_is_read(stepped: Stepped) -> None:
    assert stepped.polled(Marked(COUNTS, 0), Marked(COUNTS, 1)) == []
    stepped.tick()
    assert not stepped.lanes.waits("save first"), "each by itself would double the transactions"

    worked_off(stepped.machine, stepped.polled(Told(NUMBERS, 0)))

    assert stepped.saved().offsets == {NUMBERS: 1, COUNTS: 2}


def test_what_was_passed_over_is_noted_in_time_though_nothing_else_is_saved(stepped: Stepped) -> None:
    stepped.polled(Marked(COUNTS, 0))

    stepped.tick(SAVED_AFTER_S)
    stepped.lanes.do("save first")

    assert stepped.writer.got[-1][0].offsets == {COUNTS: 1}


def test_what_others_write_between_is_read_in_its_place(stepped: Stepped) -> None:
    (batch,) = stepped.polled(Marked(COUNTS, 0), Told(COUNTS, 1), Marked(COUNTS, 2))

    assert (batch.stage, [record.offset() for record in batch.records]) == ("second", [1])
    worked_off(stepped.machine, [batch])
    assert stepped.saved().offsets == {COUNTS: 3}


def test_a_passed_over_end_is_not_noted_before_what_stands_before_it_is_worked_off(
    stepped: Stepped,
) -> None:
    (first,) = stepped.polled(Told(NUMBERS, 0))
    stepped.polled(Told(COUNTS, 0), Marked(COUNTS, 1))  # kept, while the first is in hand

    worked_off(stepped.machine, [first])
    (second,) = stepped.tick(SAVED_AFTER_S)
    assert stepped.writer.got == []
    stepped.lanes.do("save first")

    assert stepped.writer.got[-1][0].offsets == {NUMBERS: 1}
    worked_off(stepped.machine, [second])


def test_what_stands_on_the_topic_is_read_before_its_head_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    stepped = Stepped(monkeypatch, WithTail())
    assert stepped.group.orders[-1].held == {NUMBERS}

    (batch,) = stepped.polled(Told(COUNTS, 0))
    stepped.polled(ends={COUNTS: 2})  # beyond it stands a mark
    assert NUMBERS not in {tp for order in stepped.group.orders for tp in order.freed}
    worked_off(stepped.machine, [batch])
    stepped.tick()
    stepped.polled()
    stepped.polled()

    assert [order.freed for order in stepped.group.orders if order.freed] == [{NUMBERS}]


def test_what_stands_on_a_chained_topic_holds_nothing_back(stepped: Stepped) -> None:
    stepped.group.lags = {NUMBERS: 100_000, COUNTS: 100_000}
    first = stepped.polled(*(Told(NUMBERS, offset) for offset in range(CONFIG.poll_records)))
    stepped.polled()  # the lags are known
    worked_off(stepped.machine, first)
    stepped.tick()
    stepped.polled()

    assert [order.held for order in stepped.group.orders if order.held] == []


def test_a_worker_that_drains_saves_what_it_handed_on(stepped: Stepped) -> None:
    (batch,) = stepped.polled(Told(NUMBERS, 0))
    batch.emit("counts", b"key", b"1", 7)
    stepped.machine.drain()
    worked_off(stepped.machine, [batch])

    (handed,) = stepped.tick()
    assert not stepped.lanes.waits("save first")
    worked_off(stepped.machine, [handed])
    stepped.tick()

    assert stepped.lanes.waits("save first")


def test_a_letter_of_what_was_handed_on_waits_for_its_records_place(stepped: Stepped) -> None:
    handed = stepped.handed_on(b"1", b"x" * 101)
    list(handed.decoded(lambda value: value))  # the second is too large
    handed.reject(handed.records[0], "odd", "not even")
    worked_off(stepped.machine, [handed])

    checkpoint = stepped.saved()

    assert [output.topic for output in checkpoint.outputs] == ["counts", "counts"]
    large, odd = [one.place(one.letter, 40 + number) for number, one in enumerate(checkpoint.unplaced)]
    told = [LETTERS.decode(letter.value) for letter in (large, odd)]
    assert [(one["reason"], one["offset"], one["partition"]) for one in told] == [
        ("too-large", 40, 2),
        ("odd", 41, 2),
    ]
    assert [one["headers"] for one in told] == [[], []], "a replay of it is read"
    assert [one.about for one in checkpoint.unplaced] == [
        record.output for record in reversed(handed.records) if isinstance(record, Handed)
    ]


def test_a_chain_is_owned_as_a_whole() -> None:
    ownership = Ownership([FIRST, SECOND])

    assert ownership.assign([NUMBERS]) == []
    ((shard, term),) = ownership.assign([COUNTS])
    assert ownership.open(shard, term)
    assert ownership.revoke([COUNTS]) == [shard]
    assert not ownership.may_read(NUMBERS)


def test_a_stage_is_behind_one_that_runs_too() -> None:
    assert chains([FIRST, SECOND]) == {FIRST: (FIRST, SECOND)}
    with pytest.raises(ValueError, match="second is behind first"):
        chains([SECOND])


def test_inputs_of_a_chain_that_differ_in_partitions_are_refused() -> None:
    world = World(1)
    broker = Broker(world)
    for topic, partitions in {"numbers": 4, "counts": 3}.items():
        broker.create(topic, partitions)
    transport = Transport(Network(world, broker, Weather()), Host("one"))
    restorer = Restorer(StreamsConfig("model", "group", "one", transport=transport))

    with pytest.raises(TopicMismatch, match="numbers has 4 partitions, counts has 3 partitions"):
        restorer.check_offsets([FIRST, SECOND])
