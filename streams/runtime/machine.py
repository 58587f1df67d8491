"""The machine of a worker: poll, hand out, collect, save, and what a change of the group does to it.

It is ticked, and never waits: what blocks is done in lanes, and each tick looks what came of it. So
it can be stepped by hand, and a broker that is slow for one stage holds no other up.

    poll ──► kept ──► handed out ──► collected ──► checkpoint ──► saved
      ▲                (agents)                        │ aborted: again, under fresh metadata
      └── opened ◄── rows back ◄── taken               │ refused, or too late: the process ends

A poll is under way nearly all the time, in a lane of its own. While agents have records in hand nothing
else happens; a rebalance, which comes from inside a poll, waits until they are done and all is saved.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from typing import Any, NoReturn, Protocol

import structlog

from eropaf.streams.config import StreamsConfig
from eropaf.streams.errors import stop_at_once
from eropaf.streams.observe import metrics
from eropaf.streams.observe.health import Health
from eropaf.streams.observe.tracing import Tracer, Tracing
from eropaf.streams.runtime.batch import Batch
from eropaf.streams.runtime.chain import Chaining, HandedBatch, Tails, was_handed_on
from eropaf.streams.runtime.dead_letter import DeadLetters
from eropaf.streams.runtime.ends import Ends
from eropaf.streams.runtime.invariants import ReadOn, one_term
from eropaf.streams.runtime.kafka_group import Order, Polled
from eropaf.streams.runtime.lanes import Lanes
from eropaf.streams.runtime.opening import Opened, Opening
from eropaf.streams.runtime.ownership import Ownership
from eropaf.streams.runtime.pacing import InTransit, held_back
from eropaf.streams.runtime.presence import Attendance, Attended
from eropaf.streams.runtime.saving import Saving, Writer
from eropaf.streams.runtime.stage import Stage, chains
from eropaf.streams.runtime.telling import tell_lags, tell_losses, tell_rows
from eropaf.streams.runtime.watchdog import Seen
from eropaf.streams.state.restore import Restorer
from eropaf.streams.topic_partition import TP

log = structlog.get_logger(__name__)

# While nothing comes in.
IDLE_POLL_S = 0.1
# While something waits for the poll to end: rows to be opened, a checkpoint to be written again.
WAITED_FOR_POLL_S = 0.005
# The machine is ticked when a lane is done with something, and at least this often.
TICK_WITHIN_S = 0.05
LAG_EVERY_S = 1.0

Told = Callable[[list[TP]], None]


class Member(Protocol):
    """One member of a group, blocking; see `GroupMember`."""

    joined: bool

    def subscribe(self, topics: Iterable[str]) -> None: ...  # noqa: D102
    def turn(self, order: Order) -> Polled: ...  # noqa: D102
    def look_at_ends(self, tps: Iterable[TP]) -> None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


class Machine:
    """One worker's machine. Every method returns at once, and is called by one thread.

    `taken`, `revoked` and `lost` are the exception: a member calls them in the lane that polls.
    """

    def __init__(
        self,
        config: StreamsConfig,
        stages: Iterable[Stage],
        dead_letters: Callable[[Stage], DeadLetters],
        tracer: Tracer | None,
        lanes: Lanes,
        *,
        member: Callable[[Told, Told, Told], Member],
        restorer: Restorer,
        writer: Callable[[str], Writer],
        presence: Attended,
        beforehand: Callable[[], None] | None = None,
        stop: Callable[[str], NoReturn] = stop_at_once,
    ) -> None:
        self._config = config
        self._stages = list(stages)
        self._tracing = Tracing(frozenset(name for stage in self._stages for name in stage.inputs), tracer)
        self._dead_letters = {stage.name: dead_letters(stage) for stage in self._stages}
        self._lanes = lanes
        self._stop = stop
        self._restorer = restorer
        self._beforehand = beforehand
        self._ownership = Ownership(self._stages)
        self._opening = Opening(config, self._stages, self._ownership, restorer, lanes)
        self._savings = {
            head.name: Saving(config, chain, writer(head.name), lanes)
            for head, chain in chains(self._stages).items()
        }
        self._saving_of = {one.name: saving for saving in self._savings.values() for one in saving.stages}
        self._chaining = Chaining(self._stages)
        self._tails = Tails()
        self._handed_on: list[Batch] = []  # to be given out before anything is saved
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()  # what the group says
        self._member = member(self.taken, self.revoked, self.lost)
        self._attendance = Attendance(presence, lanes)
        self._starting: list[Future[Any]] = []
        self._revoking: list[tuple[list[TP], Future[None]]] = []
        self._draining = False
        self._closing: Future[None] | None = None
        self._polling: Future[Polled] | None = None
        self._looking: Future[None] | None = None
        self._kept: dict[TP, list[Any]] = {}  # polled, and not handed out yet
        self._read_on = ReadOn()
        self._ends = Ends()
        self._held: set[TP] = set()  # open, and not read for now
        self._lags: Mapping[TP, int] = {}
        self._lag_at = -math.inf
        # What is handed on waits nowhere.
        self._paced = [stage for stage in self._stages if stage.behind is None]
        self._in_transit = InTransit(self._paced)
        self._behind = False  # whether the last poll left records behind
        self._turns = 0
        self._processed = 0
        self.in_hand = 0
        """Batches that agents have not handed back."""
        self.running = False
        """Whether it has started, and asked to join the group."""
        self.ended = False
        """Whether all is saved and given back."""

    # What the worker around it does.

    def start(self) -> None:
        """Introduce this worker to the broker, and check what must hold before it joins the group.

        Rows and offsets belong together; and what the app itself asks for holds.
        """
        self._starting = [saving.open() for saving in self._savings.values()]
        self._starting.append(self._attendance.start())
        self._starting.append(self._lanes.submit("restore", self._restorer.check_offsets, self._stages))
        if self._beforehand is not None:
            self._starting.append(self._lanes.submit("beforehand", self._beforehand))

    def drain(self) -> None:
        """Begin to end well: save what is done, give the partitions back. What is kept, others read again."""
        self._draining = True
        self._lanes.wake()

    def tick(self, now: float) -> list[Batch]:
        """Do all that can be done now (monotonic seconds); return what agents are to work on.

        Raises:
            Exception: a promise cannot be kept; the process must end.

        """
        while not self._inbox.empty():
            self._inbox.get()()
        if not self.running:
            self._join()
            return []
        self._attendance.look(now)
        for saving in self._savings.values():
            saving.look(now)
        self._opening.look(now, () if self._draining else self._attendance.peers)
        self._take_polled(now)
        if self.in_hand:
            handed_on, self._handed_on = self._handed_on, []
            return handed_on
        self._give_back(now)
        self._begin_due(now)
        if self._draining:
            self._wind_up(now)
            return []
        self._poll_on(now)
        return [] if self._revoking else self._hand_out(now)

    def collect(self, batch: Batch) -> None:
        """Take in what an agent made of `batch`, now that it is done with it.

        Its outputs and its offset join its stage's next checkpoint in one step. What it hands on is given out
        next, and joins the same one.
        """
        checkpoint = self._saving_of[batch.stage].next
        handed_on = self._chaining.handed_on(batch)
        checkpoint.outputs += batch.outputs
        checkpoint.spans += batch.spans
        tp = TP(batch.topic, batch.partition)
        if isinstance(batch, HandedBatch):
            checkpoint.unplaced += batch.unplaced
        else:
            self._ends.note(tp, batch.next_offset)
            checkpoint.take_offset(tp, batch.next_offset, batch.term)
        for topic, records in handed_on.items():
            onward = TP(topic, batch.partition)
            checkpoint.take_handed(onward, records)
            self._handed_on.append(self._batch(onward, records, HandedBatch))
        self.in_hand += len(handed_on) - 1
        self._processed += len(batch.records)
        now = time.monotonic()
        self._in_transit.read(now, batch.topic, len(batch.records))
        self._in_transit.wrote(now, (output.topic for output in batch.outputs))
        metrics.RECORDS_IN.labels(topic=batch.topic).inc(len(batch.records))
        metrics.NEWEST_RECORD.labels(topic=batch.topic).set(batch.records[-1].timestamp()[1] / 1000)
        if self._handed_on or not self.in_hand:
            self._lanes.wake()

    # What the group says, in the lane that polls.

    def taken(self, tps: list[TP]) -> None:
        """Record that the group assigned `tps` to us."""
        self._inbox.put(partial(self._take, tps))
        self._lanes.wake()

    def revoked(self, tps: list[TP]) -> None:
        """Return when all that was done of `tps` is saved, and they are given up."""
        answer = self._lanes.asked()
        self._inbox.put(partial(self._revoking.append, (tps, answer)))
        self._lanes.wake()
        answer.result()

    def lost(self, tps: list[TP]) -> None:
        """End this process: others may have begun to write what it did."""
        self._stop(
            "the group gave this worker's partitions to others before it could save what it did: it was "
            "silent, and they let it go"
        )

    # How it is.

    @property
    def assigned(self) -> frozenset[TP]:
        """Every partition that the group gave us."""
        return self._ownership.assigned

    @property
    def unsaved(self) -> bool:
        """Whether anything was done that is not durable yet."""
        return any(saving.unsaved for saving in self._savings.values())

    def health(self, broker_gone_since: float | None) -> Health:
        """Return how far this worker is."""
        opened = len(self._ownership.opened)
        return Health(
            joined=self.running and self._member.joined,
            ending=self._draining,
            open=opened,
            taken=opened + self._ownership.opening,
            lost=len(self._opening.lost),
            broker_gone_since=broker_gone_since,
        )

    def reads(self, tp: TP) -> bool:
        """Return whether this worker reads `tp`: it is assigned, and the rows behind it are back."""
        return self._ownership.may_read(tp)

    def seen(self, broker_answers: bool) -> Seen:
        """Show the watchdog how things stand; from any thread."""
        savings = self._savings.values()
        waiting = sum(lag for tp, lag in self._lags.items() if self._ownership.may_read(tp))
        return Seen(
            broker_answers=broker_answers,
            turns=self._turns,
            waiting=self.in_hand + waiting,
            processed=self._processed,
            restoring=self._ownership.opening - len(self._opening.lost),
            restored=self._restorer.restored,
            unsaved=self.unsaved,
            saved=sum(saving.saved for saving in savings),
            queue_full=any(saving.writer.queue_full for saving in savings),
            queued=sum(saving.writer.queued for saving in savings),
        )

    # The steps of a tick, in their order.

    def _join(self) -> None:
        # What was refused is told at once: another call may wait for a broker meanwhile.
        for future in self._starting:
            if future.done():
                future.result()
        if self._draining:
            self._wind_up(0.0)
        elif all(future.done() for future in self._starting):
            self._member.subscribe(topic for stage in self._stages for topic in stage.inputs)
            self.running = True
            self._lanes.wake()

    def _take(self, tps: list[TP]) -> None:
        log.info("partitions assigned", partitions=len(tps))
        self._opening.take(tps)

    def _take_polled(self, now: float) -> None:
        if self._polling is None or not self._polling.done():
            return
        polled, self._polling = self._polling.result(), None
        self._turns += 1
        self._behind = len(polled.records) >= self._config.poll_records
        for saving in self._savings.values():
            saving.renew(polled.metadata)
        if polled.lags is not None:
            self._lags = polled.lags
            if now - self._lag_at > LAG_EVERY_S:
                self._tell(now)
        for tp, records in polled.by_partition().items():
            # What is opened later has a poll of its own: this one's may be of an assignment before.
            if not self._ownership.may_read(tp):
                continue
            unread = records
            if tp.topic in self._chaining.topics:
                unread = [record for record in records if not was_handed_on(record)]
                self._processed += len(records) - len(unread)
                self._ends.reach({tp: records[-1].offset() + 1}, now)
            if unread:
                self._kept.setdefault(tp, []).extend(unread)
        self._ends.reach(polled.ends, now)

    def _give_back(self, now: float) -> None:
        """Save everything, then give up what is revoked: the group waits for it."""
        if not self._revoking or not self._saved():
            return
        for tps, answer in self._revoking:
            for shard in self._opening.close(now, tps):
                self._held.difference_update(shard.inputs)
                for tp in shard.inputs:
                    self._kept.pop(tp, None)
                    self._ends.close(tp)
                    self._tails.close(tp)
            log.info("partitions revoked", partitions=len(tps))
            answer.set_result(None)
        self._revoking = []

    def _begin_due(self, now: float) -> None:
        """Begin the checkpoints that are due.

        While behind, many events share one; otherwise one starts as soon as its stage's last has committed.
        """
        self._note_ends(self._ends.due(now))
        for saving in self._savings.values():
            due = not self._behind or now >= saving.due_at()
            if saving.next.offsets and due and not saving.under_way:
                self._begin(saving)
        metrics.CHECKPOINT_TIMESTAMP.set(min(saving.durable_at() for saving in self._savings.values()))

    def _poll_on(self, now: float) -> None:
        """Begin the next poll, with what is to be opened, held and freed before it."""
        if self._polling is not None:
            return
        blocked = [saving for saving in self._savings.values() if saving.blocked(now)]
        slow = {saving.name for saving in blocked if saving.slow(now)}
        if self._kept_of({saving.name for saving in blocked} - slow) >= self._config.poll_records:
            return  # soon: what is blocked is saved, or known to be slow
        opened = self._opening.open()
        starts = opened.starts
        if starts:
            self._read_on.begin(starts)
            self._ends.open(starts, opened.known)
            self._held.difference_update(starts)
            self._open_tails(opened)
            log.info("partitions open", shards=len(self._ownership.opened), opening=self._ownership.opening)
        held = self._to_hold(now, slow)
        known = self._behind or held or now - self._lag_at > LAG_EVERY_S
        lag_of = self.assigned if known else None
        order = Order(
            wait_s=self._patience(now),
            starts=starts,
            held=held - self._held,
            freed=self._held - held,
            lag_of=lag_of,
            hurried=self._attendance.hurried(now),
        )
        self._held = held
        self._polling = self._lanes.submit("poll", self._member.turn, order)

    def _hand_out(self, now: float) -> list[Batch]:
        """Return each partition's records as a batch, but for those of a stage that is blocked."""
        blocked = {name for name, saving in self._savings.items() if saving.blocked(now)}
        batches = []
        for tp in [tp for tp in self._kept if self._ownership.shard(tp).stage.name not in blocked]:
            records = self._kept.pop(tp)
            self._read_on.hand_out(tp, records)
            batches.append(self._batch(tp, records, Batch))
        self.in_hand = len(batches)
        return batches

    def _wind_up(self, now: float) -> None:
        """Leave the group once all is saved; leaving gives the partitions back, which is a revocation."""
        if self._closing is None:
            self._note_ends(self._ends.waiting())
        if self._closing is None and self._saved() and self._polling is None:
            self._closing = self._lanes.submit("poll", self._member.close)
        elif self._closing is not None and self._closing.done() and not self.ended:
            self._closing.result()
            self._lanes.submit("restore", self._restorer.close)
            self._attendance.end()
            self.ended = True
        elif any(saving.waits_for_metadata for saving in self._savings.values()):
            self._poll_on(now)

    # Parts of them.

    def _saved(self) -> bool:
        """Begin whatever is unsaved and can begin; say whether nothing is."""
        for saving in self._savings.values():
            if saving.next.offsets and not saving.under_way:
                self._begin(saving)
        return not self.unsaved

    def _note_ends(self, tps: Iterable[TP]) -> None:
        """Let the next checkpoints hold that `tps` were read to their ends, where nothing of them is kept.

        Called while nothing is in hand.
        """
        for tp in tps:
            end = self._ends.beyond(tp)
            if end is not None and tp not in self._kept and self._ownership.may_read(tp):
                self._saving(tp).next.take_offset(tp, end, self._ownership.term(tp))
                self._read_on.passed(tp, end)
                self._ends.note(tp, end)

    def _begin(self, saving: Saving) -> None:
        self._note_ends(tp for tp in self._ends.waiting() if self._saving(tp) is saving)
        for tp, term in saving.next.terms.items():
            one_term(tp, term, self._ownership.term(tp))
        for tp, handed in saving.next.handed.items():
            saving.next.handed[tp] = handed._replace(read_to=self._read_on.next(tp))
        saving.begin(
            (name, shard.partition, table)
            for shard, tables in self._opening.tables.items()
            if shard.stage == saving.stages[0]
            for name, table in tables.items()
        )

    def _saving(self, tp: TP) -> Saving:
        return self._savings[self._ownership.shard(tp).stage.name]

    def _batch(self, tp: TP, records: Sequence[Any], kind: type[Batch]) -> Batch:
        stage = self._ownership.stage(tp)
        tables = self._opening.tables[self._ownership.shard(tp)]
        table = None if stage.table is None else tables[stage.table.name]
        term, letters = self._ownership.term(tp), self._dead_letters[stage.name]
        return kind(records, stage.name, letters, table, self._tracing, term)

    def _kept_of(self, stages: set[str]) -> int:
        return sum(
            len(records)
            for tp, records in self._kept.items()
            if self._ownership.shard(tp).stage.name in stages
        )

    def _to_hold(self, now: float, slow: set[str]) -> set[TP]:
        """Return what is open and not to be read: of a slow stage, or far behind while later ones are too."""
        for tp in self._tails.waiting():
            if tp not in self._kept:
                self._tails.read(tp, max(self._read_on.next(tp), self._ends.beyond(tp) or 0))
        tails = self._tails.held()
        if not (slow or self._behind or self._held or tails):
            return set()
        readable = [tp for tp in self.assigned if self._ownership.may_read(tp)]
        held = {tp for tp in readable if self._ownership.shard(tp).stage.name in slow} | tails
        if self._behind or self._held:
            waiting = {tp: self._lags[tp] for tp in readable if tp in self._lags}
            held |= held_back(self._paced, waiting, self._in_transit.counts(now))
        return held

    def _open_tails(self, opened: Opened) -> None:
        """Hold what heads read until what stands on their chained topics, from others, was read."""
        for tp, start in opened.starts.items():
            if tp.topic in self._chaining.topics:
                shard, behind = self._ownership.shard(tp), self._ownership.stage(tp).behind
                ahead = [one for one in shard.inputs if self._ownership.stage(one) is behind]
                self._tails.open(tp, start, opened.ends[tp], ahead)

    def _patience(self, now: float) -> float:
        """Return how long the next poll may wait for a record: not past the next checkpoint."""
        savings = self._savings.values()
        if self._draining or any(saving.waits_for_metadata for saving in savings):
            return WAITED_FOR_POLL_S
        due_at = min((saving.due_at() for saving in savings if saving.next.offsets), default=math.inf)
        if not self._behind or due_at == math.inf:
            return IDLE_POLL_S
        return min(IDLE_POLL_S, max(0.0, due_at - now))

    def _tell(self, now: float) -> None:
        """Keep the metrics true, and the lag of what is held: the client learns it by fetching."""
        self._lag_at = now
        tell_lags(self._lags)
        tell_losses(loss for losses in self._opening.lost.values() for loss in losses)
        tell_rows(self._stages, self._ownership.opened, self._opening.tables)
        if self._looking is not None and self._looking.done():
            self._looking.result()
            self._looking = None
        if self._held and self._looking is None:
            self._looking = self._lanes.submit("restore", self._member.look_at_ends, list(self._held))
