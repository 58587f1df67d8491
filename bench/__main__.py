"""`python -m bench`: the same job on every engine that is there, in turns."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from bench.broker import fresh
from bench.engine import ENGINES, Engine, Workshop
from bench.job import Feed
from bench.measure import Prepared, throughput
from bench.pacing import Latency, latency
from bench.report import REPORT, as_markdown
from bench.results import OfEngine, Results
from eropaf.deploy.embedded.install import install
from eropaf.deploy.embedded.installation import Installation
from eropaf.risk.policy import Policy
from eropaf.risk.records import DAY_MS

# Ten a day, from March into September: signals age, months repeat, holidays and summer time come.
SMOKE = Feed(households=300, events=2_000, apart_ms=DAY_MS // 10)
CALM_RATE = 1_000.0
# Of what it worked off as a backlog, an engine is fed the most that it carries.
SHARES_OF_CAPACITY = (0.7, 0.5, 0.35, 0.25)

app = typer.Typer(add_completion=False)


class Session:
    """What all measurements of one run share."""

    def __init__(self, folder: Path, feed: Feed) -> None:
        policy = Path(str(resources.files("eropaf.risk") / "policies" / "amsterdam-example.toml"))
        self._policy = Policy.parse(policy.read_text("utf-8"))
        self._prepared: dict[float, Prepared] = {}
        self.feed = feed
        self.workshop = Workshop(folder, policy)
        self.installation: Installation = install(None)

    def prepared(self, engine: Engine) -> Prepared:
        """Return the feed of `engine`, all of it or its share: fewer events of fewer households."""
        if engine.share not in self._prepared:
            households, events = self.feed.households * engine.share, self.feed.events * engine.share
            feed = replace(self.feed, households=round(households), events=round(events))
            self._prepared[engine.share] = Prepared(feed, self._policy)
        return self._prepared[engine.share]


@app.command()
def run(
    engines: Annotated[str, typer.Option(help="Names, separated by commas; by default all.")] = "",
    rounds: Annotated[int, typer.Option(help="Times that each engine has its turn.")] = 3,
    events: Annotated[int, typer.Option(help="Events of the feed.")] = 200_000,
    households: Annotated[int, typer.Option(help="Households of the feed.")] = 20_000,
    latency_s: Annotated[float, typer.Option(help="Seconds of each latency measurement; 0: none.")] = 20.0,
    smoke: Annotated[bool, typer.Option(help="Only check what every engine makes of 2,000 events.")] = False,
) -> None:
    """Measure, or only check."""
    there = chosen(engines.split(",") if engines else [engine.name for engine in ENGINES])
    with tempfile.TemporaryDirectory(prefix="eropaf-bench-") as folder:
        if smoke:
            sys.exit(check(Session(Path(folder), SMOKE), there))
        session = Session(Path(folder), Feed(households, events))
        results = measure(session, there, rounds, latency_s)
    print(as_markdown(results))
    sys.exit(any(engine.void for engine in results.engines.values()))


def chosen(names: list[str]) -> list[Engine]:
    """Return the engines by these names; say aloud which is not made."""
    for engine in ENGINES:
        if engine.name in names and not engine.ready:
            print(f"{engine.title}: SKIPPED, it is not made on this machine (`make bench-peers` says why)")
    return [engine for engine in ENGINES if engine.name in names and engine.ready]


def check(session: Session, engines: list[Engine]) -> int:
    """Let each engine do the job once; return 1 if one does it wrongly."""
    engines = [engine for engine in engines if engine.runs == 1 and (engine.ours or not engine.compiled)]
    wrong = 0
    for engine in engines:
        with fresh(session.installation) as broker:
            found = throughput(engine, broker, session.workshop, session.prepared(engine), False).wrong
        print(f"{engine.title}: {'; '.join(found) or 'as the rules say, to the byte'}", flush=True)
        wrong += bool(found)
    print(f"{len(engines) - wrong} passed, {wrong} failed")
    return 1 if wrong else 0


def measure(session: Session, engines: list[Engine], rounds: int, latency_s: float) -> Results:
    """Measure each in turn, `rounds` times; keep the figures after each round. Restore is in the first."""
    feed = session.feed
    results = Results(feed.households, feed.events)
    for engine in engines:
        results.engines[engine.name] = OfEngine(engine.title, engine.guarantee, engine.commit_ms)
    for number in range(1, rounds + 1):
        for engine in engines:
            _turn(session, engine, results.engines[engine.name], number)
        for engine in engines if latency_s else ():
            if engine.paced and results.engines[engine.name].counts:
                _latencies(session, engine, results.engines[engine.name], latency_s)
        results.rounds = number
        results.keep()
        REPORT.write_text(as_markdown(results), "utf-8")
    return results


def _turn(session: Session, engine: Engine, kept: OfEngine, number: int) -> None:
    """Let `engine` have its turn. One that ends or stands still voids its own row, not the others'."""
    prepared = session.prepared(engine)
    try:
        with fresh(session.installation) as broker:
            measured = throughput(engine, broker, session.workshop, prepared, with_restore=number == 1)
    except (RuntimeError, TimeoutError) as stopped:
        print(f"round {number}: {engine.title}: {stopped}", flush=True)
        kept.void = str(stopped).partition("\n")[0]
        return
    kept.throughput.append(measured)
    if measured.wrong:
        kept.void = "; ".join(measured.wrong)
    print(f"round {number}: {engine.title}: {measured}", flush=True)


def _latencies(session: Session, engine: Engine, kept: OfEngine, seconds: float) -> None:
    """Measure at a calm rate, and at the first share of its capacity at which no queue grows."""

    def at(rate: float) -> Latency:
        with fresh(session.installation) as broker:
            return latency(engine, broker, session.workshop, session.prepared(engine), rate, seconds)

    capacity = kept.middle("events_per_s")
    if capacity * SHARES_OF_CAPACITY[0] >= CALM_RATE:
        kept.at_1000.append(at(CALM_RATE))
    # A later round takes the rate that the first one found.
    rates = [kept.busy[0].rate] if kept.busy else [share * capacity for share in SHARES_OF_CAPACITY]
    for rate in rates:
        busy = at(rate)
        if not busy.grew:
            break
    kept.busy.append(busy)


if __name__ == "__main__":
    app()
