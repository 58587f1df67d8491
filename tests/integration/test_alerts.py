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
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from importlib.resources import files

import psutil
import pytest
from confluent_kafka import Producer

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.installation import Installation as KafkaInstallation
from eropaf.simulate.month import month
from eropaf_client.publisher import ArrearsPublisher
from tests.between_marks import put
from tests.conftest import SOON
from tests.integration.alerted import (
    ALERTS,
    GRAFANA,
    Flood,
    Installation,
)
from tests.integration.processes import PATIENCE_S, Process, ended, slowed, until
from tests.unit.deploy.test_runbooks import PAGES, commands

# One test waits for quiet, for its alert and for its end: four minutes each.
pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900)]

AWAY_S = 13
# Of the commands on the pages, those that look at a worker or at the cluster. Others need a board, rights,
# Kubernetes or systemd: that they are there is tests/unit/deploy/test_runbooks.py's.
LOOKS = r"curl \S+ '?http://127\.0\.0\.1:\[?9464|eropaf (rejected list|policy show|topics create|status)\b"


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
            running.run.until(
                lambda: bool(running.prometheus.value(query)), PATIENCE_S, "every partition read"
            )
            yield running
            if os.environ.get("EROPAF_ALERT_TABLE"):  # make alerts
                put(ALERTS, "provoked", running.table())
        finally:
            running.prometheus.process.kill()
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
    watched.begins("EropafUpdatesLate", "the workers are away for a while, and read a backlog")
    for worker in watched.workers():
        worker.kill()

    watched.told_of("EropafUpdatesLate")

    watched.remedied("EropafUpdatesLate", "the backlog has been read")


def test_a_worker_that_hangs_is_told_of_and_one_that_is_ended_comes_back(watched: Installation) -> None:
    hanging = watched.workers()[0]
    watched.begins("EropafWorkerDown", "a worker is stopped (SIGSTOP)")
    hanging.suspend()
    watched.told_of("EropafWorkerDown")

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

    tick = Process(["-m", "eropaf.main", "tick"], watched.folder / "tick.log", **watched.environment)
    with ended(tick):
        assert tick.wait(PATIENCE_S) == 0, tick.said

    watched.cured("EropafClockStopped", "`eropaf tick`")


def test_a_worker_that_cannot_save_is_told_of_until_the_broker_is_back(watched: Installation) -> None:
    node = watched.kafka.nodes[0]
    watched.begins("EropafCheckpointOld", "the broker is stopped with work in hand")
    before = watched.read()
    for worker in watched.workers():
        worker.suspend()
    watched.publish("rent", 12_000)
    for worker in watched.workers():
        worker.resume()
    # In the middle of them, so that there is something to save.
    until(lambda: watched.read() != before, PATIENCE_S, "signals being read")
    node.pause()
    try:
        watched.told_of("EropafCheckpointOld")
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
            "transaction.timeout.ms": 900_000,
        }
    )
    holding.init_transactions(PATIENCE_S)
    holding.begin_transaction()
    for partition in range(4):
        holding.produce("eropaf-household-changelog", key=b"nobody", value=None, partition=partition)
    holding.flush(PATIENCE_S)
    watched.begins("EropafRestoreStuck", "a transaction that is left open hides the rows")
    for worker in watched.workers():
        worker.kill()

    watched.told_of("EropafRestoreStuck")

    holding.abort_transaction(PATIENCE_S)
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
            timeout=PATIENCE_S,
        )
        return line, done.returncode, done.stderr

    with ThreadPoolExecutor(2) as pool:
        # Alerts were provoked here: with 3 `eropaf status` says that something needs a person.
        failed = [
            each
            for each in pool.map(answered, asked)
            if each[1] not in ({0, 3} if each[0] == "eropaf status" else {0}) or "Traceback" in each[2]
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
        until(lambda: bool(watched.prometheus.value("sum(eropaf_updates_total) > 10")), PATIENCE_S, "updates")
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

    until(all_full, PATIENCE_S, f"every panel shows something; empty are {empty}")
