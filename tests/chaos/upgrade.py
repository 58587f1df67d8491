"""`python -m tests.chaos.upgrade`: a rolling upgrade under load, with a schema change.

Workers are replaced one at a time, as Kubernetes does it with a StatefulSet, by those of a version that
writes one more field in every record. Prints how long updates took before, during and after, from the
moment a signal was stored until a subscriber had the update, and what the oracle says. Exits 1 where it finds
a difference, or where not both versions wrote updates.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

from confluent_kafka import Consumer, TopicPartition

from eropaf.cluster.flow_topics import create_topics
from eropaf.deploy.embedded.install import install
from eropaf_client.schemas.topics import PRIORITIES
from tests.chaos.faults.upgrades import WITHIN_S, install_next_version
from tests.chaos.feed import RESIDENTS_KNOWN
from tests.chaos.setup import Setup
from tests.chaos.system import PARTITIONS, System

OPEN = "partitions open"
# The register has told of every resident by then: a signal on a BSN that waits for it is late by nobody's
# fault.
WARM_UP_S = RESIDENTS_KNOWN + 5.0


class Pods(System):
    """Workers each on its own, as pods are, instead of under one supervisor."""

    def run_workers(self) -> None:
        create_topics(self.settings)  # as `eropaf topics create` does before the first pod
        for number in range(self.setup.workers):
            self.add_worker(f"pod-{number}")

    @property
    def workers_said(self) -> str:
        return "".join(pod.said for pod in self.extra.values())

    def check_workers(self) -> None:
        for name, pod in self.extra.items():
            assert pod.popen.poll() is None, f"{name} ended: {pod.said[-2000:]}"

    def replace(self, name: str) -> None:
        """End a worker in order, start it from the code as it is now, and wait until it reads."""
        before = self.extra[name].said.count(OPEN)
        self.remove_worker(name)
        self.add_worker(name)
        added = self.extra[name]
        added.until(lambda: added.said.count(OPEN) > before, WITHIN_S, f"{name} reads")

    def _end_workers(self) -> None:
        for pod in self.extra.values():
            pod.kill()


class Subscriber:
    """Notes of each update when it came, how long after its signal, and of which schema version it is."""

    def __init__(self, bootstrap: str) -> None:
        self.came: list[tuple[float, float]] = []
        """Moment (monotonic), and milliseconds since the signal was stored."""
        self.schema_ids: set[int] = set()
        self._over = threading.Event()
        self._consumer = Consumer(
            {"bootstrap.servers": bootstrap, "group.id": "upgrade", "isolation.level": "read_committed"}
        )
        self._consumer.assign([TopicPartition(PRIORITIES, number, 0) for number in range(PARTITIONS)])
        self._thread = threading.Thread(target=self._read, name="subscriber")
        self._thread.start()

    def close(self) -> None:
        """End."""
        self._over.set()
        self._thread.join()
        self._consumer.close()

    def between(self, begin: float, end: float) -> list[float]:
        """Return the delays, in ms, of what came between two moments."""
        return [delay_ms for at, delay_ms in list(self.came) if begin <= at < end]

    def _read(self) -> None:
        while not self._over.is_set():
            for record in self._consumer.consume(1_000, 0.02):
                value = record.value()
                if record.error() is None and value is not None:
                    delay_ms = time.time() * 1000 - record.timestamp()[1]
                    self.came.append((time.monotonic(), delay_ms))
                    self.schema_ids.add(int.from_bytes(value[1:5], "big"))


def main() -> int:
    """Run, and print."""
    asked = _arguments()
    setup = Setup(asked.seed, asked.brokers, asked.workers, per_second=asked.per_second, with_registry=True)
    installation = install(None)
    with tempfile.TemporaryDirectory(prefix="eropaf-upgrade-") as folder, ExitStack() as stack:
        system = Pods(setup, Path(folder), installation)
        stack.enter_context(system)
        subscriber = Subscriber(system.kafka.bootstrap)
        try:
            table = _upgrade(system, subscriber, asked.seconds)
        finally:
            subscriber.close()
        verdict = system.judge()
    now = datetime.now(UTC)
    print(
        f"{asked.workers} workers, {asked.brokers} broker(s), {asked.per_second} signals a second, Kafka "
        f"{installation.kafka}, Python {platform.python_version()}, {os.cpu_count()} cores; {now:%Y-%m-%d}\n"
    )
    print(table)
    print(f"schema ids of updates: {sorted(subscriber.schema_ids)}\n{verdict}")
    return 0 if verdict.clean and len(subscriber.schema_ids) > 1 else 1


def _upgrade(system: Pods, subscriber: Subscriber, seconds: float) -> str:
    system.feed.go_on()
    time.sleep(WARM_UP_S)
    moments = [time.monotonic()]
    time.sleep(seconds)
    # What is installed beside the running version costs processors, and is no part of the roll.
    before_end = time.monotonic()
    install_next_version(system)
    moments.append(time.monotonic())
    for name in sorted(system.extra):
        system.replace(name)
    # The last of the roll comes a little later.
    time.sleep(1)
    moments.append(time.monotonic())
    time.sleep(seconds)
    moments.append(time.monotonic())
    system.check()
    phases = [
        ("before", moments[0], before_end),
        ("during", moments[1], moments[2]),
        ("after", moments[2], moments[3]),
    ]
    lines = ["| phase | seconds | updates | p50 ms | p99 ms | max ms |", "|---|---:|---:|---:|---:|---:|"]
    for name, begin, end in phases:
        lines.append(_line(name, end - begin, subscriber.between(begin, end)))
    return "\n".join(lines) + "\n"


def _line(name: str, seconds: float, delays_ms: Sequence[float]) -> str:
    p50, p99 = (statistics.quantiles(delays_ms, n=100)[at] for at in (49, 98))
    return f"| {name} | {seconds:.0f} | {len(delays_ms)} | {p50:.0f} | {p99:.0f} | {max(delays_ms):.0f} |"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.upgrade", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=1)
    parser.add_argument("--workers", type=int, choices=(2, 3, 4), default=3)
    parser.add_argument("--per-second", type=int, default=200, help="signals")
    parser.add_argument("--seconds", type=float, default=60.0, help="measured before, and after")
    return parser.parse_args()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leave no process behind
    with suppress(KeyboardInterrupt):
        sys.exit(main())
