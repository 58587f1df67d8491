"""One schedule: a seed becomes a flow, faults and a verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from random import Random
from typing import Any

from eropaf.agents.topology import stages, topics
from eropaf.risk.bsn import ANY
from eropaf.streams.runtime.standby import host_of
from eropaf.streams.topic_partition import TP
from eropaf_client.schemas.registry import LocalRegistry
from tests.builders import SECRET, amsterdam_example
from tests.model.broker import Broker
from tests.model.clients import Message
from tests.model.network import Network, Weather
from tests.model.world import World
from tests.oracle import Oracle
from tests.schedules.city import CREDITORS, NEXT_DAY, sent
from tests.schedules.strikes import Strike, drawn
from tests.schedules.worker import Plan, Worker
from tests.verdict import Verdict

GROUP = "eropaf"
PARTITIONS = 3
MOST_WORKERS = 3
HOSTS = 2
MOST_STRIKES = 8
SIGNALS = (8, 40)
# How long a member may be silent for the broker. Its peers let it go after a second: in most schedules they
# come first, and what they let go may only have slept.
SESSIONS_S = (1.0, 5.0, 5.0)
# How long faults come, in one schedule.
FAULTS_S = (1.0, 2.0, 4.0)
REST_WITHIN_S = 60.0
RESTS_LOOKED_AT_S = 0.02
AGAIN_AFTER_S = 0.3
# Of a worker that is killed while its transaction is open: others may run into it.
LONG_AWAY_S = 6.0
LOOKS_EVERY_S = 0.001
SECOND_DEATH_S = (1.3, 3.0)
# In so many schedules workers of two versions run together, and each that starts is of either.
UPGRADED = 0.3
# Households are forgotten and begin again there: what is ranked twice shows by that.
FORGETS = 0.15
ENDS_SHOWN = 12


@cache
def plan() -> Plan:
    """Return the flow that every schedule runs."""
    registry = LocalRegistry()
    return Plan(GROUP, stages(GROUP, CREDITORS, registry), registry, amsterdam_example(), SECRET)


@cache
def plan_before() -> Plan:
    """Return the same flow as workers run it that chain no stages: a version before, or one gone back to."""
    flow = plan().flow
    return replace(plan(), flow=replace(flow, ranking=replace(flow.ranking, behind=None)))


def named(number: int) -> str:
    """Name a worker: they are on two hosts."""
    return f"host{number % HOSTS}-{number}"


@dataclass(slots=True)
class Outcome:
    """What came of a schedule."""

    seed: int
    trace: str
    verdict: Verdict | None
    rested: bool
    strikes: list[Strike]
    ends: list[str] = field(default_factory=list)
    """Why processes ended, each with its time."""
    virtual_s: float = 0.0
    events: int = 0

    @property
    def clean(self) -> bool:
        """Whether it came to rest, and all was as it must be."""
        return self.rested and self.verdict is not None and self.verdict.clean

    def __str__(self) -> str:
        what = "no rest" if not self.rested else str(self.verdict)
        return "\n".join(
            [
                f"seed {self.seed}, trace {self.trace}, {self.virtual_s:.1f} s, {self.events} events: {what}",
                *map(str, self.strikes),
                *self.ends[:ENDS_SHOWN],
            ]
        )


class Schedule:
    """One flow with its workers, in its own world."""

    def __init__(self, seed: int, strikes: Sequence[Strike] | None = None) -> None:
        self.world = World(seed)
        random = Random(f"schedule {seed}")
        self.seed = seed
        self.protocol = random.choice(("consumer", "consumer", "classic"))
        self.broker = Broker(self.world, self.protocol)
        sessions = Random(f"sessions {seed}")
        self.network = Network(self.world, self.broker, Weather(), session_s=sessions.choice(SESSIONS_S))
        self.plan = plan()
        for topic in topics(GROUP, self.plan.flow, PARTITIONS):
            compacted = topic.config.get("cleanup.policy") == "compact"
            self.broker.create(topic.name, PARTITIONS, compacted=compacted)
        self.workers: dict[str, Worker] = {}
        versions = Random(f"versions {seed}")
        upgraded = versions.random() < UPGRADED
        self.plans = [plan(), plan_before()] if upgraded else [plan()]
        self.versions = versions
        self.wanted = random.randint(1, MOST_WORKERS)
        self.ends: list[str] = []
        self.away_s: dict[str, float] = {}
        self.faults_s = random.choice(FAULTS_S)
        self.strikes = drawn(random, MOST_STRIKES, self.faults_s) if strikes is None else list(strikes)
        if any(strike.kind == "half-way" for strike in self.strikes):
            self.faults_s = max(FAULTS_S)
        count, now_ms = random.randint(*SIGNALS), int(self.world.time() * 1000)
        next_day = FORGETS if upgraded else NEXT_DAY
        self.fed = sent(random, count, PARTITIONS, SECRET, now_ms, next_day)
        self.spread_s = random.choice((0.1, 0.5, self.faults_s, self.faults_s))
        self.random = random

    def run(self) -> Outcome:
        """Run it to its end."""
        with simulated(self.world):
            for number in range(self.wanted):
                self.world.at(self.random.random() * 0.5, partial(self.start, named(number)))
            for number, (tp, data) in enumerate(self.fed):
                self.world.at(self.spread_s * number / len(self.fed), partial(self.feed, tp, data))
            for strike in self.strikes:
                self.world.at(strike.at_s, partial(self.strike, strike))
            self.world.let_pass(self.faults_s)
            self.calm()
            rested = self.comes_to_rest()
            # What is done twice by somebody who sleeps shows a moment later.
            self.world.let_pass(0.5)
            verdict = self.judge() if rested else None
            for worker in list(self.workers.values()):
                worker.over()
            self.world.let_pass(0.0)
        return Outcome(
            self.seed,
            self.world.trace,
            verdict,
            rested,
            self.strikes,
            self.ends,
            self.world.now - 1_000,
            self.world.events,
        )

    def start(self, name: str) -> None:
        """Start a worker, unless one of this name runs."""
        if name not in self.workers:
            self.workers[name] = Worker(
                self.network, name, self.versions.choice(self.plans), partial(self.ended, name)
            )

    def ended(self, name: str, reason: str) -> None:
        """Start a worker that ended again, as its supervisor does."""
        self.ends.append(f"{self.world.now - 1_000:.3f} s: {name} ended: {reason}")
        del self.workers[name]
        self.world.at(self.away_s.pop(name, AGAIN_AFTER_S), partial(self.start, name))

    def feed(self, tp: Any, data: Any) -> None:
        """Let a creditor's record be stored."""
        self.broker.store(tp, [data])

    def strike(self, strike: Strike) -> None:
        """Let a fault come, and go."""
        if strike.kind.startswith("move "):
            self.broker.away_until[strike.kind[5:]] = self.world.now + strike.lasts_s / 2
        elif strike.kind == "join":
            self.start(named(MOST_WORKERS))
        elif strike.kind == "weather":
            self.network.weather = Weather(delay_s=0.03, lost=0.03, late=0.03, doubled=0.02)
            self.world.at(strike.lasts_s, self.calm_weather)
        elif strike.kind == "compact":
            for log in self.broker.logs.values():
                if log.topic.endswith("-changelog"):
                    log.compact()
        elif strike.kind == "age":
            self.age()
        elif self.workers:
            names = sorted(self.workers)
            self.strike_worker(strike, self.workers[names[strike.target % len(names)]])

    def age(self) -> None:
        """Delete what may be old: all that its stage has noted, to the very record where it goes on.

        Of a compacted topic, as `household-risk` is, what a later record of its key replaces; of others
        everything.
        """
        noted = self.broker.group(GROUP).offsets
        for tp, log in self.inputs():
            if log.compacted:
                log.compact(before=noted.get(tp, 0))
            else:
                log.cut(noted.get(tp, 0))

    def strike_worker(self, strike: Strike, worker: Worker) -> None:
        """Let a fault of one worker come, and go."""
        if strike.kind == "kill":
            worker.end("killed")
        elif strike.kind == "host":
            self.lose_host(worker, strike.lasts_s)
        elif strike.kind == "half-way":
            self.kill_half_way(worker, self.world.now + strike.lasts_s)
        elif strike.kind == "drain":
            worker.drain()
        elif strike.kind == "pause":
            worker.host.paused_until = self.world.now + strike.lasts_s
        elif strike.kind == "stale":
            # It sleeps, and others take over meanwhile.
            worker.host.paused_until = self.world.now + 2.5 * self.network.session_s
        elif strike.kind == "cut":
            worker.host.cut = True
            self.world.at(strike.lasts_s, partial(setattr, worker.host, "cut", False))

    def lose_host(self, worker: Worker, lasts_s: float) -> None:
        """Kill a worker together with those beside it; their host is away for a while."""
        for name, one in sorted(self.workers.items()):
            if host_of(name) == host_of(worker.host.name):
                self.away_s[name] = lasts_s
                one.end("killed with its host")

    def kill_half_way(self, worker: Worker, until: float) -> None:
        """Kill a worker as soon as rows of it are in an open transaction; it is long away then."""
        name = worker.host.name
        if self.workers.get(name) is not worker or self.world.now > until:
            return
        open_rows = {
            producer
            for log in self.broker.logs.values()
            if log.open and log.topic.endswith("-changelog")
            for producer in log.open
        }
        if open_rows & self.broker.transactions.producers(f"{GROUP}-{name}-"):
            self.away_s[name] = LONG_AWAY_S
            worker.end("killed half-way")
            # Whoever takes over may die too, while the transaction is still open.
            self.world.at(self.random.uniform(*SECOND_DEATH_S), self.kill_another)
        else:
            self.world.at(LOOKS_EVERY_S, partial(self.kill_half_way, worker, until))

    def kill_another(self) -> None:
        """Kill a worker that runs."""
        if self.workers:
            self.workers[self.random.choice(sorted(self.workers))].end("killed after another")

    def calm_weather(self) -> None:
        """Let the network be well again."""
        self.network.weather = Weather()

    def calm(self) -> None:
        """End every fault."""
        self.calm_weather()
        for worker in self.workers.values():
            worker.host.cut = False

    def comes_to_rest(self) -> bool:
        """Let time pass until all is taken in and saved; say whether that was in time."""
        deadline = self.world.now + REST_WITHIN_S
        while not self.rests():
            if self.world.now >= deadline:
                return False
            self.world.let_pass(RESTS_LOOKED_AT_S)
        return True

    def rests(self) -> bool:
        """Return whether all that was fed is taken in, and saved."""
        if not self.broker.at_rest:
            return False
        offsets = self.broker.group(GROUP).offsets
        return all(
            offsets.get(tp, 0) >= committed[-1].offset + 1
            for tp, log in self.inputs()
            if (committed := log.committed())
        )

    def inputs(self) -> Iterator[tuple[Any, Any]]:
        """Return every input partition that holds something."""
        for stage in self.plan.flow.all():
            for topic in stage.inputs:
                for number in range(PARTITIONS):
                    log = self.broker.logs[TP(topic, number)]
                    if log.history:
                        yield TP(topic, number), log

    def judge(self) -> Verdict:
        """Let the oracle compare what is there with what must be."""
        oracle = Oracle("model", GROUP, self.plan.flow, self.plan.registry, self.plan.policy, SECRET, ANY)
        seen: dict[str, list[Any]] = {
            topic: [
                Message(tp, entry, entry.offset)
                for number in range(PARTITIONS)
                for tp, log in [(TP(topic, number), self.broker.logs[TP(topic, number)])]
                for entry in log.committed()
            ]
            for topic in oracle.topics()
        }
        offsets = {(tp.topic, tp.partition): at for tp, at in self.broker.group(GROUP).offsets.items()}
        return oracle.compare(seen, offsets)


@contextmanager
def simulated(world: World) -> Iterator[None]:
    """Let the clock of this process be the world's."""
    names: dict[str, Callable[..., Any]] = {
        "time": world.time, "monotonic": lambda: world.now, "sleep": world.sleep,
    }  # fmt: skip
    real = {name: getattr(time, name) for name in names}
    for name, simulated in names.items():
        setattr(time, name, simulated)
    try:
        yield
    finally:
        for name, was in real.items():
            setattr(time, name, was)
