"""One worker on a backlog of signals: how many a second, at what cost; checked by the oracle.

    python -m bench.baseline [SIGNALS]

Puts the signals of a synthetic city on a fresh broker, then starts the real worker, and measures
from its first checkpoint until every stage has read everything. Writes bench/BASELINE.md.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path

import psutil
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from bench.own_worker import arguments, beside_ours
from eropaf.agents.topology import Stages, stages
from eropaf.cluster.flow_topics import create_topics
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.install import install
from eropaf.settings import Settings
from eropaf.simulate.month import month
from eropaf.streams.operate import reading
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import arrears
from eropaf_client.schemas.wire import Codec
from tests.journal import asking_for, committed
from tests.oracle import Oracle
from tests.verdict import Verdict

SIGNALS = 200_000
# In a synthetic March most households have none, a few have several.
HOUSEHOLDS_PER_SIGNAL = 58.6
GIVE_UP_AFTER_S = 600
REPORT = Path(__file__).parent / "BASELINE.md"


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one run: seconds from the first checkpoint to the last, and what the processes used."""

    signals: int
    seconds: float
    worker_cpu_s: float
    broker_cpu_s: float
    worker_rss_mib: float
    broker_rss_mib: float


def main(signals: int) -> int:
    """Measure and report; exit 1 where the oracle finds a difference."""
    with EmbeddedKafka() as kafka:
        settings = Settings(
            bootstrap=kafka.bootstrap, household_secret=hashlib.sha256(b"baseline").hexdigest(), workers=1
        )
        create_topics(settings)
        flow = stages(settings.group, settings.creditors, LocalRegistry())
        sent = publish(settings, signals)
        measured = measure(settings, flow, sent, kafka.nodes[0].pid)
        oracle = Oracle.of(settings, flow)
        verdict = oracle.judge()
    report = as_markdown(measured, verdict)
    print(report)
    REPORT.write_text(report, encoding="utf-8")
    return 0 if verdict.clean else 1


def publish(settings: Settings, signals: int) -> int:
    """Put about `signals` signals on the creditors' topics, as far from each other as in a month."""
    days = month(round(signals * HOUSEHOLDS_PER_SIGNAL), date(2026, 3, 1), seed=1)
    codecs = {name: Codec("ArrearsSignal", arrears(name), LocalRegistry()) for name in settings.creditors}
    producer = Producer(
        {
            "bootstrap.servers": settings.bootstrap,
            "partitioner": "murmur2_random",
            "queue.buffering.max.messages": 1_000_000,
            "enable.idempotence": True,
            "linger.ms": 50,
            "compression.type": "lz4",
        }
    )
    count = 0
    for day in days:
        for wave in day.waves:
            for each in wave:
                value = codecs[each.creditor].encode(each.signal.to_record())
                producer.produce(arrears(each.creditor), key=each.signal.contract.encode(), value=value)
                count += 1
        producer.flush()
    return count


def measure(settings: Settings, flow: Stages, sent: int, broker_pid: int) -> Measured:
    """Run one worker until it has read everything."""
    process = subprocess.Popen([sys.executable, *arguments(settings)], env=beside_ours(settings))
    try:
        return _until_done(settings, flow, sent, psutil.Process(process.pid), psutil.Process(broker_pid))
    finally:
        process.terminate()
        process.wait(15)


def _until_done(
    settings: Settings, flow: Stages, sent: int, worker: psutil.Process, broker: psutil.Process
) -> Measured:
    inputs = [
        TopicPartition(arrears(name), p) for name in settings.creditors for p in range(settings.partitions)
    ]
    places = [(tp.topic, tp.partition) for tp in inputs]
    admin = AdminClient({"bootstrap.servers": settings.bootstrap})
    group = asking_for(settings.bootstrap, settings.group)
    give_up = time.monotonic() + GIVE_UP_AFTER_S
    while max(reading.patiently(lambda: committed(group, places)).values()) < 0:
        time.sleep(0.02)
    started, before = time.monotonic(), (_cpu_s(worker), _cpu_s(broker))
    at_start = sum(max(0, offset) for offset in committed(group, places).values())
    while not all_read(admin, group, settings, flow):
        if time.monotonic() > give_up:
            raise TimeoutError(f"{sent} signals were not read within {GIVE_UP_AFTER_S} s")
        time.sleep(0.1)
    return Measured(
        sent - at_start,
        time.monotonic() - started,
        _cpu_s(worker) - before[0],
        _cpu_s(broker) - before[1],
        _peak_rss_mib(worker),
        _peak_rss_mib(broker),
    )


def all_read(admin: AdminClient, group: Consumer, settings: Settings, flow: Stages) -> bool:
    """Return whether every stage has read its inputs to their ends."""
    latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
    asked = {
        TopicPartition(topic, partition): latest
        for stage in flow.all()
        for topic in stage.inputs
        for partition in range(settings.partitions)
    }
    ends = {(tp.topic, tp.partition): f.result(10).offset for tp, f in admin.list_offsets(asked).items()}
    read = committed(group, ends)
    # A transaction's marker takes the last offset of a partition, and is never read.
    return all(read[place] >= end - 1 or end == 0 for place, end in ends.items())


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _peak_rss_mib(process: psutil.Process) -> float:
    for line in Path(f"/proc/{process.pid}/status").read_text("utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise LookupError("the kernel tells no VmHWM")


def as_markdown(measured: Measured, verdict: Verdict) -> str:
    """Return the report."""
    per_event = 1e6 / measured.signals
    return f"""# Baseline: one worker

`make baseline` on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores ({platform.machine()}), Python
{platform.python_version()}, faust-streaming {version("faust-streaming")}, confluent-kafka
{version("confluent-kafka")}, Apache Kafka {install(None).kafka} on the same machine, one broker, 8
partitions.

A backlog of a synthetic city's signals goes through the real job: intake, household, ranking. Each
signal is read and written three times, with rows and offsets, in transactions of 100 ms.

| | |
|---|---|
| signals | {measured.signals:,} |
| signals/s | {measured.signals / measured.seconds:,.0f} |
| CPU of the worker, µs a signal | {measured.worker_cpu_s * per_event:,.0f} |
| CPU of the broker, µs a signal | {measured.broker_cpu_s * per_event:,.0f} |
| peak RSS of the worker, MiB | {measured.worker_rss_mib:,.0f} |
| peak RSS of the broker, MiB | {measured.broker_rss_mib:,.0f} |

The oracle compared every update, row, risk, rejection, answer and offset with what the rules make of
the input: {verdict}.

Machines differ, and so does one machine from hour to hour: only ratios within one run say how fast
this is.
"""


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else SIGNALS))
