"""One broker of a running cluster, for use and for fault tests."""

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
        """The broker's log since its last start. The previous run's is next to it, as `.log.1`."""
        return self.plan.log_path

    @property
    def running(self) -> bool:
        """Return whether the process exists, even if paused."""
        return self._running is not None and self._running.guard.poll() is None

    @property
    def pid(self) -> int:
        """The pid of the Java process.

        Raises:
            NotRunning: it is not running.

        """
        return self._java().pid

    def start(self, wait: bool = True) -> None:
        """Start on the same port and data as before; return once the broker is ready again.

        With `wait=False` return at once: one node of three is ready only when a second one is up.

        Raises:
            PortInUse: somebody has taken the port.
            BrokerNotStarted: it ended, or was not ready in time.

        """
        if self.running:
            return
        self.await_exit()
        for port in (self.plan.ports.broker, self.plan.ports.controller):
            if not ports.is_free(port):
                raise PortInUse(
                    f"Kafka node {self.id} cannot come back: port {port} is taken by another process. Find "
                    f"it with `ss -ltnp sport = {port}`, stop it, and start the node again."
                )
        self._running = start_guarded(self.plan, self._temporary)
        if wait:
            await_ready([self.plan], lambda _: self.running, self._ready_within_s, whole=False)

    def kill(self) -> None:
        """Kill it as a power cut would (SIGKILL); return once it is gone."""
        self._java().kill()
        self.await_exit()

    def terminate(self, within_s: float = BROKER_STOPS_WITHIN_S) -> None:
        """Ask it to stop; kill it if it takes too long. Return once it is gone."""
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
        """Resume it after a pause."""
        self._java().resume()

    def await_exit(self, timeout_s: float | None = None) -> None:
        """Return once it has ended; at once if it is not running.

        Raises:
            subprocess.TimeoutExpired: it is still running.

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
