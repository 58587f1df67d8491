"""Each alert is provoked for real, fires, and is cured as its page says."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import psutil
import pytest
from confluent_kafka import Producer

from clients.publisher import ArrearsPublisher
from deploy.embedded import EmbeddedKafka
from deploy.embedded.installation import Installation as KafkaInstallation
from deploy.embedded.ports import choose, first_free
from simulate.month import month
from tests.builders import SECRET, an_arrears_signal
from tests.conftest import SOON
from tests.integration.monitored import Prometheus
from tests.integration.processes import Process, ended, until

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]

GRAFANA = Path(__file__).parents[2] / "deploy" / "grafana"
FIRES_WITHIN_S = 75
CURED_WITHIN_S = 75


class Installation:
    """Two workers, a broker, and a Prometheus that watches them."""

    def __init__(self, kafka: EmbeddedKafka, folder: Path) -> None:
        self.kafka = kafka
        self.port = first_free(choose(1)[0], 3)
        self.folder = folder
        self.environment = {
            "EROPAF_BOOTSTRAP": kafka.bootstrap,
            "EROPAF_HOUSEHOLD_SECRET": SECRET.decode(),
            "EROPAF_METRICS_PORT": str(self.port),
            "EROPAF_CREDITORS": "rent,water",
            "EROPAF_PARTITIONS": "4",
            # Whose clock stopped: no day is told until a test does.
            "EROPAF_CLOCK": "none",
        }
        self.run = Process(["-m", "eropaf.main", "run"], folder / "run.log", **self.environment)
        self.prometheus = Prometheus(
            folder,
            [f"127.0.0.1:{self.port + n}" for n in range(2)],
            visitor=f"127.0.0.1:{self.port + 2}",
        )

    def workers(self) -> list[psutil.Process]:
        """Give the workers that run, by name."""
        named = {}
        for worker in psutil.Process(self.run.popen.pid).children():
            with suppress(psutil.NoSuchProcess):  # it ended just now
                named[worker.cmdline()[-2]] = worker
        return [named[name] for name in sorted(named)]

    def read(self) -> float:
        """Give how many signals of rent the workers have taken in since they started."""
        pages = []
        for port in (self.port, self.port + 1):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as page:
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

    def poison(self, count: int) -> None:
        """Publish what nobody can read."""
        producer = Producer({"bootstrap.servers": self.kafka.bootstrap, "log_level": 0})
        for _ in range(count):
            producer.produce("arrears.rent", b"no record", b"key")
        producer.flush(10)

    def fires(self, alert: str, meanwhile: Callable[[], object] = lambda: None) -> float:
        """Wait until `alert` fires; give the seconds it took."""
        started = time.monotonic()

        def firing() -> bool:
            meanwhile()
            return alert in self.prometheus.firing()

        until(firing, FIRES_WITHIN_S, f"{alert} fires; {self.prometheus.firing()} do")
        return time.monotonic() - started

    def cured(self, alert: str, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Wait until `alert` fires no more."""

        def quiet() -> bool:
            meanwhile()
            return alert not in self.prometheus.firing()

        until(quiet, CURED_WITHIN_S, f"{alert} ends")


@pytest.fixture(scope="module")
def watched(
    installation: KafkaInstallation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    if shutil.which("prometheus") is None:
        pytest.skip("NO PROMETHEUS, SO NO ALERT IS PROVOKED: install Debian's package `prometheus`")
    with EmbeddedKafka(installation=installation, properties=SOON) as kafka:
        running = Installation(kafka, tmp_path_factory.mktemp("watched"))
        try:
            query = 'sum(eropaf_partitions_open{stage="intake"}) == 8'
            until(lambda: bool(running.prometheus.value(query)), 60, "every partition read")
            yield running
        finally:
            running.prometheus.popen.kill()
            running.prometheus.popen.wait()
            for worker in running.workers():
                worker.resume()
            running.run.kill()


def test_that_no_clock_runs_is_told_of_until_the_day_is(watched: Installation) -> None:
    watched.fires("EropafClockStopped")

    today = datetime.now(UTC).date().isoformat()
    tick = Process(
        ["-m", "eropaf.main", "tick", "--on", today], watched.folder / "tick.log", **watched.environment
    )
    with ended(tick):
        assert tick.wait(60) == 0, tick.said

    watched.cured("EropafClockStopped")


def test_a_worker_that_hangs_is_told_of_and_one_that_is_ended_comes_back(watched: Installation) -> None:
    hanging = watched.workers()[0]
    hanging.suspend()
    watched.fires("EropafWorkerDown")

    os.kill(hanging.pid, signal.SIGKILL)

    watched.cured("EropafWorkerDown")


def test_a_worker_that_ends_again_and_again_is_told_of(watched: Installation) -> None:
    def kill_one_that_answers() -> None:
        if watched.prometheus.value(f'up{{instance="127.0.0.1:{watched.port}"}} == 1'):
            for worker in watched.workers()[:1]:
                with suppress(psutil.NoSuchProcess):
                    worker.kill()

    watched.fires("EropafWorkerRestarts", kill_one_that_answers)

    watched.cured("EropafWorkerRestarts")


def test_a_worker_that_cannot_save_is_told_of_until_the_broker_is_back(watched: Installation) -> None:
    node = watched.kafka.nodes[0]
    before = watched.read()
    for worker in watched.workers():
        worker.suspend()
    watched.publish("rent", 12_000)
    for worker in watched.workers():
        worker.resume()
    # In the middle of them, so that there is something to save.
    until(lambda: watched.read() != before, 30, "signals being read")
    node.pause()
    try:
        watched.fires("EropafCheckpointOld")
    finally:
        node.resume()

    watched.cured("EropafCheckpointOld")


def test_a_burst_of_rejections_is_told_of_and_ends_with_its_cause(watched: Installation) -> None:
    watched.fires("EropafRejectedBurst", lambda: watched.poison(20))

    watched.cured("EropafRejectedBurst")


def test_a_creditor_that_falls_silent_is_told_of_until_it_publishes_again(watched: Installation) -> None:
    for _ in range(4):
        watched.publish_of_both()
        time.sleep(1)  # a rhythm is one in time
    watched.fires("EropafCreditorSilent")

    watched.cured("EropafCreditorSilent", watched.publish_of_both)


def test_workers_of_two_secrets_are_told_of_until_the_wrong_one_is_stopped(watched: Installation) -> None:
    environment = watched.environment | {"EROPAF_HOUSEHOLD_SECRET": "another secret than the others have"}
    visitor = ["-m", "eropaf.worker", "visitor", str(watched.port + 2)]
    odd = Process(visitor, watched.folder / "odd.log", **environment)
    with ended(odd):
        watched.fires("EropafWorkersDisagree")

        odd.kill()
        watched.cured("EropafWorkersDisagree")


def test_no_panel_of_a_dashboard_is_empty_on_a_day_of_the_city(watched: Installation) -> None:
    days = month(20_000, date(2026, 3, 1), seed=3)
    signals = [sent.signal for day in days for wave in day.waves for sent in wave]
    with ArrearsPublisher(watched.kafka.bootstrap, "rent") as publisher:
        publisher.report_all(signals[:300])
        watched.poison(4)
        until(lambda: bool(watched.prometheus.value("sum(eropaf_updates_total) > 10")), 60, "updates")
        publisher.report_all(signals[300:600])
        watched.poison(4)
    empty: list[str] = []

    def all_full() -> bool:
        empty.clear()
        for board in sorted(GRAFANA.glob("*.json")):
            for panel in json.loads(board.read_text("utf-8"))["panels"]:
                for target in panel["targets"]:
                    query = target["expr"].replace("$__rate_interval", "10s").replace("$instance", ".*")
                    if not watched.prometheus.value(query.replace("$creditor", ".*")):
                        empty.append(f"{board.stem}: {panel['title']}")
        return not empty

    until(all_full, 30, f"every panel shows something; empty are {empty}")
