"""A Kafka cluster that lives as long as the process that starts it."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from eropaf.deploy.embedded import identity, processes
from eropaf.deploy.embedded.errors import DataDirInUse, NotRunning, PortInUse
from eropaf.deploy.embedded.file_lock import LOCK, file_lock
from eropaf.deploy.embedded.install import install
from eropaf.deploy.embedded.installation import DATA_VARIABLE, Installation
from eropaf.deploy.embedded.jvm import HEAP_MB
from eropaf.deploy.embedded.launch import BROKERS_READY_WITHIN_S, await_ready, ended
from eropaf.deploy.embedded.node import Node
from eropaf.deploy.embedded.place import kept_in, temporary
from eropaf.deploy.embedded.plan import Folders, Properties, Settings, prepare
from eropaf.deploy.embedded.progress import Progress
from eropaf.deploy.embedded.security import Security

START_ATTEMPTS = 3


class EmbeddedKafka:
    """One or more real brokers on this machine.

    Nothing outlives the process that starts it, even if that is killed with -9: no Java, and no data unless
    `data_dir` is given. Ctrl-C reaches only this process, not the brokers, which it then stops.

    `properties` are merged last into each node's settings; a function gives each node its own. A test of a
    worker's death wants it noticed soon:

        EmbeddedKafka(properties={
            "group.consumer.session.timeout.ms": "1500",   # a silent member is dead after 1.5 s
            "group.consumer.heartbeat.interval.ms": "300",
            "transaction.abort.timed.out.transaction.cleanup.interval.ms": "500",
        })

    With `security`, clients connect over TLS, each under its own name.

    By default a member is dead after 6 s and heartbeats every 0.5 s; the minimums are 500 ms and 100 ms.
    """

    def __init__(
        self,
        nodes: int = 1,
        data_dir: Path | None = None,
        *,
        properties: Properties | None = None,
        security: Security | None = None,
        heap_mb: int = HEAP_MB,
        ready_within_s: float = BROKERS_READY_WITHIN_S,
        progress: Progress | None = None,
        installation: Installation | None = None,
    ) -> None:
        self._count = nodes
        self._data_dir = data_dir.absolute() if data_dir else None
        self._settings = Settings(heap_mb, properties, security=security)
        self._ready_within_s = ready_within_s
        self._progress = progress
        self._installation = installation
        self._temporary: Path | None = None
        self._bootstrap = ""
        self.nodes: tuple[Node, ...] = ()

    @property
    def bootstrap(self) -> str:
        """Return the bootstrap servers: "127.0.0.1:port,...".

        Raises:
            NotRunning: the cluster was not started.

        """
        if not self._bootstrap:
            raise NotRunning("this Kafka has not been started: call start(), or use it in a `with` statement")
        return self._bootstrap

    def start(self) -> EmbeddedKafka:
        """Install Kafka if needed, start all nodes, and return once the whole cluster is ready.

        Raises:
            EmbeddedKafkaError: it could not start; nothing is left running.

        """
        if self._bootstrap:
            return self
        installation = self._installation or install(self._progress)
        for attempt in range(1, START_ATTEMPTS + 1):
            try:
                self._start(installation)
            except BaseException as error:
                self.stop()
                # Somebody may take a port between its choice and its use; persistent data keeps its port.
                if not isinstance(error, PortInUse) or self._data_dir or attempt == START_ATTEMPTS:
                    raise
            else:
                break
        return self

    def check(self) -> None:
        """Raise if a node has ended by itself.

        Raises:
            NoPlace: as its folder is full.
            BrokerEnded: for another reason.

        """
        for node in self.nodes:
            if not node.running:
                raise ended(node.plan, self._variable)

    def stop(self) -> None:
        """Stop all nodes: cleanly, or at once if the data is temporary and deleted anyway. Idempotent."""
        if self.nodes:
            with ThreadPoolExecutor(len(self.nodes)) as pool:  # together: each waits for the others
                list(pool.map(self._end, self.nodes))
        if self._temporary:
            shutil.rmtree(self._temporary)
            self._temporary = None
        self._bootstrap = ""

    def __enter__(self) -> EmbeddedKafka:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self, installation: Installation) -> None:
        folders = self._folders()
        with kept_in(folders.data_dir, self._variable), file_lock(folders.data_dir / LOCK):
            if running := processes.find_all(folders.data_dir):
                raise DataDirInUse(
                    f"a Kafka (pid {running[0].pid}) runs on {folders.data_dir} already. Stop it, or use "
                    "another data directory."
                )
            taken = identity.take(folders.data_dir, installation.kafka, self._count)
            identity.write(folders.data_dir, taken)
            plans = prepare(folders, taken, installation, self._settings)
            self.nodes = tuple(Node(plan, folders.temporary, self._ready_within_s) for plan in plans)
            for node in self.nodes:
                node.start(wait=False)
        await_ready(plans, lambda plan: self.nodes[plan.id - 1].running, self._ready_within_s)
        if self._settings.security:
            self._settings.security.create_users(taken.bootstrap)
        self._bootstrap = taken.bootstrap

    @property
    def _variable(self) -> str:
        return DATA_VARIABLE if self._data_dir else "TMPDIR"

    def _folders(self) -> Folders:
        if self._data_dir:
            return Folders(self._data_dir)
        self._temporary = temporary("eropaf-kafka-")
        return Folders(self._temporary, temporary=self._temporary)

    def _end(self, node: Node) -> None:
        with suppress(NotRunning):
            if self._temporary:
                node.kill()
            else:
                node.terminate()
        node.await_exit()
