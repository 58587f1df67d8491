"""Each stage is saved by itself, and all of what one of them did together."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.streams.config import StreamsConfig
from eropaf.streams.errors import CheckpointAborted, CheckpointRefused
from eropaf.streams.operate import reading
from eropaf.streams.operate.topics import Topic, admin, ensure
from eropaf.streams.runtime.chain import Handed, Unplaced
from eropaf.streams.runtime.checkpoint import Checkpoint, TransactionWriter
from eropaf.streams.runtime.lanes import Threads
from eropaf.streams.runtime.record import Output
from eropaf.streams.runtime.saving import Saving
from eropaf.streams.runtime.stage import Stage, TableSpec, changelog
from eropaf.streams.state.rows import InMemory
from eropaf.streams.state.table import TablePartition
from eropaf.streams.topic_partition import TP
from tests.integration.processes import PATIENCE_S, until

pytestmark = pytest.mark.kafka

KEPT = TableSpec("rows", encode=bytes, decode=bytes)
FIRST, SECOND = Stage("first", ("numbers",)), Stage("second", ("counts",), KEPT)
ROWS = changelog("saving", KEPT.name)
NOT_YET = Topic("not-yet", 1)


@pytest.fixture
def config(fresh: EmbeddedKafka) -> StreamsConfig:
    inputs = [Topic(name, 1) for name in (*FIRST.inputs, *SECOND.inputs)]
    ensure(admin(fresh.bootstrap, {}), [*inputs, Topic(ROWS, 1, {"cleanup.policy": "compact"})])
    return StreamsConfig(fresh.bootstrap, "saving", "one")


def reader(config: StreamsConfig) -> Consumer:
    return Consumer({"bootstrap.servers": config.bootstrap, "group.id": config.group})


def saved_offset(config: StreamsConfig, stage: Stage) -> int:
    (found,) = reader(config).committed([TopicPartition(stage.inputs[0], 0)], timeout=PATIENCE_S)
    return found.offset


def opened(config: StreamsConfig, stage: Stage) -> Saving:
    saving = Saving(config, [stage], TransactionWriter(config, stage.name), Threads(lambda: None))
    saving.open().result(PATIENCE_S)
    saving.renew(reader(config).consumer_group_metadata())
    saving.next.take_offset(TP(stage.inputs[0], 0), 1, 1)
    return saving


def until_saved(saving: Saving) -> None:
    def saved() -> bool:
        saving.look(time.monotonic())
        return not saving.under_way

    until(saved, PATIENCE_S, f"{saving.name} saved")


def test_a_stage_is_saved_while_the_checkpoint_of_another_waits(config: StreamsConfig) -> None:
    waiting, other = opened(config, FIRST), opened(config, SECOND)
    waiting.next.outputs.append(Output(NOT_YET.name, b"key", b"value", 0, 0))
    began = time.time()

    waiting.begin([])
    other.begin([])
    until_saved(other)

    assert saved_offset(config, SECOND) == 1
    assert other.durable_at() >= began
    # What is not durable yet grows old, whatever else is saved.
    assert waiting.unsaved
    assert waiting.durable_at() < began

    ensure(admin(config.bootstrap, {}), [NOT_YET])
    until_saved(waiting)

    assert saved_offset(config, FIRST) == 1
    assert not waiting.unsaved


def test_what_a_stage_changed_is_saved_with_what_it_read(config: StreamsConfig) -> None:
    saving = opened(config, SECOND)
    table = TablePartition[bytes](KEPT, InMemory())
    table.put(b"key", b"row")

    saving.begin([(KEPT.name, 0, table)])
    until_saved(saving)

    assert saved_offset(config, SECOND) == 1
    kafka = admin(config.bootstrap, {})
    until(lambda: reading.ends(kafka, [TP(ROWS, 0)])[TP(ROWS, 0)] > 0, PATIENCE_S, "the row to be seen")
    changed = reading.ends(kafka, [TP(ROWS, 0)])
    assert changed == {TP(ROWS, 0): 2}  # the row, and the mark that ends its transaction


def member(config: StreamsConfig) -> Consumer:
    joining = {"bootstrap.servers": config.bootstrap, "group.id": config.group}
    if config.group_protocol == "consumer":
        consumer = Consumer({**joining, "group.protocol": "consumer"})
    else:
        consumer = Consumer({**joining, "heartbeat.interval.ms": 500})
    consumer.subscribe(list(FIRST.inputs))
    return consumer


@pytest.mark.parametrize(
    ("protocol", "expected"), [("consumer", CheckpointAborted), ("classic", CheckpointRefused)]
)
def test_what_was_begun_before_the_group_changed_is_written_again_if_nothing_is_lost(
    config: StreamsConfig, protocol: str, expected: type[Exception]
) -> None:
    config = replace(config, group_protocol=protocol)
    writer, checkpoint = TransactionWriter(config, "first"), Checkpoint(offsets={TP("numbers", 0): 1})
    writer.open()
    one = member(config)
    until(
        lambda: one.poll(0.1) is None and one.assignment() != [],
        PATIENCE_S,
        "the first member has its partition",
    )
    before = one.consumer_group_metadata()
    other = member(config)

    answers: list[type[Exception]] = []

    def changed() -> bool:
        one.poll(0.05)
        other.poll(0.05)
        try:
            writer.write(checkpoint, before)
        except (CheckpointAborted, CheckpointRefused) as error:
            answers.append(type(error))
        return bool(answers)

    def taken() -> bool:
        one.poll(0.1)
        try:
            writer.write(checkpoint, one.consumer_group_metadata())
        except CheckpointAborted:  # the member has not heard of its new epoch yet
            return False
        return True

    until(changed, PATIENCE_S, "the group has changed")

    assert answers == [expected]
    if protocol == "consumer":
        # The member has kept what it had: under its new epoch the same is taken.
        until(taken, PATIENCE_S, "taken under the new epoch")
    other.close()
    one.close()


def test_a_member_that_left_saves_nothing_more(config: StreamsConfig) -> None:
    writer, left = TransactionWriter(config, "first"), member(config)
    writer.open()
    until(lambda: left.poll(0.1) is None and left.assignment() != [], PATIENCE_S, "a member")
    before = left.consumer_group_metadata()
    left.close()

    with pytest.raises(CheckpointRefused, match="UNKNOWN_MEMBER_ID"):
        writer.write(Checkpoint(offsets={TP("numbers", 0): 1}), before)


def handing_on(saving: Saving, *values: bytes, read_to: int) -> list[Handed]:
    """Let a checkpoint hand on `values` on the input of the stage behind."""
    outputs = [Output(SECOND.inputs[0], b"key", value, 0, 0) for value in values]
    records = [Handed(output, None) for output in outputs]
    saving.next.outputs += outputs
    tp = TP(SECOND.inputs[0], 0)
    saving.next.take_handed(tp, records)
    saving.next.handed[tp] = saving.next.handed[tp]._replace(read_to=read_to)
    return records


def test_what_is_handed_on_is_noted_as_read_but_not_what_others_wrote_before_it(
    config: StreamsConfig,
) -> None:
    saving = opened(config, FIRST)
    for offset, noted in ((1, 2), (2, 5)):
        saving.next.offsets[TP(FIRST.inputs[0], 0)] = offset
        handing_on(saving, b"1", b"2", read_to=0)
        saving.begin([])
        until_saved(saving)
        # Two records, and the mark of the transaction before.
        assert saved_offset(config, SECOND) == noted

    stranger = Producer({"bootstrap.servers": config.bootstrap})
    stranger.produce(SECOND.inputs[0], key=b"key", value=b"another's", partition=0)
    stranger.flush(PATIENCE_S)
    saving.next.take_offset(TP(FIRST.inputs[0], 0), 3, 1)
    handing_on(saving, b"3", read_to=0)
    saving.begin([])
    until_saved(saving)
    assert saved_offset(config, SECOND) == 5, "the stranger's record stands there"

    saving.next.take_offset(TP(FIRST.inputs[0], 0), 4, 1)
    handing_on(saving, b"4", read_to=7)
    saving.begin([])
    until_saved(saving)
    assert saved_offset(config, SECOND) == 10


def test_a_letter_of_what_is_handed_on_tells_where_that_stands(config: StreamsConfig) -> None:
    saving = opened(config, FIRST)
    _, second = handing_on(saving, b"1", b"2", read_to=0)
    letter = Output(FIRST.inputs[0], b"key", b"", 0, 0)
    saving.next.unplaced.append(
        Unplaced(letter, second.output, lambda one, at: one._replace(value=b"stands at %d" % at))
    )

    saving.begin([])
    until_saved(saving)

    kafka, place = admin(config.bootstrap, {}), TP(FIRST.inputs[0], 0)
    until(lambda: reading.ends(kafka, [place])[place] > 0, PATIENCE_S, "the letter to be seen")
    (written,) = reading.read(config.bootstrap, {}, {place: 0}, reading.ends(kafka, [place]))
    assert written.value() == b"stands at 1"
