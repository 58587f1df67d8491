"""What the faults are done to: brokers, a network, `eropaf run` with its workers, and creditors."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Self, TypeVar

import psutil
from confluent_kafka import IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from eropaf.agents.topology import Stages, records_by_topic, stages
from eropaf.deploy.embedded import EmbeddedKafka, Node
from eropaf.deploy.embedded.installation import Installation
from eropaf.deploy.embedded.launch import await_ready
from eropaf.deploy.embedded.ports import HOST, choose, first_free
from eropaf.deploy.embedded.properties import Ports
from eropaf.deploy.embedded.registry import EmbeddedRegistry
from eropaf.risk.policy import PARTNER_TYPES
from eropaf.settings import Settings
from eropaf_client.schemas import catalogue
from eropaf_client.schemas.http_registry import HttpRegistry
from eropaf_client.schemas.registry import LocalRegistry, Registry
from tests.builders import SECRET
from tests.chaos.feed import Feed
from tests.chaos.host import breakable
from tests.chaos.proxy import Network
from tests.chaos.registry_front import RegistryFront
from tests.chaos.setup import Front, Setup
from tests.integration.processes import PATIENCE_S, REPO, Process, until
from tests.journal import Journal, are_past, asking_for, come_to_rest, committed
from tests.oracle import Oracle
from tests.verdict import Verdict

T = TypeVar("T")

CREDITORS = ("health", "energy", "rent")
PARTITIONS = 4
# No more than a net: what cannot come any more is seen at once. Others may have the processors meanwhile.
START_WITHIN_S = 240.0
REST_WITHIN_S = 180.0
ANSWER_WITHIN_S = 120.0
OFFSETS_WITHIN_S = 3.0
OPEN = "partitions open"

# The names that hosts give their workers.
HOSTS = ("worker", "elsewhere")


class System:
    """The system under test. Starts everything, and leaves nothing behind."""

    def __init__(self, setup: Setup, folder: Path, installation: Installation) -> None:
        self.setup = setup
        self.folder = folder
        self.registry: Registry = LocalRegistry()
        self.registry_server = EmbeddedRegistry() if setup.with_registry else None
        self.registry_front: RegistryFront | None = None
        self.network = Network()
        ports = choose(len(Front._fields) * setup.brokers)
        self._fronts = [Front(*ports[number :: setup.brokers]) for number in range(setup.brokers)]
        self.host = HOSTS[0]
        """The name of the host whose supervisor runs."""
        self.kafka = EmbeddedKafka(
            setup.brokers,
            installation=breakable(installation, folder) if setup.breakable_hosts else installation,
            properties=self._listeners,
            ready_within_s=START_WITHIN_S,
        )
        self.extra: dict[str, Process] = {}
        self.code, self.python = REPO, sys.executable
        """The packages that workers run from, and what runs them."""

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stack.close()

    def _start(self, stack: ExitStack) -> None:
        stack.callback(self.network.close)
        for front in self._fronts:
            self.network.listen(front.workers, front.workers_behind, kafka=True)
            self.network.listen(front.brokers, front.brokers_behind)
        stack.enter_context(self.kafka)
        if self.registry_server is not None:
            stack.enter_context(self.registry_server)
            self.registry = stack.enter_context(HttpRegistry(self.registry_server.url))
            self.registry_front = RegistryFront(self.registry_server.url)
            stack.callback(self.registry_front.close)
        bootstrap = ",".join(f"{HOST}:{front.workers}" for front in self._fronts)
        self.environment = {
            "EROPAF_BOOTSTRAP": bootstrap,
            "EROPAF_HOUSEHOLD_SECRET": SECRET.decode(),
            "EROPAF_CREDITORS": ",".join(CREDITORS),
            "EROPAF_PARTITIONS": str(PARTITIONS),
            # Workers are struck far more often than a supervisor should bear.
            "EROPAF_GIVE_UP_AFTER": "1000",
            "EROPAF_WORKERS": str(self.setup.workers),
            "EROPAF_METRICS_PORT": str(first_free(choose(1)[0], self.setup.workers)),
            "EROPAF_GROUP_PROTOCOL": self.setup.protocol,
            # The signals are of 2000: a day of now would end what is kept of every household.
            "EROPAF_CLOCK": "none",
            "EROPAF_TEST_NUMBERS": "true",
            "EROPAF_BSN_FROM": ",".join(PARTNER_TYPES),
            "EROPAF_SESSION_TIMEOUT_S": str(self.setup.session_s),
            **({"EROPAF_REGISTRY_URL": self.registry_front.url} if self.registry_front else {}),
        }
        self.settings = Settings(
            bootstrap=self.kafka.bootstrap,
            household_secret=SECRET.decode(),
            creditors=CREDITORS,
            partitions=PARTITIONS,
            test_numbers=True,
            bsn_from=PARTNER_TYPES,
        )
        self.flow: Stages = stages(self.settings.group, CREDITORS, self.registry)
        self.register_schemas()
        self.run_workers()
        stack.callback(self._end_workers)
        until(lambda: OPEN in self.workers_said, START_WITHIN_S, "the workers read", self.check_workers)
        self.oracle = Oracle(
            self.kafka.bootstrap,
            self.settings.group,
            self.flow,
            self.registry,
            self.settings.read_policy(),
            SECRET,
            self.settings.numbers(),
        )
        self.journal = Journal(self.kafka.bootstrap, self.oracle.topics())
        self.feed = Feed(
            self.kafka.bootstrap, self.registry, CREDITORS, SECRET, self.setup.seed, self.setup.per_second
        )
        stack.callback(self.feed.close)

    def register_schemas(self) -> None:
        """Register what the flow writes and reads, where there is a registry."""
        if isinstance(self.registry, HttpRegistry):
            records = records_by_topic(self.settings.group, self.flow)
            subjects = [(f"{topic}-value", catalogue.latest(record)) for topic, record in records.items()]
            self.registry.register(subjects)
            for subject, schema in subjects:
                # Known from here on: creditors and the oracle do not notice when it is down.
                self.registry.id_for(subject, schema)

    def _end_workers(self) -> None:
        for worker in self.workers():
            with suppress(psutil.NoSuchProcess):
                worker.kill()
        for process in (self.run, *self.extra.values()):
            process.kill()

    def _listeners(self, number: int, ports: Ports) -> dict[str, str]:
        """Return a broker's addresses: one that is always well, and those behind the network."""
        front = self._fronts[number - 1]
        settings = {
            **self.setup.broker_settings(),
            "listeners": (
                f"PLAINTEXT://{HOST}:{ports.broker},CONTROLLER://{HOST}:{ports.controller},"
                f"WORKERS://{HOST}:{front.workers_behind},BROKERS://{HOST}:{front.brokers_behind}"
            ),
            "advertised.listeners": (
                f"PLAINTEXT://{HOST}:{ports.broker},WORKERS://{HOST}:{front.workers},"
                f"BROKERS://{HOST}:{front.brokers}"
            ),
            "listener.security.protocol.map": (
                "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,WORKERS:PLAINTEXT,BROKERS:PLAINTEXT"
            ),
            "inter.broker.listener.name": "BROKERS",
        }
        if self.setup.brokers > 1:
            # Kafka takes the controllers' addresses from here, and not from what they tell of themselves.
            self.network.listen(front.controller, ports.controller)
            settings["controller.quorum.voters"] = ",".join(
                f"{id_}@{HOST}:{each.controller}" for id_, each in enumerate(self._fronts, start=1)
            )
        return settings

    def between(self, node: Node) -> frozenset[int]:
        """Return the ports behind which the other brokers reach this one."""
        return frozenset({self._fronts[node.id - 1].brokers_behind, node.plan.ports.controller})

    # Workers.

    def run_workers(self) -> None:
        """Start `eropaf run`."""
        own = self.environment | {"EROPAF_WORKER_NAME": self.host}
        self.run = self._process(list(self.setup.command), self.host, own)

    def run_workers_elsewhere(self) -> None:
        """Start `eropaf run` as on another host; return when it reads. `run` is that one from now on."""
        self.host = next(name for name in HOSTS if name != self.host)
        ports = str(first_free(choose(1)[0], self.setup.workers))
        self.environment["EROPAF_METRICS_PORT"] = ports
        log = self.folder / f"{self.host}.log"
        opened = log.read_text("utf-8").count(OPEN) if log.exists() else 0
        self.run_workers()
        until(
            lambda: self.workers_said.count(OPEN) > opened,
            START_WITHIN_S,
            "workers elsewhere read",
            self.check,
        )

    def stop_workers(self) -> None:
        """Stop `eropaf run` as an operator does."""
        self.run.popen.send_signal(signal.SIGTERM)
        self.run.wait(PATIENCE_S)

    @property
    def workers_said(self) -> str:
        """What the workers under the supervisor, and the supervisor, have logged."""
        return self.run.said

    def workers(self) -> list[psutil.Process]:
        """Return the worker processes that run under the supervisor, by name."""
        try:
            children = psutil.Process(self.run.popen.pid).children()
        except psutil.NoSuchProcess:
            return []
        named = {}
        for child in children:
            with suppress(psutil.NoSuchProcess):
                line = child.cmdline()
                if names := [part for part in line if part.startswith(f"{self.host}-")]:
                    named[names[0]] = child
        return [named[name] for name in sorted(named)]

    def worker(self, target: int) -> psutil.Process:
        """Return the target-th worker; wait for one if the supervisor is between two."""
        found: list[psutil.Process] = []

        def there_is_one() -> bool:
            found[:] = self.workers()
            return bool(found)

        until(there_is_one, START_WITHIN_S, "there is a worker", self.check)
        return found[target % len(found)]

    def add_worker(self, name: str) -> None:
        """Start one more worker, as another machine would."""
        command = ["-m", "eropaf.worker", name, str(choose(1)[0])]
        self.extra[name] = self._process(command, name, self.environment)

    def _process(self, command: list[str], name: str, environment: Mapping[str, str]) -> Process:
        return Process(command, self.folder / f"{name}.log", self.code, self.python, **environment)

    def remove_worker(self, name: str) -> None:
        """Tell an added worker to end."""
        process = self.extra.pop(name)
        process.popen.terminate()
        process.wait(PATIENCE_S)

    def check(self) -> None:
        """Raise where something that must run does not."""
        self.feed.check()
        self.check_workers()

    def check_workers(self) -> None:
        """Raise where nobody keeps the workers running."""
        status = self.run.popen.poll()
        if status is not None:
            raise AssertionError(f"the supervisor ended with {status}: {self.workers_said[-2000:]}")

    # Brokers.

    def ask(self, question: Callable[[AdminClient], T]) -> T:
        """Ask with a new client: an older one asks in a leader's old epoch, or waits for one that is gone."""
        return question(AdminClient({"bootstrap.servers": self.kafka.bootstrap, "log_level": 0}))

    def await_brokers(self) -> None:
        """Wait until each broker answers and sees all the others."""
        nodes = self.kafka.nodes
        await_ready([node.plan for node in nodes], lambda plan: nodes[plan.id - 1].running, START_WITHIN_S)

    def node(self, target: int) -> Node:
        """Return the target-th broker."""
        return self.kafka.nodes[target % len(self.kafka.nodes)]

    # Progress.

    def offsets(self, topics: list[str]) -> dict[tuple[str, int], int]:
        """Return the group's offsets. A new client each time, for the reason of `ask`."""
        places = [(topic, partition) for topic in topics for partition in range(PARTITIONS)]
        return committed(asking_for(self.kafka.bootstrap, self.settings.group), places, OFFSETS_WITHIN_S)

    def taken_in(self, seen: Mapping[tuple[str, int], int]) -> bool:
        """Return whether every stage has read what was `seen`: for each partition its last offset."""
        inputs = [topic for stage in self.flow.all() for topic in stage.inputs]
        try:
            offsets = self.offsets(inputs)
        except KafkaException:
            return False
        return are_past(offsets, seen)

    def hidden(self) -> dict[tuple[str, int], int]:
        """Return the partitions where an open transaction hides what follows, and from which offset on."""
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        asked = {
            TopicPartition(topic, partition): latest
            for topic in self.oracle.topics()
            for partition in range(PARTITIONS)
        }

        def offsets(level: IsolationLevel) -> dict[tuple[str, int], int]:
            return self.ask(
                lambda admin: {
                    (tp.topic, tp.partition): answer.result(PATIENCE_S).offset
                    for tp, answer in admin.list_offsets(asked, isolation_level=level).items()
                }
            )

        deadline = time.monotonic() + ANSWER_WITHIN_S
        while True:
            try:
                stable, high = (
                    offsets(level)
                    for level in (IsolationLevel.READ_COMMITTED, IsolationLevel.READ_UNCOMMITTED)
                )
            except KafkaException:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return {place: offset for place, offset in stable.items() if offset < high[place]}

    def await_progress(self, within_s: float) -> None:
        """Return when what is stored from now on is taken in, on every partition, by every stage."""
        deadline = time.monotonic() + within_s
        before = self.journal.ends()
        arrears = self.flow.intake.inputs
        for condition in (self._stored_more(arrears, before), self._all_taken_in()):
            while not condition():
                self.check()
                if time.monotonic() > deadline:
                    raise AssertionError(f"no progress within {within_s:g} s")
                time.sleep(0.1)

    def _stored_more(
        self, topics: tuple[str, ...], before: Mapping[tuple[str, int], int]
    ) -> Callable[[], bool]:
        def condition() -> bool:
            try:
                offsets = self.offsets(list(topics))
            except KafkaException:
                return False
            return all(offset > before.get(place, -1) + 1 for place, offset in offsets.items())

        return condition

    def _all_taken_in(self) -> Callable[[], bool]:
        seen: dict[tuple[str, int], int] = {}

        def condition() -> bool:
            if not seen:
                seen.update(self.journal.ends())
            return self.taken_in(seen)

        return condition

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Stop the feed, and wait until everything has been taken in."""
        self.feed.pause()
        deadline = time.monotonic() + REST_WITHIN_S
        at_rest = come_to_rest(self.journal.ends, self.hidden, self.taken_in)
        while not at_rest():
            self.check()
            if time.monotonic() > deadline:
                raise AssertionError(f"not at rest within {REST_WITHIN_S:g} s")
            time.sleep(0.1)
        yield
        self.feed.go_on()

    def judge(self) -> Verdict:
        """Ask the oracle, at rest."""
        with self.at_rest():
            return self.oracle.judge(self.journal, self.feed.acknowledged)
