"""The table of a run, as Markdown."""

from __future__ import annotations

from statistics import median

from bench.measure import RESTORED_WITHIN_S
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
CPU_OF_KAFKA_STREAMS = 0.6
P99_MS = 200.0


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
    calm, busy = percentiles(engine.at_1000), percentiles(engine.at_capacity)
    rate = f"{median(one.rate for one in engine.at_capacity):,.0f}" if busy else "-"
    cells = [*_three(calm), rate, *_three(busy)]
    return f"| {engine.title} | {' | '.join(cells)} |"


def _three(values: list[float]) -> list[str]:
    return [f"{value:,.0f}" for value in values] or ["-"] * 3


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
    if (java := counting.get("kafka_streams")) is not None:
        share = ours.middle("cpu_us") / java.middle("cpu_us")
        titles = f"{ours.title} against {java.title}"
        lines.append(f"| processor time: {titles} | ≤ {CPU_OF_KAFKA_STREAMS:.0%} | {share:.0%} |")
    if ours.at_1000:
        lines.append(
            f"| p99 at 1,000/s: {ours.title} | ≤ {P99_MS:.0f} ms | {percentiles(ours.at_1000)[1]:.0f} ms |"
        )
    return "\n".join(lines)
