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
from itertools import groupby
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
from eropaf.gateway.logboek.activities import HOUSEHOLD, topics
from eropaf.gateway.logboek.book import Book
from eropaf.gateway.logboek.lines import Lines, Told
from eropaf.gateway.logboek.post import Post
from eropaf.gateway.logboek.serve import PURPOSE, Telling
from eropaf.gateway.logboek.subjects import Subjects
from eropaf.settings import Settings
from eropaf.streams.runtime.garbage import collect_seldom
from eropaf_client.source import KafkaSource, Record, Run, to_the_end
from tests.between_marks import put
from tests.builders import SECRET
from tests.collector import Collector
from tests.integration.processes import Process, ended

SIGNALS = 30_000
WITHIN_S = 240.0
WAITS_S = 0.5
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
        collect_seldom()  # as the command does
        endpoint = where.get()
        for name in ("at its start", "later"):  # a worker has begun, too, before it is measured
            telling_s, lines = _telling(settings, endpoint, Path(folder) / f"{name}.ledger")
        reading_s = _reading(settings, lines)
        over.set()
        collector.join()
        with closing(KafkaSource(settings.cluster(), topics(settings.creditors), PURPOSE)) as source:
            records = list(to_the_end(source, settings.cluster()))
    made = Lines(REGISTER, Subjects(SECRET))
    runs = [
        Run(*place, list(each))
        for place, each in groupby(records, lambda each: (each.topic(), each.partition()))
    ]
    alone = _each(records, lambda _: _all(made, runs))
    rows = {
        "a worker, a signal": f"{worker_s / signals * 1e6:.1f} µs",
        "the process that tells, a signal": f"{telling_s / signals * 1e6:.1f} µs, {lines:,} lines",
        "of the worker's time": f"{telling_s / worker_s:.1%}",
        "reading by Kafka's client alone, a signal": f"{reading_s / signals * 1e6:.1f} µs",
        "a line, made alone": f"{alone:.2f} µs",
        "its pseudonym, made alone": f"{_each(records, _pseudonyms):.2f} µs",
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


def _telling(settings: Settings, endpoint: str, book_at: Path) -> tuple[float, int]:
    """Return the seconds of processor time for telling all there is, and how many lines that was."""
    lines = _Counted(Lines(REGISTER, Subjects(SECRET)))
    with (
        closing(Book(book_at)) as book,
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


def _all(made: Lines, runs: list[Run]) -> None:
    for run in runs:
        made.add(Told([], Counter(), {}), run)


def _reading(settings: Settings, lines: int) -> float:
    """Return the seconds of processor time for reading as many records as there are lines, and no more."""
    with closing(KafkaSource(settings.cluster(), topics(settings.creditors), PURPOSE)) as source:
        source.start({})
        began, read = time.process_time(), 0
        while read < lines:
            read += sum(len(each.records) for each in source.runs(WAITS_S) if isinstance(each, Run))
        return time.process_time() - began


def _pseudonyms(records: list[Record]) -> None:
    made = Subjects(SECRET).of(HOUSEHOLD, "")
    for record in records:
        made(record.key())


class _Counted:
    def __init__(self, lines: Lines) -> None:
        self._lines, self.request = lines, lines.request
        self.count = 0

    def add(self, told: Told, run: Run) -> None:
        before = len(told.lines)
        self._lines.add(told, run)
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
