"""A system whose alerts are provoked, and what is noted of each."""

from __future__ import annotations

import re
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
from confluent_kafka import Producer

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.ports import choose, first_free
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import Resident
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import arrears
from eropaf_client.schemas.wire import Codec
from tests.builders import SECRET, an_arrears_signal
from tests.integration.monitored import Prometheus
from tests.integration.processes import PATIENCE_S, Process, until

GRAFANA = Path(__file__).parents[2] / "deploy" / "grafana"
ALERTS = Path(__file__).parents[2] / "docs" / "explanation" / "alerts.md"
FIRES_WITHIN_S = 240
CURED_WITHIN_S = 240


class Installation:
    """Two workers, a broker, and a Prometheus that watches them."""

    def __init__(self, kafka: EmbeddedKafka, folder: Path) -> None:
        self.kafka = kafka
        self.port = first_free(choose(1)[0], 3)
        self.folder = folder
        self.told: dict[str, list[str]] = {}
        self._began: dict[str, float] = {}
        self._remedied: dict[str, float] = {}
        self.environment = {
            "EROPAF_BOOTSTRAP": kafka.bootstrap,
            "EROPAF_HOUSEHOLD_SECRET": SECRET.decode(),
            "EROPAF_METRICS_PORT": str(self.port),
            "EROPAF_CREDITORS": "rent,water",
            "EROPAF_PARTITIONS": "4",
            # Whose clock stopped: no day is told until a test does.
            "EROPAF_CLOCK": "none",
        }
        self.prometheus = Prometheus(
            folder,
            [f"127.0.0.1:{self.port + n}" for n in range(2)],
            visitor=f"127.0.0.1:{self.port + 2}",
        )
        self.run = Process(["-m", "eropaf.main", "run"], folder / "run.log", **self.environment)

    def workers(self) -> list[psutil.Process]:
        """Return the workers that run, by name."""
        named = {}
        with suppress(psutil.NoSuchProcess):  # nobody keeps them running
            for worker in psutil.Process(self.run.popen.pid).children():
                with suppress(psutil.NoSuchProcess, IndexError):  # it ended just now, or is about to begin
                    named[worker.cmdline()[-2]] = worker
        return [named[name] for name in sorted(named)]

    def read(self) -> float:
        """Return how many signals of rent the workers have taken in since they started."""
        pages = []
        for port in (self.port, self.port + 1):
            with (
                suppress(OSError),  # it is being started
                urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as page,
            ):
                pages.append(page.read().decode())
        counts = re.findall(r'eropaf_records_in_total\{topic="arrears.rent"\} (\S+)', "".join(pages))
        return sum(map(float, counts))

    def publish(self, creditor: str, count: int) -> None:
        """Publish signals of as many contracts."""
        started = time.monotonic()
        with ArrearsPublisher(self.kafka.bootstrap, creditor) as publisher:
            publisher.report_all(
                an_arrears_signal(signal_id=f"{started}-{n}", contract=f"{started}-{n}") for n in range(count)
            )

    def publish_of_both(self) -> None:
        """Publish a signal of each creditor."""
        self.publish("rent", 1)
        self.publish("water", 1)

    def publish_households(self, count: int) -> None:
        """Publish a signal for each of so many households, of each of which outreach is told."""
        with ArrearsPublisher(self.kafka.bootstrap, "rent") as publisher:
            publisher.report_all(
                an_arrears_signal(
                    signal_id=f"late-{n}",
                    contract=f"late-{n}",
                    amount_cents=400_000,
                    resident=Resident(postcode="1011AB", house_number=str(1_000 + n)),
                )
                for n in range(count)
            )

    def poison(self, count: int) -> None:
        """Publish what nobody can read."""
        producer = Producer({"bootstrap.servers": self.kafka.bootstrap, "log_level": 0})
        for _ in range(count):
            producer.produce("arrears.rent", b"no record", b"key")
        producer.flush(PATIENCE_S)

    def begins(self, alert: str, fault: str) -> None:
        """Note that `fault` begins now, of which `alert` must tell; what other faults set off is over."""
        self._quiet(alert)
        self.told[alert] = [fault]
        self._began[alert] = time.monotonic()

    def told_of(self, alert: str, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Wait until `alert` fires for what has begun."""

        def firing() -> bool:
            meanwhile()
            return alert in self.prometheus.firing()

        until(firing, FIRES_WITHIN_S, f"{alert} fires; {self.prometheus.firing()} do")
        self.told[alert].append(f"{time.monotonic() - self._began[alert]:.1f} s")

    def fires(self, alert: str, fault: str, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Wait until `alert` fires for `fault`, which begins now."""
        self.begins(alert, fault)
        self.told_of(alert, meanwhile)

    def remedied(self, alert: str, remedy: str) -> None:
        """Note that the `remedy` of its page is done; that `alert` ends by it is waited for later."""
        self.told[alert].append(remedy)
        self._remedied[alert] = time.monotonic()

    def cured(self, alert: str, remedy: str, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Wait until `alert` fires no more, after the `remedy` of its page."""
        self.remedied(alert, remedy)
        self.over(alert, meanwhile)

    def over(self, alert: str, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Wait until `alert`, which was remedied, fires no more."""
        self._quiet(alert, meanwhile)
        self.told[alert].append(f"{time.monotonic() - self._remedied[alert]:.1f} s")

    def _quiet(self, alert: str, meanwhile: Callable[[], object] = lambda: None) -> None:
        def quiet() -> bool:
            meanwhile()
            return alert not in self.prometheus.firing()

        until(quiet, CURED_WITHIN_S, f"{alert} ends")

    def table(self) -> str:
        """Return what each alert took, as Markdown."""
        lines = [
            "| alert | the fault | fired after | remedy of the page | ended after |",
            "|---|---|---|---|---|",
        ]
        for alert, told in sorted(self.told.items()):
            lines.append(" | ".join([f"| [{alert}](../runbooks/{alert}.md)", *told]) + " |")
        return "\n".join(lines) + "\n"


class Flood:
    """Sends the same signals over and over: ever more wait, whether many are read or none."""

    # Half as many again as are read, and where reading stands still so many a second all the same.
    FIRST, TIMES, PER_SECOND, AT_ONCE = 20_000, 1.5, 4_000, 1_000

    def __init__(self, watched: Installation) -> None:
        topic = arrears("rent")
        self._watched = watched
        self._topic = topic
        encode = Codec("ArrearsSignal", topic, LocalRegistry()).encode
        signals = (
            an_arrears_signal(resident=Resident(postcode="1012AB", house_number=f"{n}")) for n in range(1, 41)
        )
        self._values = [encode(signal.to_record()) for signal in signals]
        self._producer = Producer({"bootstrap.servers": watched.kafka.bootstrap, "compression.type": "lz4"})
        self._sent = 0
        self._before, self._began = self._read(), time.monotonic()

    def rise(self) -> None:
        """Send what is due by now."""
        by_now = self.PER_SECOND * (time.monotonic() - self._began)
        while self._sent < self.FIRST + max(by_now, self.TIMES * (self._read() - self._before)):
            for number in range(self.AT_ONCE):
                self._producer.produce(self._topic, key=f"{number}", value=self._values[number % 40])
            self._producer.flush(PATIENCE_S)
            self._sent += self.AT_ONCE

    def _read(self) -> float:
        found = self._watched.prometheus.value('sum(eropaf_records_in_total{topic="arrears.rent"})')
        return float(found[0]["value"][1]) if found else 0.0
