"""Much at once: how long an ordinary event waits meanwhile, and when it is quiet.

    python -m bench.burst [SIGNALS]

One worker runs the whole flow. One creditor puts SIGNALS (a million unless told) on its topic at once, each
of a household of its own, while another sends some a second, each about a household that must be told of.
When all is quiet another policy is activated, and every household is reassessed. Writes
bench/BURST.md.
"""

from __future__ import annotations

import multiprocessing
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from confluent_kafka import Producer

from bench.broker import Subscriber
from bench.flood import Reached
from bench.own_worker import arguments, environment
from bench.results import setting
from eropaf.cluster.flow_topics import create_topics
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.settings import Settings
from eropaf_client.records import ArrearsSignal, PartnerType, Resident, SignalKind
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import PRIORITIES, arrears
from eropaf_client.schemas.wire import Codec
from tests.builders import AMSTERDAM_EXAMPLE, SECRET
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
class Phase:
    """Milliseconds that ordinary events waited beside something else, and its seconds until all was quiet."""

    during: str
    waited_ms: list[float]
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

    @property
    def kept_up_with(self) -> bool:
        """Whether some were told of, and less than a second's wait."""
        return len(self._sent) < min(self._count, PER_S)

    def turn(self) -> dict[int, float]:
        """Send what is due, and return the milliseconds of those that were told."""
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


def activate(told: Mapping[str, str], folder: Path) -> None:
    """Let a policy hold from now on under which every household that stands has more points."""
    text = AMSTERDAM_EXAMPLE.replace("amsterdam-example-3", "steeper-1")
    steeper = folder / "steeper.toml"
    steeper.write_text(re.sub(r"(points_per_month = )(\d)", r"\g<1>1\2", text), "utf-8")
    command = ["-m", "eropaf.main", "policy", "activate", str(steeper)]
    if Process(command, folder / "activate.log", **told).wait(60):
        raise RuntimeError("the policy was not activated")


class Watch:
    """Sends ordinary events all the time, and times what is done beside them."""

    def __init__(self, settings: Settings, worker: Process) -> None:
        self._ordinary, self._reached, self._worker = Ordinary(settings), Reached(settings), worker

    def calm(self) -> Phase:
        """Look at ordinary events alone, once the worker has started and told of those that waited for it."""
        began = time.monotonic()
        while not self._ordinary.kept_up_with:
            self._ordinary.turn()
            self._check(began)
        waited: list[float] = []
        until = time.monotonic() + CALM_S
        while time.monotonic() < until:
            waited += self._ordinary.turn().values()
        return Phase("nothing", waited[len(waited) // 2 :], 0.0)

    def beside(self, during: str, what: Callable[..., None], *arguments: object) -> Phase:
        """Do `what` in a process of its own, so that nobody waits for it here, until all is quiet."""
        process = multiprocessing.get_context("spawn").Process(target=what, args=arguments)
        process.start()
        waited: list[float] = []
        began = asked = time.monotonic()
        while True:
            waited += self._ordinary.turn().values()
            self._check(began)
            if time.monotonic() - asked > 1:
                asked = time.monotonic()
                if not process.is_alive() and self._reached.lag() < PER_S:
                    return Phase(during, waited, time.monotonic() - began)

    def _check(self, began: float) -> None:
        if self._worker.popen.poll() is not None or time.monotonic() - began > QUIET_WITHIN_S:
            raise RuntimeError(f"not quiet; the worker said: {self._worker.said[-500:]}")


def as_markdown(signals: int, phases: list[Phase]) -> str:
    """Return the report."""
    where = "; ".join(f"{name} {value}" for name, value in setting().items())
    rows = "\n".join(
        f"| {phase.during} | {phase.quiet_s:.0f} | {_cells(phase.waited_ms)} |" for phase in phases
    )
    return f"""# Much at once

`make bench-burst`: {where}.

One worker, the whole flow. {signals:,} signals of one creditor at once, each of a household of its own;
when that is quiet, a new policy under which every household is reassessed. Beside them {PER_S} a second
of another creditor, each about a household that outreach must hear of: how long those wait, from sent to
update read.

| beside | quiet after s | p50 ms | p99 ms | most ms |
|---|---|---|---|---|
{rows}
"""


def _cells(waited: list[float]) -> str:
    ordered = sorted(waited)
    return " | ".join(f"{ordered[min(len(ordered) - 1, int(len(ordered) * s))]:,.0f}" for s in (0.5, 0.99, 1))


def main(signals: int) -> None:
    """Measure on a broker of its own."""
    with EmbeddedKafka() as kafka, TemporaryDirectory() as folder:
        settings = Settings(bootstrap=kafka.bootstrap, household_secret=SECRET.decode())
        create_topics(settings)
        worker = Process(arguments(settings), Path(folder) / "log", **environment(settings))
        with ended(worker):
            watch = Watch(settings, worker)
            phases = [
                watch.calm(),
                watch.beside(f"{signals:,} signals", deliver, kafka.bootstrap, signals),
                watch.beside("another policy", activate, environment(settings), Path(folder)),
            ]
    report = as_markdown(signals, phases)
    print(report)
    REPORT.write_text(report, "utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIGNALS)
