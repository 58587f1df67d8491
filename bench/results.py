"""What was measured, kept as JSON, and read as medians with their spread."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from bench.measure import Throughput
from bench.pacing import Latency, percentile
from eropaf.deploy.embedded.jars import read_lock
from eropaf.process import form

FOLDER = Path(__file__).parent
PERFORMANCE = FOLDER.parent / "docs" / "performance.md"
KEPT = FOLDER / "results.json"
# Of fewer a p99.9 is a matter of a few updates.
LEAST_FOR_P999 = 10_000


@dataclass(slots=True)
class OfEngine:
    """Every round of one engine. `void` says why its row counts for nothing."""

    title: str
    guarantee: str
    commit_ms: int
    throughput: list[Throughput] = field(default_factory=list)
    at_1000: list[Latency] = field(default_factory=list)
    busy: list[Latency] = field(default_factory=list)
    void: str | None = None

    @property
    def counts(self) -> bool:
        """Whether its row says anything."""
        return bool(self.throughput) and self.void is None

    def middle(self, measure: str) -> float:
        """Return the median of `measure`."""
        return median(self.values(measure))

    def values(self, measure: str) -> list[float]:
        """Return `measure` of every round that has it."""
        found = (getattr(one, measure) for one in self.throughput)
        return [value for value in found if value is not None]


@dataclass(slots=True)
class Results:
    """One run of the benchmark: where, when, with what, and every figure."""

    households: int
    events: int
    rounds: int = 0
    engines: dict[str, OfEngine] = field(default_factory=dict)
    setting: dict[str, str] = field(default_factory=lambda: setting())

    def keep(self) -> None:
        """Write the figures down, latencies as percentiles."""
        KEPT.write_text(json.dumps(_plain(self), indent=1) + "\n", "utf-8")


def setting() -> dict[str, str]:
    """Return what this was measured on."""
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{os.cpu_count()} cores, {model}, {memory:.0f} GiB",
        "python": platform.python_version(),
        "faust-streaming": version("faust-streaming"),
        "confluent-kafka": version("confluent-kafka"),
        "Kafka": read_lock().kafka,
        "ours": "compiled" if form.compiled() else "not compiled (`make compiled` was not run)",
        "commit": _commit(),
    }


def heading(command: str) -> str:
    """Return the line over a table: what measured it, when, and on what."""
    on = setting()
    return f"`{command}`, {on['date']}, {on['machine']}, commit {on['commit']}:\n\n"


def _commit() -> str:
    told = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=FOLDER, capture_output=True, text=True)
    return told.stdout.strip() or "none"


def spread(values: Iterable[float], form: str = ",.0f") -> str:
    """Return the median of `values`, with the least and the most where there are several."""
    ordered = sorted(values)
    if not ordered:
        return "-"
    if len(ordered) == 1:
        return format(ordered[0], form)
    return f"{median(ordered):{form}} ({ordered[0]:{form}}–{ordered[-1]:{form}})"


def percentiles(rounds: list[Latency]) -> list[float]:
    """Return p50 and p99 in milliseconds, medians of the rounds; and p99.9 of all where they suffice."""
    rounds = [one for one in rounds if one.samples]
    if not rounds:
        return []
    found = [median(percentile(one.samples, share) for one in rounds) for share in (0.5, 0.99)]
    together = [sample for one in rounds for sample in one.samples]
    return [*found, percentile(together, 0.999)] if len(together) >= LEAST_FOR_P999 else found


def _plain(results: Results) -> dict[str, Any]:
    plain = asdict(results)
    for name, engine in results.engines.items():
        for measure in ("at_1000", "busy"):
            rounds: list[Latency] = getattr(engine, measure)
            plain["engines"][name][measure] = [
                {"rate": one.rate, "updates": len(one.samples), "percentiles_ms": percentiles([one])}
                for one in rounds
            ]
    return plain
