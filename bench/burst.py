"""A creditor delivers a month at once: how long an ordinary event waits meanwhile, and when it is quiet.

    python -m bench.burst [SIGNALS]

One worker runs the whole flow. One creditor puts SIGNALS (a million unless told) on its topic at once,
while another sends some a second, each about a household that must be told of. Writes bench/BURST.md.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from confluent_kafka import Producer

from bench.broker import Subscriber
from bench.flood import Reached
from bench.results import setting
from clients.records import ArrearsSignal, PartnerType, Resident, SignalKind
from deploy.embedded import EmbeddedKafka
from eropaf.commands.topics import create_topics
from eropaf.settings import Settings
from schemas.registry import LocalRegistry
from schemas.topics import PRIORITIES, arrears
from schemas.wire import Codec
from tests.builders import SECRET
from tests.integration.processes import Process, ended

SIGNALS = 1_000_000
AT_ONCE, ORDINARY = "rent", "health"
PER_S = 50
CALM_S = 10.0
QUIET_WITHIN_S = 600.0
REPORT = Path(__file__).parent / "BURST.md"

URGENT = ArrearsSignal(
    signal_id="",
    contract="",
    kind=SignalKind.REPORTED,
    partner_type=PartnerType.RENT,
    amount_cents=300_000,
    monthly_bill_cents=55_000,
    reported_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
    version=1,
    resident=Resident(),
)


@dataclass(frozen=True, slots=True)
class Burst:
    """Milliseconds that ordinary events waited, calm and during the burst; seconds until it was quiet."""

    signals: int
    calm_ms: list[float]
    busy_ms: list[float]
    quiet_s: float


class Ordinary:
    """Events of the other creditor, each of a household of its own, and when each was told."""

    def __init__(self, settings: Settings) -> None:
        self._producer = Producer({"bootstrap.servers": settings.bootstrap, "partitioner": "murmur2_random"})
        self._codec = Codec("ArrearsSignal", arrears(ORDINARY), LocalRegistry())
        self._updates = Codec("PriorityUpdate", PRIORITIES, LocalRegistry())
        self._subscriber = Subscriber(settings.bootstrap, PRIORITIES)
        self._sent: dict[int, float] = {}
        self._began = time.monotonic()
        self._count = 0

    def turn(self) -> dict[int, float]:
        """Send what is due, and give the milliseconds of those that were told."""
        while self._count < (time.monotonic() - self._began) * PER_S:
            self._count += 1
            signal = replace(
                URGENT,
                signal_id=f"o-{self._count}",
                contract=f"o-{self._count}",
                resident=Resident(postcode="1011 AB", house_number=str(self._count)),
            )
            value = self._codec.encode(signal.to_record())
            self._producer.produce(arrears(ORDINARY), key=signal.contract.encode(), value=value)
            self._sent[self._count] = time.monotonic()
        self._producer.poll(0)
        told = {}
        for message in self._subscriber.read(0.005):
            address = self._updates.decode(message.value())["address"]
            if address["postcode"] == "1011AB" and address["house_number"] in self._sent:
                number = address["house_number"]
                told[number] = (time.monotonic() - self._sent.pop(number)) * 1000
        return told

    @property
    def waiting(self) -> int:
        """Number of those that are not told yet."""
        return len(self._sent)


def deliver(bootstrap: str, signals: int) -> None:
    """Put everything on the creditor's topic at once."""
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "partitioner": "murmur2_random",
            "queue.buffering.max.messages": 2_000_000,
            "linger.ms": 50,
            "compression.type": "lz4",
        }
    )
    codec = Codec("ArrearsSignal", arrears(AT_ONCE), LocalRegistry())
    for number in range(signals):
        signal = replace(
            URGENT,
            signal_id=f"b-{number}",
            contract=f"b-{number}",
            amount_cents=60_000 + number % 7 * 40_000,
            resident=Resident(postcode=f"{2000 + number % 6000} CD", house_number=str(number // 6000 + 1)),
        )
        producer.produce(
            arrears(AT_ONCE), key=signal.contract.encode(), value=codec.encode(signal.to_record())
        )
    producer.flush()


def measure(settings: Settings, worker: Process, signals: int) -> Burst:
    """Send ordinary events, calm at first; then the burst beside them, until nothing waits."""
    ordinary, reached = Ordinary(settings), Reached(settings)
    calm: list[float] = []
    busy: list[float] = []
    until = time.monotonic() + CALM_S
    while time.monotonic() < until:
        calm += ordinary.turn().values()
    # In a process of its own: what others wait must not be what this one is busy with.
    delivering = multiprocessing.get_context("spawn").Process(
        target=deliver, args=(settings.bootstrap, signals)
    )
    delivering.start()
    began = asked = time.monotonic()
    while True:
        busy += ordinary.turn().values()
        if worker.popen.poll() is not None or time.monotonic() - began > QUIET_WITHIN_S:
            raise RuntimeError(f"not quiet; the worker said: {worker.said[-500:]}")
        if time.monotonic() - asked > 1:
            asked = time.monotonic()
            if not delivering.is_alive() and reached.lag() < PER_S:
                return Burst(signals, calm[len(calm) // 2 :], busy, time.monotonic() - began)


def as_markdown(found: Burst) -> str:
    """Give the report."""
    where = "; ".join(f"{name} {value}" for name, value in setting().items())
    return f"""# A burst of one creditor

`make bench-burst`: {where}.

One worker, the whole flow. {found.signals:,} signals of one creditor at once, beside {PER_S} a second
of another, each about a household that outreach must hear of. It was quiet after {found.quiet_s:.0f} s.

| ordinary event, sent to update read | p50 ms | p99 ms | most ms |
|---|---|---|---|
| calm | {_cells(found.calm_ms)} |
| during the burst | {_cells(found.busy_ms)} |
"""


def _cells(waited: list[float]) -> str:
    ordered = sorted(waited)
    return " | ".join(f"{ordered[min(len(ordered) - 1, int(len(ordered) * s))]:,.0f}" for s in (0.5, 0.99, 1))


def main(signals: int) -> None:
    """Measure on a broker of its own."""
    with EmbeddedKafka() as kafka, TemporaryDirectory() as folder:
        settings = Settings(bootstrap=kafka.bootstrap, household_secret=SECRET.decode())
        create_topics(settings)
        worker = Process(
            ["-m", "eropaf.worker", "worker-1", str(settings.metrics_port)],
            Path(folder) / "log",
            EROPAF_BOOTSTRAP=kafka.bootstrap,
            EROPAF_HOUSEHOLD_SECRET=SECRET.decode(),
            EROPAF_LOG_LEVEL="warning",
        )
        with ended(worker):
            report = as_markdown(measure(settings, worker, signals))
    print(report)
    REPORT.write_text(report, "utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIGNALS)
