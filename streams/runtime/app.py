"""A Faust app with this package's transport, checkpoints and restore."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import faust
from faust.app.base import BootStrategy
from faust.serializers.schemas import Schema
from faust.streams import Stream
from faust.tables.manager import TableManager
from faust.transport.base import Transport
from faust.types.tuples import Message
from yarl import URL

from eropaf.streams.config import StreamsConfig
from eropaf.streams.errors import end_within, stop_at_once
from eropaf.streams.observe.health import Health
from eropaf.streams.observe.tracing import Tracer
from eropaf.streams.runtime.consumer import Consumer
from eropaf.streams.runtime.dead_letter import DeadLetters
from eropaf.streams.runtime.producer import Producer
from eropaf.streams.runtime.refusals import (
    OF_A_STREAM,
    OF_AN_AGENT,
    OF_AN_APP,
    check_agent,
    check_leader,
    without,
)
from eropaf.streams.runtime.stage import Stage
from eropaf.streams.topic_partition import TP
from eropaf_client.schemas.wire import Codec

# Shorter than the supervisor waits before it kills.
APP_STOPS_WITHIN_S = 8.0


class _Boot(BootStrategy):
    """Starts only our consumer: no leader election, no reply consumer, no Faust fetcher."""

    enable_web = False

    def kafka_consumer(self) -> Iterable[Any]:
        return [self.app.consumer]


class _NoTables(TableManager):
    """Faust's tables are not used, but its conductor waits until they are reported ready."""

    async def on_start(self) -> None:
        self._tables_finalized.set()
        self._tables_registered.set()

    async def on_stop(self) -> None:
        pass

    async def wait_until_recovery_completed(self) -> bool:
        return False


@without(OF_A_STREAM)
class _BatchStream(Stream[Any]):
    """Iterates in Python: Faust's compiled iterator inlines the `ack` of Faust's own consumer."""

    def __aiter__(self) -> AsyncIterator[Any]:
        iterator = self._py_aiter()
        self._active_agens.add(iterator)  # type: ignore[arg-type]
        return iterator


class _BatchSchema(Schema[Any, Any]):
    """Passes a batch through: its records are decoded in the agent, where poison can be set aside."""

    def compile(self, app: Any, **kwargs: Any) -> Any:
        async def decode(message: Message, *, propagate: bool = False) -> Any:
            return app.create_event(None, message.value, None, message)

        return decode


@without(OF_AN_AGENT)
class _BatchAgent(faust.Agent):
    """Processes a stage's batches one at a time, and returns the results through the batch."""

    def __init__(self, fun: Any, *, channel: Any = None, **kwargs: Any) -> None:
        check_agent(fun, channel, kwargs["concurrency"], kwargs["isolated_partitions"], kwargs["sink"])
        super().__init__(fun, channel=channel, **kwargs)


class _Transport(Transport):
    Producer = Producer
    driver_version = "eropaf"

    def create_consumer(self, callback: Any, **kwargs: Any) -> Any:
        app: CheckpointedApp = self.app  # type: ignore[assignment]
        return Consumer(
            app=app,
            config=app.config,
            stages=app.stages,
            dead_letters=app.dead_letters,
            set_aside_on=app.set_aside_on,
            deliver=callback,
            tracer=app.span_tracer,
            beforehand=app.beforehand,
            loop=self.loop,
            beacon=kwargs["beacon"],
        )


@without(OF_AN_APP)
class CheckpointedApp(faust.App):
    """A Faust app that reads batches and saves checkpoints.

    Declare its stages, and attach an agent to the batches of each:

        counting = Stage("count", ("numbers",), table)
        app = CheckpointedApp(config, letters, [counting])

        @app.agent(app.batches(counting), name=counting.name)
        async def count(batches):
            async for batch in batches:
                ...
    """

    BootStrategy = _Boot

    def __init__(
        self,
        config: StreamsConfig,
        letters: Codec[dict[str, Any]],
        stages: Iterable[Stage],
        tracer: Tracer | None = None,
        beforehand: Callable[[], None] | None = None,
    ) -> None:
        """Declare the app.

        `beforehand` is called on its own thread before this worker joins the group; if it raises, the process
        ends.
        """
        self.config = config
        self.beforehand = beforehand
        self.span_tracer = tracer  # Faust has a `tracer` of its own, for another library
        self.stages = tuple(stages)
        self._letters = letters
        super().__init__(
            config.group,
            broker=f"kafka://{config.bootstrap.split(',')[0]}",
            autodiscover=False,
            TableManager=_NoTables,
            Stream=_BatchStream,
            Agent=_BatchAgent,
            topic_disable_leader=True,
            topic_allow_declare=False,
        )

    def batches(self, stage: Stage) -> Any:
        """Return the channel on which the batches of `stage` arrive, for `@app.agent`."""
        return super().topic(*stage.inputs, schema=_BatchSchema())

    # An app's decorators shadow those of a service, as they do in Faust.
    def timer(  # type: ignore[override]
        self, interval: Any, on_leader: bool = False, **kwargs: Any
    ) -> Any:
        """Run a coroutine repeatedly on every worker; there is no leader."""
        check_leader(on_leader)
        return super().timer(interval, **kwargs)

    def crontab(  # type: ignore[override]
        self, cron_format: str, *, on_leader: bool = False, **kwargs: Any
    ) -> Any:
        """Run a coroutine at the times of `cron_format` on every worker; there is no leader."""
        check_leader(on_leader)
        return super().crontab(cron_format, **kwargs)

    def task(  # type: ignore[override]
        self, fun: Any = None, *, on_leader: bool = False, **kwargs: Any
    ) -> Any:
        """Run a coroutine once on every worker when it has started; there is no leader."""
        check_leader(on_leader)
        return super().task(fun, **kwargs)

    @property
    def set_aside_on(self) -> str:
        """Name the topic of records that were set aside."""
        return self._letters.topic

    def dead_letters(self, stage: Stage) -> DeadLetters:
        """Return the dead letters of `stage`."""
        return DeadLetters(stage, self._letters, self.config.max_record_bytes)

    @property
    def health(self) -> Health:
        """How ready this worker is."""
        if self._consumer is None:
            return Health(joined=False, ending=False, open=0, taken=0, lost=0, broker_gone_since=None)
        health: Health = self._consumer.health  # type: ignore[attr-defined]
        return health

    def reads(self, topic: str, partition: int) -> bool:
        """Return whether this worker currently reads `partition` of `topic`."""
        return self._consumer is not None and self._consumer.reads(TP(topic, partition))  # type: ignore[attr-defined]

    def worker_init_post_autodiscover(self) -> None:
        """Signal that the worker was created; start no web server: Faust's pages are not available."""
        self.on_worker_init.send()

    def _create_directories(self) -> None:
        """Do nothing: no state is kept on disk."""

    def _new_transport(self) -> Transport:
        return _Transport([URL(f"kafka://{server}") for server in self.config.bootstrap.split(",")], self)

    _new_producer_transport = _new_transport

    async def _on_agent_error(self, agent: Any, exc: BaseException) -> None:
        # Called before Faust acknowledges the failed message and restarts the agent on the next.
        stop_at_once(f"agent {agent.name} failed", exc)

    async def _stop_consumer(self) -> None:
        end_within(APP_STOPS_WITHIN_S)
        if self._consumer is not None:
            await self._consumer.drain()  # type: ignore[attr-defined]

    async def _producer_flush(self, logger: Any) -> None:
        """Do nothing: the last checkpoint has written everything."""
