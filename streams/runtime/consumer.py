"""Faust's consumer: ticks the machine, hands its batches to Faust's agents, and collects them.

All logic is in `machine.py`; this adapts it to the names of Faust's consumer interface.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any

from faust.types.tuples import TP as FaustTP
from faust.types.tuples import ConsumerMessage, Message
from mode import Service

from eropaf.streams.config import StreamsConfig
from eropaf.streams.errors import guarded
from eropaf.streams.observe.health import Health
from eropaf.streams.observe.probe import Probe
from eropaf.streams.observe.tracing import Tracer
from eropaf.streams.runtime.batch import Batch
from eropaf.streams.runtime.checkpoint import TransactionWriter
from eropaf.streams.runtime.dead_letter import DeadLetters
from eropaf.streams.runtime.garbage import collect_seldom
from eropaf.streams.runtime.kafka_group import GroupMember
from eropaf.streams.runtime.lanes import Threads
from eropaf.streams.runtime.machine import TICK_WITHIN_S, Machine
from eropaf.streams.runtime.presence import Presence
from eropaf.streams.runtime.stage import Stage
from eropaf.streams.runtime.watchdog import Seen, watch
from eropaf.streams.state.restore import Restorer
from eropaf.streams.topic_partition import TP


class Consumer(Service):
    """Reads for all stages of the app."""

    def __init__(
        self,
        app: Any,
        config: StreamsConfig,
        stages: Iterable[Stage],
        dead_letters: Callable[[Stage], DeadLetters],
        set_aside_on: str,
        deliver: Callable[[Message], Awaitable[None]],
        tracer: Tracer | None,
        beforehand: Callable[[], None] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.app = app
        self.unacked: set[Message] = set()
        self.randomly_assigned_topics: set[str] = set()
        self._config = config
        self._deliver = deliver
        self._woken = asyncio.Event()
        self._ticked = asyncio.Condition()
        self._lanes = Threads(self._wake)
        self._machine = Machine(
            config,
            stages,
            dead_letters,
            tracer,
            self._lanes,
            member=partial(GroupMember, config),
            restorer=Restorer(config),
            writer=partial(TransactionWriter, config),
            presence=Presence(config, stages),
            beforehand=beforehand,
        )
        self._assigned: frozenset[TP] = frozenset()
        self._probe = Probe(config.bootstrap, config.client, set_aside_on)
        self._end_watch: Callable[[], None] = lambda: None
        self._running: asyncio.Task[None] | None = None

    # What Faust asks of a consumer.

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Join the group; called once the agents have started."""
        if self._running is not None:
            return
        self._probe.start()
        self._machine.start()
        collect_seldom()
        self.app.flow_control.resume()
        self._running = asyncio.ensure_future(guarded(self._run()))

    def assignment(self) -> frozenset[TP]:
        """Return the partitions that the group gave us."""
        return self._machine.assigned

    def track_message(self, message: Message) -> None:
        """Do nothing: what is in hand is counted where it is handed out."""

    def ack(self, message: Message) -> bool:
        """Collect the results of a batch that an agent has finished."""
        self.unacked.discard(message)  # where Faust put it
        self._machine.collect(message.value)  # type: ignore[arg-type]
        return True

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Return once everything done so far is durable."""
        async with self._ticked:
            await self._ticked.wait_for(lambda: not self._machine.unsaved)
        return True

    async def wait_empty(self) -> None:
        """Return when no batch is in hand."""
        async with self._ticked:
            await self._ticked.wait_for(lambda: not self._machine.in_hand)

    def on_buffer_full(self, tp: TP) -> None:
        """Do nothing: a queue never holds more than one poll's batches."""

    def on_buffer_drop(self, tp: TP) -> None:
        """Do nothing, see `on_buffer_full`."""

    def stop_flow(self) -> None:
        """Do nothing: the machine stops by `drain`."""

    def resume_flow(self) -> None:
        """Do nothing, see `stop_flow`."""

    def close(self) -> None:
        """Do nothing: `drain` has left the group."""

    async def on_task_error(self, exc: BaseException) -> None:
        """Never reached: an agent's error has ended the process."""

    # The life of a worker.

    @property
    def health(self) -> Health:
        """How ready this worker is."""
        return self._machine.health(self._probe.gone_since)

    def reads(self, tp: TP) -> bool:
        """Return whether this worker reads `tp`: it is assigned, and the rows behind it are back."""
        return self._machine.reads(tp)

    async def drain(self) -> None:
        """End well: finish what is in hand, save it, give the partitions back."""
        self._end_watch()
        self._probe.end()
        self._machine.drain()
        if self._running is not None:
            await self._running
        self._lanes.close()

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended; nothing is left to do
            self.loop.call_soon_threadsafe(self._woken.set)

    async def _run(self) -> None:
        watched = False
        while not self._machine.ended:
            self._woken.clear()
            for batch in self._machine.tick(time.monotonic()):
                await self._deliver(self._message(batch))
            if self._machine.running and not watched:
                self._end_watch, watched = watch(self._config, self._seen), True
            if self._machine.assigned != self._assigned:
                await self._tell_assignment()
            async with self._ticked:
                self._ticked.notify_all()
            again = self.loop.call_later(TICK_WITHIN_S, self._woken.set)
            await self._woken.wait()
            again.cancel()

    def _seen(self) -> Seen:
        """Show the watchdog this worker's state; called on the watchdog's thread."""
        return self._machine.seen(self._probe.gone_since is None)

    def _message(self, batch: Batch) -> Message:
        return ConsumerMessage(
            batch.topic,
            batch.partition,
            batch.next_offset - 1,
            batch.records[-1].timestamp()[1] / 1000,
            0,
            headers=None,
            key=None,
            value=batch,  # type: ignore[arg-type]
            checksum=None,
            serialized_key_size=0,
            serialized_value_size=0,
            tp=FaustTP(batch.topic, batch.partition),
            # Constant: Faust would silently skip a message with another one.
            generation_id=self.app.consumer_generation_id,
        )

    async def _tell_assignment(self) -> None:
        """Tell Faust, and listeners to its signals, the current assignment."""
        revoked, self._assigned = self._assigned - self._machine.assigned, self._machine.assigned
        if revoked:
            await self.app.on_partitions_revoked.send(set(revoked))
        await self.app.topics.on_partitions_assigned(set(self._assigned))
        await self.app.on_partitions_assigned.send(set(self._assigned))
