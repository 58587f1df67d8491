"""The table of a run, as Markdown."""

from __future__ import annotations

from statistics import median

from bench.measure import RESTORED_WITHIN_S, Latency
from bench.results import FOLDER, OfEngine, Results, percentiles, spread

REPORT = FOLDER / "RESULTS.md"
OURS, TWO_WORKERS = "eropaf", "eropaf_twice"

TWO_OF_ONE = 1.7
# Ours, a peer, and the least that the throughput of the one must be of the other's.
GOALS = (
    (OURS, "quix", 3.0),
    (OURS, "faust", 20.0),
    (OURS, "raw", 1.2),
    (OURS, "kafka_streams_one", 1.0),
    (OURS, "kafka_streams", 1.0),
    (TWO_WORKERS, "kafka_streams", 1.0),
    (TWO_WORKERS, OURS, TWO_OF_ONE),
    ("eropaf_twice_third", "eropaf_third", TWO_OF_ONE),
)
KAFKA_STREAMS = ("kafka_streams_one", "kafka_streams")
CPU_OF_KAFKA_STREAMS = 0.6
P99_MS = 200.0
# Of fewer a p99.9 is a matter of a few updates.
LEAST_FOR_P999 = 10_000

CAUTIONS = """\
## Before you compare

- **Ours is compiled, the Python peers are not.** They run the same rules as plain Python, and fastavro;
  ours has its own codec and rules compiled (`make compiled`). Before the rules were (one round, 2026-11-25)
  ours carried 0.96 × the raw loop's events, 0.74 × those of Kafka Streams with one thread and 2.88 × Quix
  Streams'. What our transport gives, and what the compiler, this table does not tell apart.
- **A topic between the hops** is written and read back by every engine, ours too. Kafka Streams can have
  both processors in one task, and only write it; that is its better shape, and is not in this table.
- **At 70 % of capacity** the feed of 200,000 ends after 6 to 20 s, by how fast an engine is. That is
  capacity in working off a backlog; fed evenly, with commits as quick as latency asks, some cannot carry
  it: where p50 is above a second the figure tells of a queue that grows.
- **Latency** counts from the broker's acknowledgement of an event, not from when it was to be sent: a
  broker that stalls delays both, and that wait is not in it. A p99.9 stands where a round has 10,000
  updates.
- **Restart** of Bytewax is from files on this machine, of the others from Kafka, with nothing left of their
  local state.
"""


def as_markdown(results: Results) -> str:
    """Return the whole report."""
    where = "; ".join(f"{name} {value}" for name, value in results.setting.items())
    rows = "\n".join(_row(engine) for engine in results.engines.values())
    return f"""# The same job on every engine

`make bench`: {where}.

{results.events:,} household events of {results.households:,} households go through two hops: an event is
folded into its household's row, which tells a risk; a risk that crosses a threshold tells an update.
Between the hops stands a topic. Every engine has the same input, schemas and policy, and every record of both
outputs was compared with what the rules make of the input, to the byte; where one differs, the row is
void. Engines take turns, {results.rounds} rounds, each on a broker that nobody has used; medians, with the
least and the most. A fifth of the events is worked off before the clock runs. Engine, broker, feeder
and reader share the machine; an engine that runs a third of the time leaves the broker what it needs.

| engine | guarantee | events/s | CPU µs/event | broker µs/event | peak RSS MiB | restart and restore s |
|---|---|---|---|---|---|---|
{rows}

Time from an event's acknowledgement to its update as a read-committed subscriber has it, milliseconds:

| engine | at 1,000/s: p50 | p99 | p99.9 | at 70 % of its capacity: rate | p50 | p99 | p99.9 |
|---|---|---|---|---|---|---|---|
{chr(10).join(_latency_row(engine) for engine in results.engines.values())}

{CAUTIONS}
## Goals

{_goals(results)}

Machines differ, and so does one machine from hour to hour: only ratios within one run say anything.
How each peer is written and tuned: the README in its folder under `bench/peers`.
"""


def _row(engine: OfEngine) -> str:
    if not engine.counts:
        return f"| {engine.title} | {engine.guarantee} | void: {engine.void} | | | | |"
    cells = [
        spread(engine.values("events_per_s")),
        spread(engine.values("cpu_us")),
        spread(engine.values("broker_cpu_us")),
        spread(engine.values("rss_mib")),
        _restored(engine),
    ]
    return f"| {engine.title} | {engine.guarantee} | {' | '.join(cells)} |"


def _restored(engine: OfEngine) -> str:
    if any(one.restored is False for one in engine.throughput):
        return f"not within {RESTORED_WITHIN_S:.0f} s"
    return spread(engine.values("restore_s"), ".1f")


def _latency_row(engine: OfEngine) -> str:
    calm, busy = engine.at_1000, engine.at_capacity
    rate = f"{median(one.rate for one in busy):,.0f}" if busy else "-"
    cells = [*_three(calm), rate, *_three(busy)]
    return f"| {engine.title} | {' | '.join(cells)} |"


def _three(rounds: list[Latency]) -> list[str]:
    told = [f"{value:,.0f}" for value in percentiles(rounds)] or ["-"] * 3
    return told if all(len(one.samples) >= LEAST_FOR_P999 for one in rounds) else [*told[:2], "-"]


def _goals(results: Results) -> str:
    ours = results.engines.get(OURS)
    if ours is None or not ours.counts:
        return "Ours was not measured in this run."
    lines = ["| measure | goal | reached |", "|---|---|---|"]
    counting = {name: engine for name, engine in results.engines.items() if engine.counts}
    for one, other, goal in GOALS:
        if one in counting and other in counting:
            ratio = counting[one].middle("events_per_s") / counting[other].middle("events_per_s")
            titles = f"{counting[one].title} against {counting[other].title}"
            lines.append(f"| events/s: {titles} | ≥ {goal:g} × | {ratio:.2f} × |")
    if java := [counting[name] for name in KAFKA_STREAMS if name in counting]:
        best = min(java, key=lambda engine: engine.middle("cpu_us"))
        share = ours.middle("cpu_us") / best.middle("cpu_us")
        titles = f"{ours.title} against {best.title}"
        lines.append(f"| processor time: {titles} | ≤ {CPU_OF_KAFKA_STREAMS:.0%} | {share:.0%} |")
    if ours.at_1000:
        lines.append(
            f"| p99 at 1,000/s: {ours.title} | ≤ {P99_MS:.0f} ms | {percentiles(ours.at_1000)[1]:.0f} ms |"
        )
    return "\n".join(lines)
