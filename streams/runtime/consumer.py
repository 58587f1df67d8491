"""Faust's consumer: hands each partition's records to its agent as one batch, and checkpoints.

One coroutine, the pump, does everything in turn: open what was restored, hand out the records of
the last poll and wait until the agents are done with them, checkpoint when due. Meanwhile the next
poll runs on its own thread, and the last checkpoint is written on another. A rebalance comes from
inside a poll and takes the same lock as the pump, so it never sees a batch in hand.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import Any

import structlog
from confluent_kafka import KafkaException
from faust.types import TP
from faust.types.tuples import ConsumerMessage, Message
from mode import Service

from eropaf.streams.config import StreamsConfig
from eropaf.streams.errors import guarded, stop_at_once
from eropaf.streams.observe import metrics
from eropaf.streams.observe.health import Health
from eropaf.streams.observe.probe import Probe
from eropaf.streams.observe.tracing import Tracer, Tracing
from eropaf.streams.runtime.batch import Batch
from eropaf.streams.runtime.dead_letter import DeadLetters
from eropaf.streams.runtime.garbage import collect_seldom
from eropaf.streams.runtime.kafka_group import GroupMember
from eropaf.streams.runtime.ownership import Ownership, Shard
from eropaf.streams.runtime.pacing import UnderWay, held_back
from eropaf.streams.runtime.saving import Saving
from eropaf.streams.runtime.stage import Stage, TableSpec, changelog
from eropaf.streams.runtime.watchdog import Seen, watch
from eropaf.streams.state.restore import Restorer, Wanted
from eropaf.streams.state.rows import Rows
from eropaf.streams.state.table import TablePartition

log = structlog.get_logger(__name__)

# While nothing comes in, and nothing waits to be saved.
IDLE_POLL_S = 0.1
# While something waits to be saved, and the checkpoint before it is being written.
SAVING_POLL_S = 0.005
LAG_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class _Restored:
    """A shard that may be opened: its rows, and where its inputs are read on."""

    shard: Shard
    epoch: int
    table: TablePartition[Any] | None
    starts: Mapping[TP, int]


class Consumer(Service):
    """Reads for all stages of the app; Faust calls it by the names of its own consumer."""

    def __init__(
        self,
        app: Any,
        config: StreamsConfig,
        stages: Iterable[Stage],
        dead_letters: Callable[[Stage], DeadLetters],
        deliver: Callable[[Message], Awaitable[None]],
        tracer: Tracer | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.app = app
        self.unacked: set[Message] = set()
        self.randomly_assigned_topics: set[str] = set()
        self._config = config
        self._deliver = deliver
        self._stages = list(stages)
        self._ownership = Ownership(self._stages)
        self._tracing = Tracing(frozenset(name for stage in self._stages for name in stage.inputs), tracer)
        self._dead_letters = {stage.name: dead_letters(stage) for stage in self._stages}
        self._tables: dict[Shard, TablePartition[Any]] = {}
        self._restored: SimpleQueue[_Restored] = SimpleQueue()
        self._held: set[TP] = set()  # open, and not read for now
        self._under_way = UnderWay(self._stages)
        self._looking: asyncio.Future[None] | None = None
        self._in_hand = 0
        self._none_in_hand = asyncio.Event()
        self._work = asyncio.Lock()
        self._savings = {stage.name: Saving(config, stage) for stage in self._stages}
        self._behind = False  # whether the last poll left records behind
        self._lag_at = 0.0
        self._draining = False
        self._pumping: asyncio.Task[None] | None = None
        self._threads = {name: ThreadPoolExecutor(1, name) for name in ("poll", "restore")}
        self._member = GroupMember(config, self._on_taken, self._on_revoked, self._on_lost)
        self._restorer = Restorer(config)
        self._probe = Probe(config.bootstrap, config.client)
        self._end_watch: Callable[[], None] = lambda: None
        self._turns = 0
        self._processed = 0
        self._waiting = 0

    # What Faust asks of a consumer.

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Join the group; called once the agents have started."""
        if self._pumping is not None:
            return
        self._probe.start()
        await guarded(self._prepare())
        collect_seldom()
        self._member.subscribe(topics)
        self.app.flow_control.resume()
        self._end_watch = watch(self._config, self._seen)
        self._pumping = asyncio.ensure_future(guarded(self._pump()))

    async def _prepare(self) -> None:
        await asyncio.gather(*(saving.open() for saving in self._savings.values()))
        await self._on_thread("restore", self._restorer.check_offsets, self._stages)

    def assignment(self) -> frozenset[TP]:
        """Give the partitions that the group gave us."""
        return self._ownership.assigned

    def track_message(self, message: Message) -> None:
        """Do nothing: what is in hand is counted where it is handed out."""

    def ack(self, message: Message) -> bool:
        """Take in what an agent made of a batch, now that it is done with it.

        The batch's outputs and its offset join its stage's next checkpoint in one step.
        """
        self.unacked.discard(message)  # where Faust has put it
        batch: Batch = message.value  # type: ignore[assignment]
        checkpoint = self._savings[batch.stage].next
        checkpoint.outputs += batch.outputs
        checkpoint.spans += batch.spans
        checkpoint.offsets[message.tp] = message.offset + 1
        self._in_hand -= 1
        self._processed += len(batch.records)
        now = time.monotonic()
        self._under_way.read(now, batch.topic, len(batch.records))
        self._under_way.wrote(now, (output.topic for output in batch.outputs))
        if not self._in_hand:
            self._none_in_hand.set()
        metrics.RECORDS_IN.labels(topic=batch.topic).inc(len(batch.records))
        metrics.NEWEST_RECORD.labels(topic=batch.topic).set(message.timestamp)
        return True

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Make durable all that is done so far."""
        async with self._work:
            await self._checkpoint()
        return True

    async def wait_empty(self) -> None:
        """Return when no batch is in hand."""
        async with self._work:
            return

    def on_buffer_full(self, tp: TP) -> None:
        """Do nothing: a queue never holds more than one poll's batches."""

    def on_buffer_drop(self, tp: TP) -> None:
        """Do nothing, see `on_buffer_full`."""

    def stop_flow(self) -> None:
        """Do nothing: the pump stops by `drain`."""

    def resume_flow(self) -> None:
        """Do nothing, see `stop_flow`."""

    def close(self) -> None:
        """Do nothing: `drain` has left the group."""

    async def on_task_error(self, exc: BaseException) -> None:
        """Never reached: an agent's error has ended the process."""

    # The life of a worker.

    @property
    def health(self) -> Health:
        """How far this worker is."""
        opened = len(self._ownership.opened)
        return Health(
            joined=self._pumping is not None and self._member.joined,
            ending=self._draining,
            open=opened,
            taken=opened + self._ownership.opening,
            broker_gone_since=self._probe.gone_since,
        )

    def _seen(self) -> Seen:
        """Show the watchdog how things stand; called on its thread."""
        savings = self._savings.values()
        return Seen(
            broker_answers=self._probe.gone_since is None,
            turns=self._turns,
            waiting=self._in_hand + self._waiting,
            processed=self._processed,
            restoring=self._ownership.opening,
            restored=self._restorer.restored,
            unsaved=any(saving.unsaved for saving in savings),
            saved=sum(saving.saved for saving in savings),
            queue_full=any(saving.writer.queue_full for saving in savings),
            queued=sum(saving.writer.queued for saving in savings),
        )

    async def drain(self) -> None:
        """End well: finish what is in hand, save it, give the partitions back."""
        self._draining = True
        self._end_watch()
        self._probe.end()
        if self._pumping is not None:
            await self._pumping
            await self._on_thread("poll", self._member.close)
            await self._on_thread("restore", self._restorer.close)
        for saving in self._savings.values():
            saving.close()
        for thread in self._threads.values():
            thread.shutdown(wait=False)

    async def _pump(self) -> None:
        polled: dict[TP, list[Any]] = {}
        while not self._draining:
            self._turns += 1
            await self._between_polls()
            poll = self._on_thread("poll", self._member.poll, self._patience(bool(polled)))
            async with self._work:
                await self._process(polled)
                await self._checkpoint_when_due()
            records = await poll
            self._behind = len(records) >= self._config.poll_records
            polled = _by_partition(records)
            # Before anything is opened anew: what this poll gave belongs to the shards open now.
            polled = {tp: records for tp, records in polled.items() if self._ownership.may_read(tp)}
        async with self._work:
            await self._process(polled)
            await self._checkpoint()

    def _patience(self, in_hand: bool) -> float:
        """Give how long the next poll may wait for a record: not past the next checkpoint."""
        waiting = [saving for saving in self._savings.values() if saving.next.offsets]
        if not in_hand and not waiting:
            return IDLE_POLL_S
        if self._behind:
            began_at = min((saving.began_at for saving in waiting), default=math.inf)
            due = began_at + self._config.checkpoint_interval_s
            return min(IDLE_POLL_S, max(0.0, due - time.monotonic()))
        return SAVING_POLL_S if any(saving.under_way for saving in self._savings.values()) else IDLE_POLL_S

    async def _between_polls(self) -> None:
        """Open what was restored. Only here, when no poll is under way."""
        await self._open_restored()
        if self._behind or self._held:
            await self._hold_back()
        metadata = self._member.metadata()
        for saving in self._savings.values():
            saving.renew(metadata)
        if time.monotonic() - self._lag_at > LAG_EVERY_S:
            self._tell_state()

    async def _open_restored(self) -> None:
        if self._restored.empty():
            return
        starts: dict[TP, int] = {}
        while not self._restored.empty():
            restored = self._restored.get()
            if self._ownership.open(restored.shard, restored.epoch):
                if restored.table is not None:
                    self._tables[restored.shard] = restored.table
                starts |= {tp: restored.starts[tp] for tp in restored.shard.inputs}
        self._held.difference_update(starts)
        await self._on_thread("poll", self._member.begin, starts)
        log.info("partitions open", shards=len(self._ownership.opened), opening=self._ownership.opening)

    async def _hold_back(self) -> None:
        """Read of what is far behind only while the stages after it keep up."""
        waiting = self._member.lag(tp for tp in self._ownership.assigned if self._ownership.may_read(tp))
        held = held_back(self._stages, waiting, self._under_way.counts(time.monotonic()))
        await self._on_thread("poll", self._member.hold, held - self._held, self._held - held)
        self._held = held

    async def _look_at_held(self) -> None:
        """Keep the lag of what is held true."""
        with contextlib.suppress(KafkaException):  # asked again in a second
            await self._on_thread("restore", self._member.look_at_ends, list(self._held))

    async def _process(self, polled: dict[TP, list[Any]]) -> None:
        """Hand each partition's records to its agent as a batch, and wait until all are done."""
        for tp, own in polled.items():
            # Revoked since it was polled: whoever has it now reads it again.
            if self._ownership.may_read(tp):
                self._in_hand += 1
                self._none_in_hand.clear()
                await self._deliver(self._message(tp, own))
        if self._in_hand:
            await self._none_in_hand.wait()

    def _message(self, tp: TP, records: list[Any]) -> Message:
        shard = self._ownership.shard(tp)
        stage = shard.stage.name
        batch = Batch(records, stage, self._dead_letters[stage], self._tables.get(shard), self._tracing)
        last = records[-1]
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            last.offset(),
            last.timestamp()[1] / 1000,
            0,
            headers=None,
            key=None,
            value=batch,  # type: ignore[arg-type]
            checksum=None,
            serialized_key_size=0,
            serialized_value_size=0,
            tp=tp,
            # Constant: a message with another one would be skipped without a word.
            generation_id=self.app.consumer_generation_id,
        )

    # Checkpoints. The lock is held by the caller.

    async def _checkpoint_when_due(self) -> None:
        now = time.monotonic()
        for saving in self._savings.values():
            due = now - saving.began_at >= self._config.checkpoint_interval_s
            if saving.next.offsets and (due or not (self._behind or saving.under_way)):
                # Behind, many events share a checkpoint; else none waits longer than for the last one.
                # The next batches are worked on while this one is written, but no third waits.
                await saving.done()
                self._begin_saving(saving)
        metrics.CHECKPOINT_TIMESTAMP.set(min(saving.durable_at() for saving in self._savings.values()))

    async def _checkpoint(self) -> None:
        for saving in self._savings.values():
            await saving.done()
            if saving.next.offsets:
                self._begin_saving(saving)
        for saving in self._savings.values():
            await saving.done()

    def _begin_saving(self, saving: Saving) -> None:
        its = (
            (shard.partition, table) for shard, table in self._tables.items() if shard.stage is saving.stage
        )
        saving.begin(its)

    # Rebalances: called on the polling thread, from inside a poll.

    def _on_taken(self, tps: list[TP]) -> None:
        self.loop.call_soon_threadsafe(self._take, tps)

    def _on_revoked(self, tps: list[TP]) -> None:
        asyncio.run_coroutine_threadsafe(guarded(self._give_back(tps)), self.loop).result()

    def _on_lost(self, tps: list[TP]) -> None:
        stop_at_once(
            "the group gave this worker's partitions to others before it could save what it did; "
            "it was away for longer than the session time-out"
        )

    def _take(self, tps: list[TP]) -> None:
        log.info("partitions assigned", partitions=len(tps))
        taken = self._ownership.assign(tps)
        if taken:
            self.add_future(guarded(self._restore(taken)))
        self.add_future(self._tell_assignment())

    async def _tell_assignment(self) -> None:
        assigned = set(self._ownership.assigned)
        await self.app.topics.on_partitions_assigned(assigned)
        await self.app.on_partitions_assigned.send(assigned)

    async def _give_back(self, tps: list[TP]) -> None:
        async with self._work:
            await self._checkpoint()
            for shard in self._ownership.revoke(tps):
                self._tables.pop(shard, None)
                self._held.difference_update(shard.inputs)
        log.info("partitions revoked", partitions=len(tps))
        await self.app.on_partitions_revoked.send(set(tps))

    async def _restore(self, taken: list[tuple[Shard, int]]) -> None:
        """Read back the rows behind `taken`; each shard opens between two polls once it has its own."""
        started = time.monotonic()
        inputs = [tp for shard, _ in taken for tp in shard.inputs]
        starts: dict[TP, int] = await self._on_thread("restore", self._restorer.starts, inputs)
        wanted: dict[Wanted, tuple[Shard, int, TableSpec]] = {}
        for shard, epoch in taken:
            if (spec := shard.stage.table) is None:
                self._restored.put(_Restored(shard, epoch, None, starts))
            else:
                still = partial(self._ownership.holds, shard, epoch)
                topic = changelog(self._config.group, spec.name)
                wanted[Wanted(topic, shard.partition, shard.inputs, still)] = (shard, epoch, spec)

        def complete(one: Wanted, rows: Rows) -> None:
            shard, epoch, spec = wanted[one]
            metrics.RESTORE_SECONDS.observe(time.monotonic() - started)
            self._restored.put(_Restored(shard, epoch, TablePartition[Any](spec, rows), starts))

        with metrics.PARTITIONS_RESTORING.track_inprogress():
            await self._on_thread("restore", self._restorer.restore, list(wanted), complete)

    def _tell_state(self) -> None:
        self._lag_at = time.monotonic()
        if self._held and (self._looking is None or self._looking.done()):
            self._looking = asyncio.ensure_future(guarded(self._look_at_held()))
        metrics.TALLY.clear()
        for stage in self._stages:
            shards = [shard for shard in self._ownership.opened if shard.stage is stage]
            metrics.PARTITIONS_OPEN.labels(stage=stage.name).set(sum(len(shard.inputs) for shard in shards))
            if stage.table is not None:
                rows = sum(len(self._tables[shard]) for shard in shards)
                metrics.ROWS.labels(table=stage.table.name).set(rows)
                tallies = sum((self._tables[shard].tallies for shard in shards), Counter[str]())
                for under, count in tallies.items():
                    metrics.TALLY.labels(table=stage.table.name, under=under).set(count)
        metrics.LAG.clear()
        lags = self._member.lag(self._ownership.assigned)
        for tp, lag in lags.items():
            metrics.LAG.labels(topic=tp.topic, partition=tp.partition).set(lag)
        self._waiting = sum(lag for tp, lag in lags.items() if self._ownership.may_read(tp))

    def _on_thread(self, thread: str, call: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        return self.loop.run_in_executor(self._threads[thread], call, *args)


def _by_partition(records: Iterable[Any]) -> dict[TP, list[Any]]:
    by_place: dict[tuple[str, int], list[Any]] = {}
    for record in records:
        place = (record.topic(), record.partition())
        if place in by_place:
            by_place[place].append(record)
        else:
            by_place[place] = [record]
    return {TP(*place): own for place, own in by_place.items()}
