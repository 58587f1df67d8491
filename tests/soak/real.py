"""The flow as an operator runs it, on a real broker, for as long as it is told to."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import psutil
from confluent_kafka.admin import AdminClient

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.installation import Installation
from tests.integration.processes import PATIENCE_S, ended, meanwhile
from tests.integration.system import System
from tests.soak.feed import BEGINS_ON, BUSY, QUIET, Feed
from tests.soak.judged import Judged, judged
from tests.soak.producers import producer_ids
from tests.soak.sampler import Sampler, taken

PARTITIONS = 4
A_DAY_S = 30.0
# The first time soon, while all is still warming up: the other worker has then had all partitions once.
REPLACED_FIRST = 0.1
SAMPLES = 500
# Others may have the processors for a while: a run of hours does not end for that.
PATIENT_S = 300.0
KEPT = {
    # Of a topic no more is kept on disk than this, or ten million signals would fill it.
    "log.retention.bytes": str(256 << 20),
    "log.segment.bytes": str(64 << 20),
    # A broker forgets within a day who wrote nothing: days are short here, and each tick is one more.
    "producer.id.expiration.ms": str(round(A_DAY_S * 1000)),
    "producer.id.expiration.check.interval.ms": "5000",
}


def soak(
    folder: Path, installation: Installation, seconds: float, per_second: int, replaced_every_s: float
) -> tuple[list[Judged], int]:
    """Return how fast what is measured grew in each process that lived long enough, and the signals sent.

    What was sampled and what the processes logged stays in `folder`.
    """
    with EmbeddedKafka(installation=installation, properties=KEPT) as kafka:
        system = System(kafka, folder, EROPAF_CREDITORS=f"{BUSY},{QUIET}", EROPAF_PARTITIONS=str(PARTITIONS))
        with ended(system.workers):
            system.until_reading(within_s=PATIENT_S)
            feed = Feed(system.bootstrap, per_second)
            (node,) = kafka.nodes
            sampler = Sampler(
                lambda: workers(system),
                {
                    "supervisor": lambda: taken(psutil.Process(system.workers.popen.pid)),
                    "broker": lambda: {"producer ids": float(len(remembered(system.bootstrap, node.port)))},
                },
                seconds / SAMPLES,
                folder / "samples.csv",
            )
            with sampler, meanwhile(feed.run):
                _pass_time(system, seconds, replaced_every_s)
            return judged(sampler.samples, seconds / 3), feed.sent


def remembered(bootstrap: str, port: int) -> set[int]:
    """Return the producers that the only broker remembers for any partition."""
    topics = (
        AdminClient({"bootstrap.servers": bootstrap, "log_level": 0}).list_topics(timeout=PATIENCE_S).topics
    )
    return producer_ids(port, {name: sorted(topic.partitions) for name, topic in topics.items()})


def _pass_time(system: System, seconds: float, replaced_every_s: float) -> None:
    began = time.monotonic()
    days, replace_at = 0, replaced_every_s * REPLACED_FIRST
    while (passed_s := time.monotonic() - began) < seconds:
        if passed_s > days * A_DAY_S:
            days += 1
            day = BEGINS_ON + timedelta(days=days)
            system.command("tick", "--on", f"{day:%Y-%m-%d}", "--ahead", within_s=PATIENT_S)
        if passed_s > replace_at and (running := workers(system)):
            replace_at += replaced_every_s
            running[-1].terminate()
        time.sleep(min(0.5, seconds / SAMPLES))


def workers(system: System) -> list[psutil.Process]:
    """Return the workers under the supervisor, by their names."""
    named = {}
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(system.workers.popen.pid).children():
            with suppress(psutil.NoSuchProcess):
                for part in child.cmdline():
                    if part.startswith("worker-"):
                        named[part] = child
    return [named[name] for name in sorted(named)]
