"""One worker as its state grows: restore, memory, and what one event costs.

    python -m bench.scale [HOUSEHOLDS ...]

For each number of households the changelogs are filled with rows as the rules make them, a worker
starts with nothing, and works off a backlog of events for households drawn evenly; once with its rows
in memory, once on disk. Writes bench/SCALE.md.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import resources
from itertools import islice
from pathlib import Path

from bench.broker import Broker, Fed, fresh
from bench.engine import ENGINES, Workshop
from bench.job import GROUP, PARTITIONS, SECRET, Feed, encoder, home
from bench.results import setting
from bench.two_stages import flow
from eropaf.deploy.embedded.install import install
from eropaf.risk.household import fold
from eropaf.risk.identity import household_key
from eropaf.risk.policy import Policy
from eropaf.risk.ranking import rank
from eropaf.risk.rows import HouseholdRow, RankingRow
from eropaf.streams.runtime.stage import changelog
from eropaf_client.schemas.topics import HOUSEHOLD_RISK, PRIORITIES

HOUSEHOLDS = (10_000, 100_000, 1_000_000, 3_000_000)
EVENTS = 100_000
# So many households' rows are made by the rules; the others take theirs in turn.
DIFFERENT = 5_000
EVENTS_BEFORE = 3
REPORT = Path(__file__).parent / "SCALE.md"
HEAD = (
    *("households", "rows in", "ready s", "restored /s", "RSS restored MiB", "peak MiB"),
    *("events/s", "CPU µs/event", "to the fewest"),
)
IN_MEMORY = ENGINES[0]
ON_DISK = replace(IN_MEMORY, command=lambda worker: [*IN_MEMORY.command(worker), "--on-disk"])


@dataclass(frozen=True, slots=True)
class Scaled:
    """What one worker did with the rows of `households`, which rested in memory or on disk."""

    households: int
    on_disk: bool
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
    """Yield events that are newer than every row."""
    codec, first = encoder(), 10_000_000
    for event in Feed(households, first + 2 * EVENTS).events_from(first):
        yield Fed(event.household.encode(), codec.encode(event.to_record()), event.at)


def measure(broker: Broker, workshop: Workshop, households: int, on_disk: bool) -> Scaled:
    """Start on the rows that are there; then work off a backlog."""
    feed = events(households)
    broker.feed(islice(feed, 1_000))
    subscriber = broker.subscribe(HOUSEHOLD_RISK)
    running = workshop.start(ON_DISK if on_disk else IN_MEMORY, broker.bootstrap)
    try:
        subscriber.wait_for(1_000, running.check)
        told = broker.subscribe(PRIORITIES)
        partitions: set[int | None] = set()
        while len(partitions) < PARTITIONS:
            partitions |= {message.partition() for message in told.read()}
            running.check()
        told.close()
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
            on_disk,
            ready_s,
            (running.cpu_s() - before) * 1e6 / EVENTS,
            EVENTS / seconds,
            restored,
            running.peak_rss_mib(),
        )
    finally:
        running.end()


def as_markdown(rounds: list[Scaled]) -> str:
    """Return the report."""
    where = "; ".join(f"{name} {value}" for name, value in setting().items())
    few = {one.on_disk: one for one in reversed(rounds)}
    rows = "\n".join(_line(one, few[one.on_disk]) for one in rounds)
    return f"""# One worker as its state grows

`make bench-scale`: {where}.

Both tables hold a row of every household; {EVENTS:,} events of households drawn evenly are worked off,
until every risk is told (most updates follow them). Ready: every partition of both tables served one.
The fewest households show what a start costs by itself; the last column compares with them.

{_row(*HEAD)}
{_row(*["---"] * len(HEAD))}
{rows}
"""


def _line(one: Scaled, few: Scaled) -> str:
    return _row(
        f"{one.households:,}",
        "disk" if one.on_disk else "memory",
        f"{one.ready_s:.1f}",
        _rate(one, few),
        f"{one.restored_rss_mib:,.0f}",
        f"{one.peak_rss_mib:,.0f}",
        f"{one.events_per_s:,.0f}",
        f"{one.cpu_us:.0f}",
        f"{one.cpu_us / few.cpu_us:.2f} ×",
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _rate(one: Scaled, few: Scaled) -> str:
    more = one.ready_s - few.ready_s
    return f"{(one.households - few.households) / more:,.0f}" if more > 0.5 else "-"


def main(numbers: list[int]) -> None:
    """Measure each number of households on a broker of its own."""
    file = Path(str(resources.files("eropaf.risk") / "policies" / "amsterdam-example.toml"))
    rows, installation = Rows(Policy.parse(file.read_text("utf-8"))), install(None)
    rounds = []
    with tempfile.TemporaryDirectory(prefix="eropaf-bench-") as folder:
        workshop = Workshop(Path(folder), file)
        for households in numbers:
            for on_disk in (False, True):
                with fresh(installation) as broker:
                    rows.write(broker, households)
                    rounds.append(measure(broker, workshop, households, on_disk))
                print(rounds[-1], flush=True)
    REPORT.write_text(as_markdown(rounds), "utf-8")


if __name__ == "__main__":
    main([int(number) for number in sys.argv[1:]] or list(HOUSEHOLDS))
