"""A host lost: how long each partition tells nothing after every process on one of two hosts was killed.

    python -m bench.failover [HOUSEHOLDS] [KILLS]

Two hosts with two workers each and rows of a million households (unless told) work off 1,000 events a
second. One host is killed whole, five times for each row of the table: under each protocol of groups, with
and without rows kept ready, on Kafka's own default times. Writes bench/FAILOVER.md.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib import resources
from itertools import pairwise
from pathlib import Path
from statistics import median

from bench.broker import Broker, Fed
from bench.engine import ENGINES, Running, Workshop
from bench.job import PARTITIONS
from bench.results import setting
from bench.scale import Rows, events
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.install import install
from eropaf.risk.policy import Policy
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, HOUSEHOLD_RISK

HOUSEHOLDS = 1_000_000
KILLS = 5
HOSTS = ("left", "right")
PER_S = 1_000
STEADY_S = 5.0
GIVE_UP_AFTER_S = 120.0
# A partition that told nothing for so long stood still.
STILL_S = 0.4
# What four workers with nothing to do take of a processor, and more.
IDLE_SHARE = 0.5
SETTLES_LOOKED_AT_S = 3.0
SETTLED_LOOKS = 3
# What Kafka has by itself; a broker of ours for tests is quicker.
KAFKAS_OWN = {
    "group.consumer.session.timeout.ms": "45000",
    "group.consumer.heartbeat.interval.ms": "5000",
    "group.initial.rebalance.delay.ms": "3000",
}
REPORT = Path(__file__).parent / "FAILOVER.md"
HEAD = (
    *("protocol", "standbys", "kills", "partitions still", "told again s: median", "worst"),
    *("others' longest gap s", "CPU µs/event", "RSS a worker MiB"),
)
ONE_HOST = replace(ENGINES[0], command=lambda host: [sys.executable, "-m", "bench.two_workers", host])


@dataclass(slots=True)
class Row:
    """What was measured of one way to run."""

    protocol: str
    standbys: int
    cpu_us: float = 0.0
    rss_mib: float = 0.0
    again_s: list[float] = field(default_factory=list)
    """Of each partition that stood still: from the kill until it told again."""
    others_s: list[float] = field(default_factory=list)
    """Of each kill: the longest gap of a partition that did not stand still."""


class Flow:
    """Events that go in at their times, and when each partition told of them."""

    def __init__(self, broker: Broker, feed: Iterator[Fed]) -> None:
        self._producer = broker.producer(linger_ms=1)
        self._feed = feed
        self._told = broker.subscribe(HOUSEHOLD_RISK)
        self.sent = 0
        self._began = 0.0
        self._due = 0
        self.arrived: dict[int, list[float]] = {}
        self._told_from = self._told.count

    def begin(self) -> None:
        """Begin to send anew."""
        self._began, self._due = time.monotonic(), 0
        self.arrived = {number: [] for number in range(PARTITIONS)}

    def turn(self) -> None:
        """Send what is due; note what was told."""
        while self._due < (time.monotonic() - self._began) * PER_S:
            self._due += 1
            event = next(self._feed)
            self._producer.produce(HOUSEHOLD_EVENTS, key=event.key, value=event.value)
            self.sent += 1
        self._producer.poll(0)
        for message in self._told.read(0.005):
            self.arrived[int(message.partition() or 0)].append(time.monotonic())

    def run(self, seconds: float) -> None:
        """Go on for so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.turn()

    def drain(self) -> None:
        """Send nothing more; wait until all that was sent is told, and not more."""
        self._producer.flush()
        until = time.monotonic() + GIVE_UP_AFTER_S
        while self._told.count < self.sent:
            self._told.read(0.05)
            if time.monotonic() > until:
                raise TimeoutError(f"{self._told.count} of {self.sent} events were told")
        assert self._told.count == self.sent, "told twice"


def settle(hosts: dict[str, Running]) -> None:
    """Wait until all rows are where they are to be: the workers have nothing to do."""
    until, idle = time.monotonic() + GIVE_UP_AFTER_S, 0
    # Once may be a pause: between their start and their first rows, or of a busy machine.
    while idle < SETTLED_LOOKS:
        before = sum(host.cpu_s() for host in hosts.values())
        time.sleep(SETTLES_LOOKED_AT_S)
        used = sum(host.cpu_s() for host in hosts.values()) - before
        idle = 0 if used > IDLE_SHARE * SETTLES_LOOKED_AT_S else idle + 1
        for host in hosts.values():
            host.check()
        if time.monotonic() > until:
            raise TimeoutError("the workers do not come to rest")


def kill(host: Running) -> float:
    """Kill every process of a host at once, the workers first: one that outlives its supervisor ends well."""
    supervisor, *workers = host.tree()
    at = time.monotonic()
    for process in (*workers, supervisor):
        process.kill()
    host.end()
    return at


def told_again(arrived: dict[int, list[float]], killed_at: float) -> tuple[list[float], float]:
    """Return of each partition that stood still when it told again, and the longest gap of the others."""
    again, others = [], 0.0
    for times in arrived.values():
        after = [killed_at, *(at for at in times if at > killed_at)]
        gap, end = max((later - earlier, later) for earlier, later in pairwise(after))
        if gap > STILL_S:
            again.append(end - killed_at)
        else:
            others = max(others, gap)
    return again, others


def until_told(flow: Flow, killed_at: float) -> None:
    """Go on until every partition has told for a while without a gap."""
    give_up = killed_at + GIVE_UP_AFTER_S
    while True:
        flow.run(2.0)
        now = time.monotonic()
        recent = [[at for at in times if at > now - 1.0] for times in flow.arrived.values()]
        if now - killed_at > STEADY_S and all(len(times) > PER_S / PARTITIONS / 2 for times in recent):
            return
        if now > give_up:
            raise TimeoutError("a partition tells nothing any more")


def measure(broker: Broker, workshop: Workshop, row: Row, households: int, kills: int) -> None:
    """Kill one host after the other."""
    os.environ |= {"BENCH_PROTOCOL": row.protocol, "BENCH_STANDBYS": str(row.standbys)}
    hosts = {name: workshop.start(ONE_HOST, broker.bootstrap, name, quick=True) for name in HOSTS}
    try:
        flow = Flow(broker, events(households))
        settle(hosts)
        for number in range(kills):
            flow.begin()
            flow.run(STEADY_S)
            if not number:
                steady(flow, hosts, row)
            name = HOSTS[number % len(HOSTS)]
            killed_at = kill(hosts.pop(name))
            until_told(flow, killed_at)
            again, others = told_again(flow.arrived, killed_at)
            row.again_s += again
            row.others_s.append(others)
            print(
                row.protocol,
                row.standbys,
                sorted(round(each, 2) for each in again),
                round(others, 2),
                flush=True,
            )
            flow.drain()
            hosts[name] = workshop.start(ONE_HOST, broker.bootstrap, name, quick=True)
            settle(hosts)
    finally:
        for host in hosts.values():
            host.end()


def steady(flow: Flow, hosts: dict[str, Running], row: Row) -> None:
    """Measure what the workers take while nothing happens."""
    before, sent = sum(host.cpu_s() for host in hosts.values()), flow.sent
    flow.run(2 * STEADY_S)
    used = sum(host.cpu_s() for host in hosts.values()) - before
    row.cpu_us = used * 1e6 / (flow.sent - sent)
    workers = [worker for host in hosts.values() for worker in host.tree()[1:]]
    row.rss_mib = sum(worker.memory_info().rss for worker in workers) / len(workers) / 2**20


def as_markdown(rows: list[Row], households: int) -> str:
    """Return the report."""
    where = "; ".join(f"{name} {value}" for name, value in setting().items())
    lines = "\n".join(map(_line, rows))
    return f"""# A host lost

`make bench-failover`: {where}.

Two hosts with two workers each, rows of {households:,} households, {PER_S:,} events a second, {PARTITIONS}
partitions. All processes of one host are killed at once (kill -9, its supervisor too), which closes their
connections; a broker makes nothing of that. The broker's times are Kafka's own: a session of 45 s under both
protocols. A partition stood still if it told nothing for {STILL_S:g} s; told again counts from the kill.
After each kill all that was sent was told, once.

{_row(*HEAD)}
{_row(*["---"] * len(HEAD))}
{lines}
"""


def _line(row: Row) -> str:
    kills = len(row.others_s)
    return _row(
        row.protocol,
        str(row.standbys),
        str(kills),
        f"{len(row.again_s) / kills:.1f}",
        f"{median(row.again_s or [0.0]):.2f}",
        f"{max(row.again_s, default=0.0):.2f}",
        f"{max(row.others_s):.2f}",
        f"{row.cpu_us:.0f}",
        f"{row.rss_mib:.0f}",
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def main(households: int, kills: int) -> None:
    """Measure each way on a broker of its own."""
    file = Path(str(resources.files("eropaf.risk") / "policies" / "amsterdam-example.toml"))
    made, installation = Rows(Policy.parse(file.read_text("utf-8"))), install(None)
    rows = [Row(protocol, standbys) for protocol in ("consumer", "classic") for standbys in (1, 0)]
    with tempfile.TemporaryDirectory(prefix="eropaf-bench-") as folder:
        workshop = Workshop(Path(folder), file)
        for row in rows:
            with EmbeddedKafka(installation=installation, properties=KAFKAS_OWN) as kafka:
                broker = Broker(kafka)
                made.write(broker, households)
                measure(broker, workshop, row, households, kills)
    REPORT.write_text(as_markdown(rows, households), "utf-8")


if __name__ == "__main__":
    given = [int(number) for number in sys.argv[1:]]
    main(*(given + [HOUSEHOLDS, KILLS][len(given) :]))
