"""What workers and their broker take, sampled while they live."""

from __future__ import annotations

import csv
import threading
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil
from confluent_kafka import KafkaException
from prometheus_client.parser import text_string_to_metric_families

from tests.soak.judged import MEMORY, ROWS

MIB = 1024 * 1024
# By the worker's own word: records that wait, and rows that it keeps.
TOLD = {"eropaf_lag_records": "records that wait", "eropaf_table_rows": ROWS}

Samples = dict[tuple[str, str], list[tuple[float, float]]]


class Sampler:
    """Looks at every process each `period_s`, on a thread of its own, for as long as it is entered.

    What it sees is added to the file `course`, line by line: a slope alone does not say when something grew.
    """

    def __init__(
        self,
        workers: Callable[[], list[psutil.Process]],
        others: Mapping[str, Callable[[], dict[str, float]]],
        period_s: float,
        course: Path,
    ) -> None:
        self.samples: Samples = defaultdict(list)
        """By process and what is measured: when (seconds, monotonic), and how much."""
        self._workers = workers
        self._others = others
        self._period_s = period_s
        self._course = course
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def __enter__(self) -> Sampler:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._over.set()
        self._thread.join()
        sampled = {process for process, _ in self.samples}
        if exc_info[0] is None and (never := sorted(set(self._others) - sampled)):
            raise RuntimeError(f"nothing could be sampled of {', '.join(never)}")

    def _run(self) -> None:
        while not self._over.wait(self._period_s):
            rows = 0.0
            for worker in self._workers():
                found = seen(lambda worker=worker: {**taken(worker), **told(worker)})  # type: ignore[misc]
                rows += found.pop(ROWS, 0.0)
                self._note(f"worker {worker.pid}", found)
            # One worker's follow the partitions that it has, which others leave to it and take again.
            self._note("all workers", {ROWS: rows})
            for name, look in self._others.items():
                self._note(name, seen(look))

    def _note(self, process: str, found: Mapping[str, float]) -> None:
        at = time.monotonic()
        with self._course.open("a") as course:
            for what, value in found.items():
                self.samples[process, what].append((at, value))
                csv.writer(course).writerow([f"{at:.1f}", process, what, f"{value:.2f}"])


def seen(look: Callable[[], dict[str, float]]) -> dict[str, float]:
    """Return what there is to see; nothing of a process that ended just now, or has not begun."""
    try:
        return look()
    except (psutil.Error, OSError, KafkaException, StopIteration):
        return {}


def taken(process: psutil.Process) -> dict[str, float]:
    """Return what the kernel counts of a process."""
    return {
        MEMORY: process.memory_info().rss / MIB,
        "descriptors": process.num_fds(),
        "threads": process.num_threads(),
        "connections": len(process.net_connections("tcp4")),
    }


def told(worker: psutil.Process) -> dict[str, float]:
    """Return what a worker counts itself."""
    listening = (each for each in worker.net_connections("tcp4") if each.status == psutil.CONN_LISTEN)
    address = f"http://127.0.0.1:{next(listening).laddr.port}/metrics"
    with urllib.request.urlopen(address, timeout=2) as answer:  # loopback
        text = answer.read().decode()
    found = dict.fromkeys(TOLD.values(), 0.0)
    for family in text_string_to_metric_families(text):
        if family.name in TOLD:
            found[TOLD[family.name]] += sum(sample.value for sample in family.samples)
    return found
