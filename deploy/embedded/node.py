"""One broker of a running cluster, for use and for abuse."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import psutil

from eropaf.deploy.embedded import ports
from eropaf.deploy.embedded.errors import EmbeddedKafkaError, NotRunning, PortInUse
from eropaf.deploy.embedded.launch import (
    BROKER_STOPS_WITHIN_S,
    NODE_CHECKED_EVERY_S,
    Guarded,
    await_ready,
    start_guarded,
)
from eropaf.deploy.embedded.plan import NodePlan
from eropaf.deploy.embedded.spawn import close

PAUSE_WITHIN_S = 60.0
CLEAN_EXIT = 128 + signal.SIGTERM  # 143: Java's way of saying that it was asked to stop, and did


class Node:
    """A Kafka broker and controller in a process of its own."""

    def __init__(self, plan: NodePlan, temporary: Path | None, ready_within_s: float) -> None:
        self.plan = plan
        self.exit_status: int | None = None  # of the last run; 143 is a clean stop, 137 a kill
        self._temporary = temporary
        self._ready_within_s = ready_within_s
        self._running: Guarded | None = None

    @property
    def id(self) -> int:
        """The broker id, from 1."""
        return self.plan.id

    @property
    def port(self) -> int:
        """Where clients connect."""
        return self.plan.ports.broker

    @property
    def log_path(self) -> Path:
        """What the broker said since its last start. The run before is beside it, as `.log.1`."""
        return self.plan.log_path

    @property
    def running(self) -> bool:
        """Return whether the process is there, also if it is paused."""
        return self._running is not None and self._running.guard.poll() is None

    @property
    def pid(self) -> int:
        """The pid of the Java process.

        Raises:
            NotRunning: there is none.

        """
        return self._java().pid

    def start(self, wait: bool = True) -> None:
        """Start on the same port and data as before; return when the broker serves again.

        With `wait=False` return at once: one node of three serves only when a second one is there.

        Raises:
            PortInUse: somebody took the port meanwhile.
            BrokerNotStarted: it ended, or was not ready in time.

        """
        if self.running:
            return
        self.await_exit()
        for port in (self.plan.ports.broker, self.plan.ports.controller):
            if not ports.is_free(port):
                raise PortInUse(
                    f"Kafka node {self.id} cannot come back: port {port} is taken by another process. Find "
                    f"it with `ss -ltnp sport = {port}`, end it, and start the node again."
                )
        self._running = start_guarded(self.plan, self._temporary)
        if wait:
            await_ready([self.plan], lambda _: self.running, self._ready_within_s, whole=False)

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL); return when it is gone."""
        self._java().kill()
        self.await_exit()

    def terminate(self, within_s: float = BROKER_STOPS_WITHIN_S) -> None:
        """Ask it to stop orderly; kill it if it has not in time. Return when it is gone."""
        java = self._java()
        java.resume()  # a paused process does not hear
        java.terminate()
        try:
            self.await_exit(within_s)
        except subprocess.TimeoutExpired:
            self.kill()

    def pause(self) -> None:
        """Freeze it (SIGSTOP): connections stay open, nothing is answered."""
        java = self._java()
        java.suspend()
        deadline = time.monotonic() + PAUSE_WITHIN_S
        while java.status() != psutil.STATUS_STOPPED:
            if time.monotonic() > deadline:
                raise EmbeddedKafkaError(f"Kafka node {self.id} (pid {java.pid}) cannot be paused; stop it")
            time.sleep(NODE_CHECKED_EVERY_S)

    def resume(self) -> None:
        """Let it go on after a pause."""
        self._java().resume()

    def await_exit(self, timeout_s: float | None = None) -> None:
        """Return when it has ended; at once if it does not run.

        Raises:
            subprocess.TimeoutExpired: it still runs.

        """
        if self._running:
            self._running.guard.wait(timeout_s)
            self.exit_status = close(self._running.guard)
            self._running = None

    def _java(self) -> psutil.Process:
        if self._running is None or not self.running:
            raise NotRunning(
                f"Kafka node {self.id} is not running. Start it with `start()`; see {self.log_path}"
            )
        return self._running.java
