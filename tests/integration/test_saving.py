"""Each stage is saved by itself, and all of what one of them did together."""

from __future__ import annotations

import asyncio
import time

import pytest
from confluent_kafka import Consumer, TopicPartition
from faust.types import TP

from deploy.embedded import EmbeddedKafka
from streams import reading
from streams.config import StreamsConfig
from streams.record import Output
from streams.rows import InMemory
from streams.saving import Saving
from streams.stage import Stage, TableSpec, changelog
from streams.table import TablePartition
from streams.topics import Topic, admin, ensure

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
    (found,) = reader(config).committed([TopicPartition(stage.inputs[0], 0)], timeout=10)
    return found.offset


async def opened(config: StreamsConfig, stage: Stage) -> Saving:
    saving = Saving(config, stage)
    await saving.open()
    saving.renew(reader(config).consumer_group_metadata())
    saving.next.offsets[TP(stage.inputs[0], 0)] = 1
    return saving


def test_a_stage_is_saved_while_the_checkpoint_of_another_waits(config: StreamsConfig) -> None:
    async def run() -> None:
        waiting, other = await opened(config, FIRST), await opened(config, SECOND)
        waiting.next.outputs.append(Output(NOT_YET.name, b"key", b"value", 0, 0))
        began = time.time()

        waiting.begin([])
        other.begin([])
        await asyncio.wait_for(other.done(), 10)

        assert saved_offset(config, SECOND) == 1
        assert other.durable_at() >= began
        # What is not durable yet grows old, whatever else is saved.
        assert waiting.unsaved
        assert waiting.durable_at() < began

        ensure(admin(config.bootstrap, {}), [NOT_YET])
        await asyncio.wait_for(waiting.done(), 30)

        assert saved_offset(config, FIRST) == 1
        assert not waiting.unsaved
        waiting.close()
        other.close()

    asyncio.run(run())


def test_what_a_stage_changed_is_saved_with_what_it_read(config: StreamsConfig) -> None:
    async def run() -> None:
        saving = await opened(config, SECOND)
        table = TablePartition[bytes](KEPT, InMemory())
        table.put(b"key", b"row")

        saving.begin([(0, table)])
        await saving.done()
        saving.close()

    asyncio.run(run())

    assert saved_offset(config, SECOND) == 1
    changed = reading.ends(admin(config.bootstrap, {}), [TP(ROWS, 0)])
    assert changed == {TP(ROWS, 0): 2}  # the row, and the mark that ends its transaction
