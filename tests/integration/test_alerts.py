"""Each alert is provoked for real, fires, and is cured as its page says.

As on a bad day several things go wrong at once: faults that do not touch one another last side by side, and
each must be told of by its own alert. What ends only as a window passes is waited for at the end.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import psutil
import pytest
from confluent_kafka import Producer

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.installation import Installation as KafkaInstallation
from eropaf.deploy.embedded.ports import choose, first_free
from eropaf.simulate.month import month
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import Resident
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import arrears
from eropaf_client.schemas.wire import Codec
from tests.builders import SECRET, an_arrears_signal
from tests.conftest import SOON
from tests.integration.monitored import Prometheus
from tests.integration.processes import Process, ended, slowed, until
from tests.unit.deploy.test_runbooks import PAGES, commands

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]

GRAFANA = Path(__file__).parents[2] / "deploy" / "grafana"
ALERTS = Path(__file__).parents[2] / "docs" / "explanation" / "alerts.md"
FIRES_WITHIN_S = 110
CURED_WITHIN_S = 110
AWAY_S = 13
# Of the commands on the pages, those that look at a worker or at the cluster. Others need a board, rights,
# Kubernetes or systemd: that they are there is tests/unit/deploy/test_runbooks.py's.
LOOKS = r"curl \S+ '?http://127\.0\.0\.1:\[?9464|eropaf (rejected list|policy show|topics create|status)\b"


def write_into(page: Path, table: str) -> None:
    """Put `table` in the place of the one on `page`."""
    before, _, after = page.read_text("utf-8").partition("<!-- provoked -->\n")
    _, end, after = after.partition("<!-- /provoked -->")
    page.write_text(f"{before}<!-- provoked -->\n{table}{end}{after}", "utf-8")


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
        self.run = Process(["-m", "eropaf.main", "run"], folder / "run.log", **self.environment)
        self.prometheus = Prometheus(
            folder,
            [f"127.0.0.1:{self.port + n}" for n in range(2)],
            visitor=f"127.0.0.1:{self.port + 2}",
        )

    def workers(self) -> list[psutil.Process]:
        """Return the workers that run, by name."""
        named = {}
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
        producer.flush(10)

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
            self._producer.flush(10)
            self._sent += self.AT_ONCE

    def _read(self) -> float:
        found = self._watched.prometheus.value('sum(eropaf_records_in_total{topic="arrears.rent"})')
        return float(found[0]["value"][1]) if found else 0.0


@pytest.fixture(scope="module")
def watched(
    installation: KafkaInstallation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    if shutil.which("prometheus") is None:
        pytest.skip("NO PROMETHEUS, SO NO ALERT IS PROVOKED: install Debian's package `prometheus`")
    with EmbeddedKafka(installation=installation, properties=SOON) as kafka:
        running = Installation(kafka, tmp_path_factory.mktemp("watched"))
        try:
            running.begins("EropafClockStopped", "no clock runs")
            query = 'sum(eropaf_partitions_open{stage="intake"}) == 8'
            until(lambda: bool(running.prometheus.value(query)), 60, "every partition read")
            yield running
            if os.environ.get("EROPAF_ALERT_TABLE"):  # make alerts
                write_into(ALERTS, running.table())
        finally:
            running.prometheus.popen.kill()
            running.prometheus.popen.wait()
            for worker in running.workers():
                worker.resume()
            running.run.kill()


def test_a_creditor_that_falls_silent_is_told_of_later(watched: Installation) -> None:
    for _ in range(4):
        watched.publish_of_both()
        time.sleep(1)  # a rhythm is one in time
    watched.begins("EropafCreditorSilent", "a creditor publishes, then does not")


def test_updates_that_come_late_are_told_of(watched: Installation) -> None:
    for worker in watched.workers():
        worker.suspend()
    watched.publish_households(50)
    # So long that nothing of before is within what the rule looks at.
    time.sleep(AWAY_S)
    for worker in watched.workers():
        worker.kill()

    watched.fires("EropafUpdatesLate", "the workers are away for a while, and read a backlog")

    watched.remedied("EropafUpdatesLate", "the backlog has been read")


def test_a_worker_that_hangs_is_told_of_and_one_that_is_ended_comes_back(watched: Installation) -> None:
    hanging = watched.workers()[0]
    hanging.suspend()
    watched.fires("EropafWorkerDown", "a worker is stopped (SIGSTOP)")

    os.kill(hanging.pid, signal.SIGKILL)

    watched.cured("EropafWorkerDown", "`kill -KILL`; its supervisor starts another")


def test_a_worker_that_ends_again_and_again_is_told_of(watched: Installation) -> None:
    def kill_one_that_answers() -> None:
        if watched.prometheus.value(f'up{{instance="127.0.0.1:{watched.port}"}} == 1'):
            for worker in watched.workers()[:1]:
                with suppress(psutil.NoSuchProcess):
                    worker.kill()

    watched.fires("EropafWorkerRestarts", "a worker is killed three times", kill_one_that_answers)

    watched.remedied("EropafWorkerRestarts", "the cause ends")


def test_that_no_clock_runs_is_told_of_until_the_day_is(watched: Installation) -> None:
    watched.told_of("EropafClockStopped")

    today = datetime.now(UTC).date().isoformat()
    tick = Process(
        ["-m", "eropaf.main", "tick", "--on", today], watched.folder / "tick.log", **watched.environment
    )
    with ended(tick):
        assert tick.wait(60) == 0, tick.said

    watched.cured("EropafClockStopped", "`eropaf tick --on` today")


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
        watched.fires("EropafCheckpointOld", "the broker is stopped with work in hand")
    finally:
        node.resume()

    watched.cured("EropafCheckpointOld", "`kill -CONT`")


def test_a_bad_delivery_a_burst_and_a_wrong_setting_at_once_fire_an_alert_each(
    watched: Installation,
) -> None:
    watched.told_of("EropafCreditorSilent")
    watched.remedied("EropafCreditorSilent", "it publishes")
    shipped = files("eropaf.risk").joinpath("policies", "amsterdam-example.toml").read_text("utf-8")
    other = watched.folder / "other.toml"
    other.write_text(re.sub("^version = .*", 'version = "another"', shipped, flags=re.MULTILINE), "utf-8")
    visitor = ["-m", "eropaf.worker", "visitor", str(watched.port + 2)]
    watched.begins("EropafWorkersDisagree", "a worker whose settings name another policy")
    watched.begins("EropafRejectedBurst", "records that nobody can read")
    watched.begins("EropafCreditorBursting", "a creditor sends its file over and over")

    def all_three() -> None:
        watched.poison(5)
        watched.publish("water", 50)

    odd = Process(visitor, watched.folder / "odd.log", **watched.environment, EROPAF_POLICY=str(other))
    with ended(odd):
        watched.told_of("EropafRejectedBurst", all_three)
        watched.remedied("EropafRejectedBurst", "the source ends")
        watched.told_of("EropafCreditorBursting", lambda: watched.publish("water", 50))
        watched.remedied("EropafCreditorBursting", "it stops")
        watched.told_of("EropafWorkersDisagree")
        odd.kill()
        watched.cured("EropafWorkersDisagree", "stop it")

    watched.over("EropafCreditorBursting")
    watched.over("EropafCreditorSilent", watched.publish_of_both)


def test_more_than_can_be_read_is_told_of_until_it_can_be(watched: Installation) -> None:
    flood = Flood(watched)

    # Else the one that sends, on the same two cores, is no match for them.
    with slowed(*watched.workers(), runs_s=0.1, rests_s=0.2):
        watched.fires("EropafLagGrows", "more comes than two workers read", flood.rise)

    watched.cured("EropafLagGrows", "it is read")


def test_rows_that_do_not_come_back_are_told_of_until_what_holds_them_ends(watched: Installation) -> None:
    holding = Producer(
        {
            "bootstrap.servers": watched.kafka.bootstrap,
            "transactional.id": "nobody ends it",
            "transaction.timeout.ms": 300_000,
        }
    )
    holding.init_transactions(20)
    holding.begin_transaction()
    for partition in range(4):
        holding.produce("eropaf-household-changelog", key=b"nobody", value=None, partition=partition)
    holding.flush(10)
    for worker in watched.workers():
        worker.kill()

    watched.fires("EropafRestoreStuck", "a transaction that is left open hides the rows")

    holding.abort_transaction(20)
    watched.cured("EropafRestoreStuck", "the transaction is aborted")


def test_each_command_with_which_a_page_looks_answers(watched: Installation) -> None:
    lines = {line for page in PAGES for line in commands(page)}
    asked = sorted(line for line in lines if re.match(LOOKS, line))
    assert len(asked) > 10

    def answered(line: str) -> tuple[str, int, str]:
        here = line.replace("9464", str(watched.port)).replace("9465", str(watched.port + 1))
        here = re.sub(r"^eropaf ", f"{sys.executable} -m eropaf.main ", here)
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", here],
            env={**os.environ, **watched.environment},
            capture_output=True,
            text=True,
            timeout=60,
        )
        return line, done.returncode, done.stderr

    with ThreadPoolExecutor(2) as pool:
        # Alerts were provoked here: with 1 `eropaf status` says that something needs a person.
        failed = [
            each
            for each in pool.map(answered, asked)
            if each[1] not in ({0, 1} if each[0] == "eropaf status" else {0}) or "Traceback" in each[2]
        ]
    assert failed == []


def test_what_a_window_must_pass_for_has_ended_too(watched: Installation) -> None:
    for alert in ("EropafWorkerRestarts", "EropafRejectedBurst", "EropafUpdatesLate"):
        watched.over(alert)


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
