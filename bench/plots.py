"""Draws bench/results.json: what each engine carries, what it costs, how long an update takes.

    bench/.venv/bin/python bench/plots.py

Stands alone, in an environment of its own (bench/requirements.lock), which holds the drawing library.
"""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl

FOLDER = Path(__file__).parent
PICTURE = FOLDER.parent / "docs" / "images" / "benchmark.svg"
# One file for one set of figures: no dates, no random names.
mpl.rcParams.update(
    {"svg.hashsalt": "eropaf", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
)


def figures(results: dict[str, Any], measure: str) -> dict[str, list[float]]:
    """Return every round's `measure` of each engine whose row counts."""
    return {
        engine["title"]: [turn[measure] for turn in engine["throughput"]]
        for engine in results["engines"].values()
        if engine["throughput"] and not engine["void"]
    }


def bars(axes: Any, values: dict[str, list[float]], title: str) -> None:
    """Draw medians as bars, with the least and the most as whiskers."""
    middle = [median(each) for each in values.values()]
    spread = [
        [m - min(each) for m, each in zip(middle, values.values(), strict=True)],
        [max(each) - m for m, each in zip(middle, values.values(), strict=True)],
    ]
    axes.barh(list(values), middle, xerr=spread, color="#4a6f8a", ecolor="#222222", capsize=2)
    axes.invert_yaxis()
    axes.set_title(title, loc="left")


def latencies(axes: Any, results: dict[str, Any]) -> None:
    """Draw p50 and p99 at 1,000 events a second."""
    for engine in results["engines"].values():
        # A p99.9 is there where a round has updates enough for it.
        turns = [turn["percentiles_ms"][:2] for turn in engine["at_1000"]]
        if turns:
            axes.plot(
                ["p50", "p99"],
                [median(part) for part in zip(*turns, strict=True)],
                marker="o",
                label=engine["title"],
            )
    axes.set_yscale("log")
    axes.set_title("to be sent until read, ms, at 1,000/s", loc="left")
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))


def main() -> None:
    """Draw everything."""
    from matplotlib import pyplot

    results = json.loads((FOLDER / "results.json").read_text("utf-8"))
    figure, axes = pyplot.subplots(2, 2, figsize=(14, 7), layout="constrained")
    bars(axes[0][0], figures(results, "events_per_s"), "events/s")
    bars(axes[0][1], figures(results, "cpu_us"), "processor time, µs/event")
    bars(axes[1][0], figures(results, "rss_mib"), "peak resident memory, MiB")
    latencies(axes[1][1], results)
    figure.savefig(PICTURE, metadata={"Date": None})


if __name__ == "__main__":
    main()
