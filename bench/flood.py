"""A feed ten times faster than its worker: memory stays bounded, nothing is lost, the lag drains.

    python -m bench.flood [SECONDS]

Starts a broker and one worker, which is let run a twenty-fourth of the time only: else no feeder of Python
could be ten times as fast, nor would anybody wait until it has drained. Sees how fast the worker is so,
feeds ten times as fast for SECONDS (300 unless told), lets the worker run all the time until everything
is read, and lets the oracle compare. Exits with 1 where something differs or the worker took more memory
than it may. With 300 seconds it takes a quarter of an hour.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from confluent_kafka import Producer, TopicPartition

from bench.own_worker import arguments, environment
from eropaf.agents.topology import stages
from eropaf.cluster.flow_topics import create_topics
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.settings import Settings
from eropaf.streams.operate import reading
from eropaf.streams.operate.topics import admin
from eropaf.streams.topic_partition import TP
from eropaf_client.records import ArrearsSignal, PartnerType, Resident, SignalKind
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import arrears
from eropaf_client.schemas.wire import Codec
from tests.builders import SECRET
from tests.integration.processes import Process, ended, meanwhile, slowed, until
from tests.journal import asking_for
from tests.oracle import Oracle

SECONDS = 300.0
FASTER = 10
# A worker runs for the first of each of these pairs of seconds, and is stopped for the other.
RUNS_S, RESTS_S = 0.01, 0.23
# Few, so that the tables stop growing and what grows is a buffer.
HOUSEHOLDS = 2_000
CREDITOR = "rent"
SEEN_FOR_S = 5.0
STARTED_WITHIN_S = 120.0
DRAINED_WITHIN = 10.0
"""Times the length of the flood, and at least five minutes."""
# docs/explanation/limits.md says how this follows from the settings.
MOST_RSS_MIB = 512.0


@dataclass(frozen=True, slots=True)
class Flood:
    """What one flood showed. Memory in MiB, rates in signals a second."""

    seconds: float
    fed: int
    fed_per_s: float
    read_per_s: float
    lag_at_end: int
    drained_s: float
    rss_before_mib: float
    rss_peak_mib: float
    differences: dict[str, int]

    @property
    def well(self) -> bool:
        """Whether nothing was lost and memory stayed within its bound."""
        return not self.differences and self.rss_peak_mib < MOST_RSS_MIB


class Feed:
    """Signals on one contract of each of a few households, each with the next version."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "partitioner": "murmur2_random",
                "queue.buffering.max.messages": 1_000_000,
                "enable.idempotence": True,
                "linger.ms": 20,
                "compression.type": "lz4",
            }
        )
        self._codec = Codec("ArrearsSignal", arrears(CREDITOR), LocalRegistry())
        self._number = count()
        self.fed = 0

    def at(self, per_s: float, seconds: float) -> None:
        """Feed at a steady pace, as far as this machine can."""
        began, before = time.monotonic(), self.fed
        while (passed := time.monotonic() - began) < seconds:
            while self.fed - before < per_s * passed:
                self._one()
            time.sleep(0.01)
        self._producer.flush()

    def _one(self) -> None:
        number = next(self._number)
        household, version = number % HOUSEHOLDS, number // HOUSEHOLDS + 1
        signal = ArrearsSignal(
            signal_id=f"s-{number}",
            contract=f"c-{household}",
            kind=SignalKind.CHANGED,
            partner_type=PartnerType.RENT,
            amount_cents=30_000 + number * 7_919 % 200_000,
            monthly_bill_cents=55_000,
            reported_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
            version=version,
            resident=Resident(postcode="1011 AB", house_number=str(household + 1)),
        )
        value = self._codec.encode(signal.to_record())
        while True:
            try:
                self._producer.produce(arrears(CREDITOR), key=signal.contract.encode(), value=value)
            except BufferError:
                self._producer.poll(0.1)
            else:
                break
        self._producer.poll(0)
        self.fed += 1


class Reached:
    """How far a group has read, and how far it may."""

    def __init__(self, settings: Settings) -> None:
        flow = stages(settings.group, settings.creditors, LocalRegistry())
        self._kafka = admin(settings.bootstrap, {})
        self._inputs = [
            tp
            for stage in flow.all()
            for topic in stage.inputs
            for tp in reading.partitions(self._kafka, topic)
        ]
        self._asking = asking_for(settings.bootstrap, settings.group)

    def read(self, topic: str | None = None) -> int:
        """Return how many offsets of `topic`, or of all inputs, are behind the group."""
        return sum(self._offsets(topic).values())

    def lag(self) -> int:
        """Return how many records wait; a transaction's marker at a partition's end is none."""
        read = self._offsets(None)
        return sum(max(0, end - 1 - read[tp]) for tp, end in reading.ends(self._kafka, read).items())

    def _offsets(self, topic: str | None) -> dict[TP, int]:
        asked = [TopicPartition(*tp) for tp in self._inputs if topic in (None, tp.topic)]
        found = reading.patiently(lambda: self._asking.committed(asked, timeout=60))
        return {TP(tp.topic, tp.partition): max(0, tp.offset) for tp in found}


class Memory:
    """Resident memory of a process, looked at ten times a second."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.peak_mib = 0.0

    def now_mib(self) -> float:
        """Return what it takes now."""
        return float(self._process.memory_info().rss) / 2**20

    def watch(self, over: threading.Event) -> None:
        """Note the peak until it is over."""
        while not over.wait(0.1):
            self.peak_mib = max(self.peak_mib, self.now_mib())


def flood(settings: Settings, worker: Process, seconds: float) -> Flood:
    """Flood `worker`, which runs on topics that nothing else writes to."""
    feed, reached, memory = Feed(settings.bootstrap), Reached(settings), Memory(worker.popen.pid)
    topic = arrears(CREDITOR)
    with meanwhile(memory.watch):
        with slowed(psutil.Process(worker.popen.pid), runs_s=RUNS_S, rests_s=RESTS_S):
            # What it can do: kept busy, each signal goes through every stage.
            feed.at(10_000, SEEN_FOR_S)
            until(lambda: reached.read(topic) > 0, STARTED_WITHIN_S, "the worker reads")
            before, began = reached.read(topic), time.monotonic()
            until(lambda: reached.read(topic) > before, STARTED_WITHIN_S, "the worker reads on")
            time.sleep(SEEN_FOR_S)
            pace = (reached.read(topic) - before) / (time.monotonic() - began)
            rss_before = memory.now_mib()
            fed, read, began = feed.fed, reached.read(topic), time.monotonic()
            feed.at(pace * FASTER, seconds)
            took = time.monotonic() - began
            fed, read = feed.fed - fed, reached.read(topic) - read
            lag = reached.lag()
        drained = _drained(reached, worker, max(300.0, seconds * DRAINED_WITHIN))
    return Flood(
        seconds=round(took, 1),
        fed=feed.fed,
        fed_per_s=round(fed / took),
        read_per_s=round(read / took),
        lag_at_end=lag,
        drained_s=round(drained, 1),
        rss_before_mib=round(rss_before),
        rss_peak_mib=round(memory.peak_mib),
        differences=_differences(settings),
    )


def _drained(reached: Reached, worker: Process, within_s: float) -> float:
    began = time.monotonic()
    while reached.lag():
        if worker.popen.poll() is not None:
            raise RuntimeError(f"the worker ended: {worker.said[-500:]}")
        if time.monotonic() - began > within_s:
            raise TimeoutError(f"{reached.lag()} records still wait after {within_s:.0f} s")
        time.sleep(0.2)
    return time.monotonic() - began


def _differences(settings: Settings) -> dict[str, int]:
    flow = stages(settings.group, settings.creditors, LocalRegistry())
    oracle = Oracle.of(settings, flow)
    return {column: found for column, found in oracle.judge().counts.items() if found}


def main(seconds: float) -> int:
    """Flood for `seconds`; exit 1 where it did not go well."""
    with EmbeddedKafka() as kafka, TemporaryDirectory() as folder:
        settings = Settings(
            bootstrap=kafka.bootstrap, household_secret=SECRET.decode(), creditors=(CREDITOR,)
        )
        create_topics(settings)
        worker = Process(arguments(settings), Path(folder) / "log", **environment(settings))
        with ended(worker):
            found = flood(settings, worker, seconds)
    print(json.dumps(asdict(found), indent=2))
    return 0 if found.well else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS))
