"""One worker as its state grows: restore, memory, and what one event costs.

    python -m bench.scale [HOUSEHOLDS ...]

For each number of households the changelogs are filled with rows as the rules make them, a worker
starts with nothing, and works off a backlog of events for households drawn evenly. Writes
bench/SCALE.md.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from itertools import islice
from pathlib import Path

from bench.broker import Broker, Fed, fresh
from bench.engine import ENGINES, Workshop
from bench.job import GROUP, SECRET, Feed, encoder, home
from bench.results import setting
from bench.two_stages import flow
from deploy.embedded.install import install
from risk.household import fold
from risk.identity import household_key
from risk.policy import Policy
from risk.ranking import rank
from risk.records import HouseholdRow, RankingRow
from schemas.topics import HOUSEHOLD_RISK
from streams.stage import changelog

HOUSEHOLDS = (10_000, 100_000, 1_000_000, 3_000_000)
EVENTS = 100_000
# So many households' rows are made by the rules; the others take theirs in turn.
DIFFERENT = 5_000
EVENTS_BEFORE = 3
REPORT = Path(__file__).parent / "SCALE.md"
OURS = ENGINES[0]


@dataclass(frozen=True, slots=True)
class Scaled:
    """What one worker did with the rows of `households`."""

    households: int
    ready_s: float
    cpu_us: float
    events_per_s: float
    restored_rss_mib: float
    peak_rss_mib: float


class Rows:
    """Rows of both tables, as they are after a few events of each household."""

    def __init__(self, policy: Policy) -> None:
        its = flow()
        assert its.household.table is not None
        assert its.ranking.table is not None
        feed = Feed(DIFFERENT, DIFFERENT * EVENTS_BEFORE, seed=2)
        households: dict[str, HouseholdRow | None] = {}
        rankings: dict[str, RankingRow | None] = {}
        for event in feed.events_from():
            folded = fold(households.get(event.household), event, policy)
            households[event.household] = folded.row
            if folded.risk is not None:
                rankings[event.household] = rank(rankings.get(event.household), folded.risk, policy).row
        self.pairs = [
            (its.household.table.encode(row), its.ranking.table.encode(rankings[key]))
            for key, row in households.items()
        ]
        self.topics = [
            changelog(GROUP, stage.table.name) for stage in (its.household, its.ranking) if stage.table
        ]

    def write(self, broker: Broker, households: int) -> None:
        """Fill both changelogs for so many households."""
        producer = broker.producer(linger_ms=50)
        for resident in range(households):
            key = household_key(home(resident), SECRET).encode()
            for topic, row in zip(self.topics, self.pairs[resident % len(self.pairs)], strict=True):
                while True:
                    try:
                        producer.produce(topic, key=key, value=row)
                        break
                    except BufferError:
                        producer.poll(0.1)
        producer.flush()
        broker.say_unread()


def events(households: int) -> Iterator[Fed]:
    """Give events that are newer than every row."""
    codec, first = encoder(), 10_000_000
    for event in Feed(households, first + 2 * EVENTS).events_from(first):
        yield Fed(event.household.encode(), codec.encode(event.to_record()), event.at)


def measure(broker: Broker, workshop: Workshop, households: int) -> Scaled:
    """Start on the rows that are there; then work off a backlog."""
    feed = events(households)
    broker.feed(islice(feed, 1_000))
    subscriber = broker.subscribe(HOUSEHOLD_RISK)
    running = workshop.start(OURS, broker.bootstrap)
    try:
        subscriber.wait_for(1_000, running.check)
        ready_s = time.monotonic() - running.started
        restored = running.peak_rss_mib()
        running.pause()
        broker.feed(islice(feed, EVENTS))
        before = running.cpu_s()
        running.resume()
        started = time.monotonic()
        subscriber.wait_for(1_000 + EVENTS, running.check)
        seconds = time.monotonic() - started
        return Scaled(
            households,
            ready_s,
            (running.cpu_s() - before) * 1e6 / EVENTS,
            EVENTS / seconds,
            restored,
            running.peak_rss_mib(),
        )
    finally:
        running.end()


def as_markdown(rounds: list[Scaled]) -> str:
    """Give the report."""
    where = "; ".join(f"{name} {value}" for name, value in setting().items())
    empty = rounds[0]
    rows = "\n".join(
        f"| {one.households:,} | {one.ready_s:.1f} | {_rate(one, empty)} | {one.restored_rss_mib:,.0f} | "
        f"{one.peak_rss_mib:,.0f} | {one.events_per_s:,.0f} | {one.cpu_us:.0f} | "
        f"{one.cpu_us / empty.cpu_us:.2f} × |"
        for one in rounds
    )
    return f"""# One worker as its state grows

`make bench-scale`: {where}.

Both tables hold a row of every household; {EVENTS:,} events of households drawn evenly are worked off,
until every risk is told (most updates follow them). The first line is what a start costs by itself.

| households | ready s | restored /s | RSS restored MiB | peak MiB | events/s | CPU µs/event | to the first |
|---|---|---|---|---|---|---|---|
{rows}
"""


def _rate(one: Scaled, empty: Scaled) -> str:
    more = one.ready_s - empty.ready_s
    return f"{(one.households - empty.households) / more:,.0f}" if more > 0.1 else "-"


def main(numbers: list[int]) -> None:
    """Measure each number of households on a broker of its own."""
    file = Path(str(resources.files("risk") / "policies" / "amsterdam-example.toml"))
    rows, installation = Rows(Policy.parse(file.read_text("utf-8"))), install(None)
    rounds = []
    with tempfile.TemporaryDirectory(prefix="eropaf-bench-") as folder:
        workshop = Workshop(Path(folder), file)
        for households in numbers:
            with fresh(installation) as broker:
                rows.write(broker, households)
                rounds.append(measure(broker, workshop, households))
            print(rounds[-1], flush=True)
    REPORT.write_text(as_markdown(rounds), "utf-8")


if __name__ == "__main__":
    main([int(number) for number in sys.argv[1:]] or list(HOUSEHOLDS))
