"""The mechanism with one piece turned off at a time: what the harness must catch, or it proves nothing.

Each mutant is a patch of a worker's own process, made before it starts; nothing of it is in the product.
Where a mutant opens a window between two steps that should be one, it waits in it for a moment, so
that few faults suffice to hit it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from confluent_kafka import IsolationLevel

from eropaf.streams.config import StreamsConfig
from eropaf.streams.runtime import machine
from eropaf.streams.runtime.chain import Tails
from eropaf.streams.runtime.checkpoint import Checkpoint, TransactionWriter
from eropaf.streams.runtime.machine import Machine
from eropaf.streams.runtime.placing import Passed
from eropaf.streams.runtime.presence import Presence
from eropaf.streams.runtime.transactional import TransactionalClient
from eropaf.streams.state import restore
from eropaf.streams.state.restore import Restorer, Wanted
from eropaf.streams.state.rows import Change, InMemory
from eropaf.streams.state.table import TablePartition
from eropaf.streams.topic_partition import TP
from tests.chaos.faults.fault import Fault
from tests.chaos.faults.workers import KillWorker, PauseWorker

WINDOW_S = 0.05

Write = Callable[[TransactionWriter, Checkpoint, Any], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A patch, and the kind of fault under which it must show."""

    patch: Callable[[], None]
    fault: type[Fault]


def outputs_outside_the_transaction() -> None:
    """Outputs are durable before rows and offsets are."""
    producers: dict[int, Any] = {}

    def opened(writer: TransactionWriter, config: StreamsConfig) -> None:
        settings = {"bootstrap.servers": config.bootstrap, "partitioner": "murmur2_random"}
        producers[id(writer)] = config.transport.producer(settings)

    def write(writer: TransactionWriter, checkpoint: Checkpoint, metadata: Any) -> None:
        producer = producers[id(writer)]
        for output in checkpoint.outputs:
            producer.produce(output.topic, key=output.key, value=output.value, timestamp=output.timestamp_ms)
        producer.flush()
        time.sleep(WINDOW_S)
        original(writer, replace(checkpoint, outputs=[]), metadata)

    original = _rewritten(write, opened)


def offsets_before_outputs() -> None:
    """Offsets are durable before outputs and rows are."""

    def write(writer: TransactionWriter, checkpoint: Checkpoint, metadata: Any) -> None:
        original(writer, Checkpoint(offsets=checkpoint.offsets), metadata)
        time.sleep(WINDOW_S)
        original(writer, replace(checkpoint, offsets={}), metadata)

    original = _rewritten(write)


def rows_one_checkpoint_late() -> None:
    """Rows are taken in another step than the offsets that they belong to."""
    held: dict[int, list[Any]] = {}

    def write(writer: TransactionWriter, checkpoint: Checkpoint, metadata: Any) -> None:
        late = held.get(id(writer), [])
        held[id(writer)] = checkpoint.rows
        original(writer, replace(checkpoint, rows=late), metadata)

    original = _rewritten(write)


def no_fencing() -> None:
    """Offsets go without the group's generation, so whoever sends them is believed; nor does he mind.

    Four layers, of which each alone holds: a worker that hears first that its partitions are lost stops, one
    that does not is refused by the broker, one that was let go finds its producers fenced by its peers, and
    none saves under another assignment than it read under. Here all are off.
    """
    strangers: dict[int, Any] = {}

    def opened(writer: TransactionWriter, config: StreamsConfig) -> None:
        settings = {"bootstrap.servers": config.bootstrap, "group.id": config.group}
        strangers[id(writer)] = config.transport.consumer(settings)

    def write(writer: TransactionWriter, checkpoint: Checkpoint, metadata: Any) -> None:
        original(writer, checkpoint, strangers[id(writer)].consumer_group_metadata())

    def lost(worker: Machine, tps: list[TP]) -> None:
        worker._inbox.put(lambda: list.clear(worker._opening.close(0.0, tps)))

    original = _rewritten(write, opened)
    Machine.lost = lost  # type: ignore[method-assign,assignment]
    Presence.fence = lambda *_: None  # type: ignore[method-assign]
    vars(machine)["one_term"] = lambda *_: None


def restore_skipped() -> None:
    """A partition opens with no rows."""

    def skipped(
        restorer: Restorer,
        wanted: Sequence[Wanted],
        on_table: Callable[[Wanted, TablePartition[Any]], None],
    ) -> None:
        for one in wanted:
            on_table(one, TablePartition(one.spec, InMemory()))

    Restorer.restore = skipped  # type: ignore[method-assign,assignment]


def sequence_not_restored() -> None:
    """Rows come back, but their sequences begin anew."""
    original = TablePartition.take

    def taken(table: TablePartition[Any], changes: Sequence[Change]) -> None:
        if table._tally is not None:  # of the ranking alone
            changes = [
                (key, None if row is None else table._encode(replace(table._decode(row), sequence=0)))
                for key, row in changes
            ]
        original(table, changes)

    TablePartition.take = taken  # type: ignore[method-assign,assignment]


def revoked_partitions_kept() -> None:
    """What the group takes back is not given up: it is read no more, and what was done of it is saved."""
    Machine.revoked = lambda *_: None  # type: ignore[method-assign]


def restore_to_the_stable_end() -> None:
    """Where a transaction is open, its beginning is taken for the end of the log."""
    vars(restore)["IsolationLevel"] = SimpleNamespace(READ_UNCOMMITTED=IsolationLevel.READ_COMMITTED)


def epoch_kept() -> None:
    """The next transaction has the epoch of one of which an answer was lost."""
    TransactionalClient.doubt = lambda *_: None  # type: ignore[method-assign]


def handed_on_read_again() -> None:
    """What a stage was handed in memory it reads from the topic too."""
    vars(machine)["was_handed_on"] = lambda record: False


def handed_on_not_noted() -> None:
    """The offset of what is handed on is noted only once it was read: another version ranks it again."""
    Passed.offsets = lambda passed, offsets, handed, places: dict(offsets)  # type: ignore[method-assign,assignment]


def handed_on_before_the_tail() -> None:
    """What is new is handed on before what stands on the topic, from a version before, was read."""
    Tails.open = lambda *_: None  # type: ignore[method-assign]


def rest_of_a_standby_not_read() -> None:
    """Rows that were kept ready are taken as they are."""
    original = Restorer.restore

    def restored(
        restorer: Restorer, wanted: Sequence[Wanted], on_table: Callable[[Wanted, TablePartition[Any]], None]
    ) -> None:
        ends = restorer._ends(wanted) if wanted else {}
        for tp in ends.keys() & restorer._kept.keys():
            restorer._kept[tp].reached = ends[tp]
        original(restorer, wanted, on_table)

    Restorer.restore = restored  # type: ignore[method-assign,assignment]


MUTANTS: dict[str, Mutant] = {
    patch.__name__.replace("_", "-"): Mutant(patch, fault)
    for patch, fault in (
        (outputs_outside_the_transaction, KillWorker),
        (offsets_before_outputs, KillWorker),
        (rows_one_checkpoint_late, KillWorker),
        (no_fencing, PauseWorker),
        (restore_skipped, KillWorker),
        (sequence_not_restored, KillWorker),
    )
}

# Two deaths in a moment, a heartbeat's delay, a request that comes twice: no fault on real brokers hit
# these; `make schedules` does.
IN_SCHEDULES_ONLY: dict[str, Mutant] = {
    patch.__name__.replace("_", "-"): Mutant(patch, KillWorker)
    for patch in (
        revoked_partitions_kept,
        restore_to_the_stable_end,
        epoch_kept,
        handed_on_read_again,
        handed_on_not_noted,
        handed_on_before_the_tail,
        rest_of_a_standby_not_read,
    )
}


def _rewritten(
    write: Write, opened: Callable[[TransactionWriter, StreamsConfig], None] = lambda writer, config: None
) -> Write:
    """Put `write` in the place of the writer's; give what was there. `opened` is called for each writer."""
    was, made = TransactionWriter.write, TransactionWriter.__init__

    def make(writer: TransactionWriter, config: StreamsConfig, stage: str) -> None:
        made(writer, config, stage)
        opened(writer, config)

    TransactionWriter.__init__ = make  # type: ignore[method-assign,assignment]
    TransactionWriter.write = write  # type: ignore[method-assign,assignment]
    return was
