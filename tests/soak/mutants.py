"""What grew once, put back: what the harness must find, or it proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from eropaf.streams.observe import metrics
from eropaf.streams.runtime.batch import Batch
from eropaf.streams.runtime.machine import Machine
from eropaf.streams.runtime.pacing import InTransit


def lately_kept() -> None:
    """What was written lately is forgotten only when somebody asks, who does not while a worker keeps up."""

    def add(in_transit: InTransit, now_s: float, topic: str, count: int) -> None:
        in_transit._lately.append((now_s, topic, count))
        in_transit._counts[topic] += count

    InTransit._add = add  # type: ignore[method-assign,assignment]


def labels_by_household() -> None:
    """A metric has a label for each record that it counts."""
    collected = Machine.collect

    def collect(machine: Machine, batch: Batch) -> None:
        metrics.REJECTED.labels(batch.stage, batch.topic, f"{batch.next_offset}").inc()
        collected(machine, batch)

    Machine.collect = collect  # type: ignore[method-assign,assignment]


MUTANTS: Mapping[str, Callable[[], None]] = {
    patch.__name__.replace("_", "-"): patch for patch in (lately_kept, labels_by_household)
}
