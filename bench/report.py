"""The table of a run, as Markdown."""

from __future__ import annotations

from statistics import median

from bench.measure import RESTORED_WITHIN_S
from bench.pacing import Latency
from bench.results import FOLDER, OfEngine, Results, percentiles, spread

REPORT = FOLDER / "RESULTS.md"
OURS, TWO_WORKERS = "eropaf", "eropaf_twice"
FUSED = ("kafka_streams_fused_one", "kafka_streams_fused")
KAFKA_STREAMS = ("kafka_streams_one", "kafka_streams", *FUSED)

TWO_OF_ONE = 1.7
# Ours, a peer, and the least that the throughput of the one must be of the other's. Of a peer its best form.
GOALS = (
    (OURS, "quix_compiled", 3.0),
    (OURS, "faust_compiled", 20.0),
    (OURS, "raw_compiled", 1.2),
    (OURS, "kafka_streams_one", 1.0),
    (OURS, "kafka_streams", 1.0),
    (TWO_WORKERS, "kafka_streams", 1.0),
    (OURS, FUSED[0], 1.3),
    (TWO_WORKERS, FUSED[1], 1.3),
    (TWO_WORKERS, OURS, TWO_OF_ONE),
    ("eropaf_twice_third", "eropaf_third", TWO_OF_ONE),
)
# A peer, and the most that our processor time may be of its: as many events a core as Flink.
CPU_OF_KAFKA_STREAMS = 0.5
CPU_GOALS = (("flink", 1.0), ("franz_go", 1.5))
P99_MS = 90.0

CAUTIONS = """\
## Before you compare

- **Rules, compiled and not.** Python peers stand twice: with the product's rules as plain Python, and with
  the same rules compiled. Either way they read and write Avro by fastavro, as their users do. Ours stands
  compiled (rules, codec and rows), and not compiled at all, with fastavro: that row beside a peer's first
  is what our transport gives.
- **A topic between the hops** is written by every engine. The peers read it back, but for Kafka Streams
  *fused*, Flink and the Go program: they do both hops in one task. So does ours, but in the row *through
  the topic*.
- **While fed steadily** each engine gets the same time, at the largest of four shares of its capacity (70,
  50, 35 and 25 %) at which no queue grows: capacity is what it works off as a backlog, and some carry less
  of an even feed, with commits as quick as latency asks. "Grows" stands where none of the four was carried.
- **Latency** counts from the moment at which an event was to be sent, so that a broker that stalls is in
  it. A p99.9 is of all rounds' updates together, and stands where those are 10,000.
- **Commits** of an engine that commits seldom come few in a run: the last column says how many.
- **Restart** of Bytewax and Flink is from the files that they left on this machine, of the others from
  Kafka, with nothing left of their local state.
- **The Go program** is no engine but the least that the job asks, written for it alone: its own codec, one
  loop, no metrics and no letters of records that cannot be read. What an engine costs is what lies above it.
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
least and the most. Before the clock runs, events are worked off until that gets no faster: a fifth of them at
least, half at most. Engine, broker, feeder and reader share the machine; an engine that runs a third of the
time leaves the broker what it needs.

| engine | guarantee | events/s | CPU µs/event | broker µs/event | peak RSS MiB | restored s | commits |
|---|---|---|---|---|---|---|---|
{rows}

Time from when an event was to be sent to its update as a read-committed subscriber has it, milliseconds:

| engine | at 1,000/s: p50 | p99 | p99.9 | the most it carries: rate | of capacity | p50 | p99 | p99.9 |
|---|---|---|---|---|---|---|---|---|
{chr(10).join(_latency_row(engine) for engine in results.engines.values() if engine.busy)}

{CAUTIONS}
## Goals

{_goals(results)}

Machines differ, and so does one machine from hour to hour: only ratios within one run say anything.
How each peer is written and tuned: the README in its folder under `bench/peers`.
"""


def _row(engine: OfEngine) -> str:
    if not engine.counts:
        return f"| {engine.title} | {engine.guarantee} | void: {engine.void} | | | | | |"
    cells = [
        spread(engine.values("events_per_s")),
        spread(engine.values("cpu_us")),
        spread(engine.values("broker_cpu_us")),
        spread(engine.values("rss_mib")),
        _restored(engine),
        spread(one.seconds * 1000 / engine.commit_ms for one in engine.throughput),
    ]
    return f"| {engine.title} | {engine.guarantee} | {' | '.join(cells)} |"


def _restored(engine: OfEngine) -> str:
    if any(one.restored is False for one in engine.throughput):
        return f"not within {RESTORED_WITHIN_S:.0f} s"
    return spread(engine.values("restore_s"), ".1f")


def _latency_row(engine: OfEngine) -> str:
    rate = median(one.rate for one in engine.busy)
    share = f"{rate / engine.middle('events_per_s'):.0%}"
    grew = any(one.grew for one in engine.busy)
    busy = ["grows"] * 3 if grew else _three(engine.busy)
    return f"| {engine.title} | {' | '.join([*_three(engine.at_1000), f'{rate:,.0f}', share, *busy])} |"


def _three(rounds: list[Latency]) -> list[str]:
    told = [f"{value:,.0f}" for value in percentiles(rounds)]
    return [*told, *["-"] * (3 - len(told))]


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
        lines.append(_cpu_goal(ours, best, CPU_OF_KAFKA_STREAMS))
    lines += [_cpu_goal(ours, counting[peer], most) for peer, most in CPU_GOALS if peer in counting]
    if ours.at_1000:
        lines.append(
            f"| p99 at 1,000/s: {ours.title} | ≤ {P99_MS:.0f} ms | {percentiles(ours.at_1000)[1]:.0f} ms |"
        )
    return "\n".join(lines)


def _cpu_goal(ours: OfEngine, peer: OfEngine, most: float) -> str:
    share = ours.middle("cpu_us") / peer.middle("cpu_us")
    return f"| processor time: {ours.title} against {peer.title} | ≤ {most:.0%} | {share:.0%} |"
