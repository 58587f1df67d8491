"""One worker in the model: the product's own machine and agents, and nothing of Faust around them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from functools import partial
from types import coroutine
from typing import Any, NoReturn

from greenlet import GreenletExit

from eropaf.agents.topology import Stages
from eropaf.agents.worker import attach
from eropaf.risk.bsn import ANY
from eropaf.risk.policy import Policy
from eropaf.streams.config import StreamsConfig
from eropaf.streams.runtime.batch import Batch
from eropaf.streams.runtime.checkpoint import TransactionWriter
from eropaf.streams.runtime.dead_letter import DeadLetters
from eropaf.streams.runtime.kafka_group import GroupMember
from eropaf.streams.runtime.loss import Loss
from eropaf.streams.runtime.machine import Machine
from eropaf.streams.runtime.presence import Presence
from eropaf.streams.runtime.stage import Stage
from eropaf.streams.state.restore import Restorer
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import REJECTED
from eropaf_client.schemas.wire import Codec
from tests.model.clients import Transport
from tests.model.network import Network
from tests.model.world import Host, Promise, World


@dataclass(frozen=True, slots=True)
class Plan:
    """What all workers of a flow share."""

    group: str
    flow: Stages
    registry: Registry
    policy: Policy
    secret: bytes
    accepted_losses: tuple[Loss, ...] = ()


TICK_WITHIN_S = 0.2
WORKS_FOR_S = 0.004


class Lanes:
    """A task for each lane that has something to do; see `eropaf.streams.runtime.lanes`."""

    def __init__(self, world: World, host: Host, wake: Callable[[], None]) -> None:
        self._world, self._host, self.wake = world, host, wake
        self._waiting: dict[str, deque[Callable[[], None]]] = {}

    def submit(self, lane: str, call: Callable[..., Any], *args: Any) -> Any:
        promise = Promise(self._world)
        promise.then(self.wake)
        waiting = self._waiting.get(lane)
        todo = partial(self._call, promise, call, args)
        if waiting is None:
            self._waiting[lane] = deque([todo])
            self._world.spawn(self._host, partial(self._run, lane))
        else:
            waiting.append(todo)
        return promise

    def asked(self) -> Any:
        return Promise(self._world)

    def close(self) -> None:
        pass

    def _run(self, lane: str) -> None:
        waiting = self._waiting[lane]
        while waiting:
            waiting.popleft()()
        del self._waiting[lane]

    @staticmethod
    def _call(promise: Promise, call: Callable[..., Any], args: tuple[Any, ...]) -> None:
        try:
            promise.set_result(call(*args))
        except Exception as error:
            promise.set_exception(error)


class Batches:
    """What an agent iterates over: it is given one batch after the other, by `send`."""

    def __aiter__(self) -> Batches:
        return self

    @coroutine
    def __anext__(self) -> Generator[None, Batch, Batch]:
        batch = yield
        return batch


class Agents:
    """Takes the place of the app to which agents are attached."""

    def __init__(self) -> None:
        self.running: dict[str, Coroutine[Any, Any, None]] = {}

    def batches(self, stage: Stage) -> Stage:
        return stage

    def agent(self, stage: Stage, name: str) -> Callable[[Any], Any]:
        def attached(body: Any) -> Any:
            running = self.running[name] = body(Batches())
            running.send(None)
            return body

        return attached


class Worker:
    """One process of a worker, from its start to its end."""

    def __init__(
        self,
        network: Network,
        name: str,
        plan: Plan,
        on_end: Callable[[str], None],
    ) -> None:
        self.host = Host(name)
        self.ended_because: str | None = None
        self._world = network.world
        self._on_end = on_end
        self._ticking = False
        self._ticks = 0
        app: Any = Agents()
        attach(app, plan.flow, plan.registry, plan.policy, plan.secret, None, ANY)
        self.agents = app.running
        self.machine: Machine | None = None
        self._world.spawn(self.host, partial(self._start, network, plan))

    def _start(self, network: Network, plan: Plan) -> None:
        config = config_of(network, self.host, plan)
        letters = Codec("Rejected", REJECTED, plan.registry)
        machine = Machine(
            config,
            plan.flow.all(),
            lambda stage: DeadLetters(stage, letters, config.max_record_bytes),
            None,
            Lanes(self._world, self.host, self._wake),
            member=partial(GroupMember, config),
            restorer=Restorer(config),
            writer=partial(TransactionWriter, config),
            presence=Presence(config, plan.flow.all()),
            stop=self.stop,
        )
        self.machine = machine
        machine.start()
        self._wake()

    def stop(self, reason: str) -> NoReturn:
        """End this process at once; called by the product, from whichever lane."""
        self.end(reason)
        raise GreenletExit

    def end(self, reason: str) -> None:
        """End this process: what it holds in memory is gone, what it wrote half stays so."""
        if self.ended_because is None:
            self.ended_because = reason
            self._world.note(self.host.name, "ends", reason)
            self.host.kill(self._world)
            for agent in self.agents.values():
                agent.close()
            self._on_end(reason)

    def over(self) -> None:
        """End it with its schedule."""
        self._on_end = lambda reason: None
        self.end("over")

    def drain(self) -> None:
        """Tell it to end well."""
        if self.machine is not None:
            self.machine.drain()

    def _wake(self) -> None:
        if not self._ticking:
            self._ticking = True
            self._world.at(self._world.random.random() * 0.0005, self._tick, self.host)

    def _wake_idle(self, ticks: int) -> None:
        if ticks == self._ticks:
            self._wake()

    def _tick(self) -> None:
        self._ticking = False
        machine = self.machine
        if machine is None:
            return
        try:
            batches = machine.tick(self._world.now)
        except Exception as error:
            self.end(f"{type(error).__name__}: {error}")
            return
        for batch in batches:
            self._world.at(self._world.random.random() * WORKS_FOR_S, partial(self._work, batch), self.host)
        if machine.ended:
            self.end("drained")
        else:
            self._ticks += 1
            self._world.at(TICK_WITHIN_S, partial(self._wake_idle, self._ticks), self.host)

    def _work(self, batch: Batch) -> None:
        assert self.machine is not None
        self._world.note(self.host.name, batch.topic, batch.partition, batch.next_offset)
        try:
            self.agents[batch.stage].send(batch)
            self.machine.collect(batch)
        except Exception as error:
            self.end(f"agent: {type(error).__name__}: {error}")


def config_of(network: Network, host: Host, plan: Plan) -> StreamsConfig:
    """Return how a worker paces itself in the model: all is quick, and nothing is large."""
    return StreamsConfig(
        "model",
        plan.group,
        host.name,
        group_protocol=network.broker.protocol,
        session_timeout_s=network.session_s,
        transaction_timeout_s=5.0,
        checkpoint_interval_s=0.02,
        poll_records=20,
        accepted_losses=plan.accepted_losses,
        transport=Transport(network, host),
    )
