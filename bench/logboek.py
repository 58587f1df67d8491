"""What the processing log costs: processor time beside a worker's own, for the same signals, in one run.

    python -m bench.logboek [SIGNALS]

One worker runs the whole flow on SIGNALS signals (30,000 unless told), with nothing that tells of it; then
`eropaf logboek` tells a collector of all of it, in this process. The collector is a process of its own. Last,
what the same lines cost as spans of OpenTelemetry's SDK. Writes a table into docs/performance.md (`make
logboek-pace`).
"""

from __future__ import annotations

import multiprocessing
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext

from bench.burst import deliver
from bench.flood import Reached
from bench.own_worker import arguments, environment
from bench.results import PERFORMANCE, heading
from eropaf.cluster.flow_topics import create_topics
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.gateway.logboek.activities import topics
from eropaf.gateway.logboek.book import Book
from eropaf.gateway.logboek.lines import Lines, Told
from eropaf.gateway.logboek.post import Post
from eropaf.gateway.logboek.serve import PURPOSE, Telling
from eropaf.gateway.logboek.subjects import Subjects
from eropaf.settings import Settings
from eropaf_client.source import KafkaSource, Record, to_the_end
from tests.between_marks import put
from tests.builders import SECRET
from tests.collector import Collector
from tests.integration.processes import Process, ended

SIGNALS = 30_000
WITHIN_S = 240.0
REGISTER = "https://register.example.org/processing"


def collect(where: Any, over: Any) -> None:
    """Run a collector until it is over."""
    with Collector().listening() as collector:
        where.put(collector.endpoint)
        over.wait()


def main(signals: int) -> None:
    """Measure on a broker of its own, print, and write it down."""
    with EmbeddedKafka() as kafka, TemporaryDirectory() as folder:
        settings = Settings(bootstrap=kafka.bootstrap, household_secret=SECRET.decode())
        create_topics(settings)
        worker_s = _worker(settings, Path(folder), signals)
        spawn = multiprocessing.get_context("spawn")
        where, over = spawn.Queue(), spawn.Event()
        collector = spawn.Process(target=collect, args=(where, over))
        collector.start()
        telling_s, lines = _telling(settings, where.get(), Path(folder))
        over.set()
        collector.join()
        with closing(KafkaSource(settings.cluster(), topics(settings.creditors), PURPOSE)) as source:
            records = list(to_the_end(source, settings.cluster()))
    made = Lines(REGISTER, Subjects(SECRET))
    alone = _each(records, lambda each: made.add(Told([], Counter(), {}), each))
    rows = {
        "a worker, a signal": f"{worker_s / signals * 1e6:.1f} µs",
        "the process that tells, a signal": f"{telling_s / signals * 1e6:.1f} µs, {lines:,} lines",
        "of the worker's time": f"{telling_s / worker_s:.1%}",
        "a line, made alone": f"{alone:.2f} µs",
        "a span of the SDK": f"{_each(records[:2000], _spans):.0f} µs",
    }
    table = f"{heading('make logboek-pace')}| processor time, {signals:,} signals | |\n|---|---|\n"
    table += "".join(f"| {what} | {took} |\n" for what, took in rows.items())
    print(table)
    put(PERFORMANCE, "logboek", table)


def _worker(settings: Settings, folder: Path, signals: int) -> float:
    """Return the seconds of processor time that a worker takes for signals, once it reads."""
    worker = Process(arguments(settings), folder / "log", **environment(settings))
    reached = Reached(settings)
    with ended(worker):
        process = psutil.Process(worker.popen.pid)
        deliver(settings.bootstrap, 1)
        worker.until(lambda: reached.read() > 0, WITHIN_S, "the worker reads")
        before = process.cpu_times()
        deliver(settings.bootstrap, signals)
        worker.until(lambda: reached.lag() == 0, WITHIN_S, "all is worked off")
        spent = process.cpu_times()
    return float(spent.user + spent.system - before.user - before.system)


def _telling(settings: Settings, endpoint: str, folder: Path) -> tuple[float, int]:
    """Return the seconds of processor time for telling all there is, and how many lines that was."""
    lines = _Counted(Lines(REGISTER, Subjects(SECRET)))
    with (
        closing(Book(folder / "logboek.ledger")) as book,
        closing(Post(endpoint, None, None)) as post,
        closing(KafkaSource(settings.cluster(), topics(settings.creditors), PURPOSE)) as source,
    ):
        telling = Telling(source, lines, post, book)  # type: ignore[arg-type]
        never = threading.Event()
        began = time.process_time()
        before = -1
        while lines.count > before or not lines.count:
            before = lines.count
            telling.step(never)
        return time.process_time() - began, lines.count


class _Counted:
    def __init__(self, lines: Lines) -> None:
        self._lines, self.request = lines, lines.request
        self.count = 0

    def add(self, told: Told, records: list[Record]) -> None:
        before = len(told.lines)
        self._lines.add(told, records)
        self.count += len(told.lines) - before


def _each(records: list[Record], do: Callable[[list[Record]], object]) -> float:
    """Return the microseconds for a record, the least of some rounds."""
    least = float("inf")
    for _ in range(5):
        began = time.process_time()
        do(records)
        least = min(least, time.process_time() - began)
    return least / len(records) * 1e6


def _spans(records: list[Record]) -> list[object]:
    return [_span(record) for record in records]


def _span(record: Any) -> object:
    at = record.timestamp()[1] * 1_000_000
    attributes = {
        "dpl.core.processing_activity_id": f"{REGISTER}/joining-1",
        "dpl.core.data_subject_id": "0" * Subjects.LENGTH,
        "dpl.core.data_subject_id_type": f"{REGISTER}/subjects/household",
    }
    span = ReadableSpan("joined", SpanContext(1, 1, False), attributes=attributes, start_time=at, end_time=at)
    return encode_spans([span]).SerializeToString()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIGNALS)
