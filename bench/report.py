"""The table of a run, as Markdown."""

from __future__ import annotations

from statistics import median

from bench.results import FOLDER, OfEngine, Results, middle, percentiles

REPORT = FOLDER / "RESULTS.md"
OURS, TWO_WORKERS = "eropaf", "eropaf_twice"

# Peer, the least that our throughput must be of its.
GOALS = {"quix": 3.0, "faust": 20.0, "raw": 1.2, "kafka_streams": 1.0}
TWO_OF_ONE = 1.7
CPU_OF_KAFKA_STREAMS = 0.6
P99_MS = 200.0


def as_markdown(results: Results) -> str:
    """Give the whole report."""
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
and reader share the machine.

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
    if engine.void:
        return f"| {engine.title} | {engine.guarantee} | void: {engine.void} | | | | |"
    cells = [
        middle(engine.values("events_per_s")),
        middle(engine.values("cpu_us")),
        middle(engine.values("broker_cpu_us")),
        middle(engine.values("rss_mib")),
        middle(engine.values("restore_s"), ".1f"),
    ]
    return f"| {engine.title} | {engine.guarantee} | {' | '.join(cells)} |"


def _latency_row(engine: OfEngine) -> str:
    calm, busy = percentiles(engine.at_1000), percentiles(engine.at_capacity)
    rate = f"{median(one.rate for one in engine.at_capacity):,.0f}" if busy else "-"
    cells = [*_three(calm), rate, *_three(busy)]
    return f"| {engine.title} | {' | '.join(cells)} |"


def _three(values: list[float]) -> list[str]:
    return [f"{value:,.0f}" for value in values] or ["-"] * 3


def _goals(results: Results) -> str:
    ours = results.engines.get(OURS)
    if ours is None or not ours.throughput:
        return "Ours was not measured in this run."
    lines = ["| measure | goal | reached |", "|---|---|---|"]
    for name, goal in GOALS.items():
        peer = results.engines.get(name)
        if peer is not None and peer.throughput and not peer.void:
            ratio = median(ours.values("events_per_s")) / median(peer.values("events_per_s"))
            lines.append(f"| events/s against {peer.title} | ≥ {goal:g} × | {ratio:.2f} × |")
    two = results.engines.get(TWO_WORKERS)
    if two is not None and two.throughput and not two.void:
        ratio = median(two.values("events_per_s")) / median(ours.values("events_per_s"))
        lines.append(
            f"| two workers against one, broker on the same two cores | ≥ {TWO_OF_ONE} × | {ratio:.2f} × |"
        )
    java = results.engines.get("kafka_streams")
    if java is not None and java.throughput and not java.void:
        share = median(ours.values("cpu_us")) / median(java.values("cpu_us"))
        lines.append(f"| CPU against {java.title} | ≤ {CPU_OF_KAFKA_STREAMS:.0%} | {share:.0%} |")
    if ours.at_1000:
        lines.append(f"| p99 at 1,000/s | ≤ {P99_MS:.0f} ms | {percentiles(ours.at_1000)[1]:.0f} ms |")
    return "\n".join(lines)
