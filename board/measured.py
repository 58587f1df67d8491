"""What the board measures, and where Prometheus reads it: a port of its own, which no browser is led to."""

from __future__ import annotations

import asyncio
import math
from collections import Counter

from starlette.types import ASGIApp

from eropaf.board import metrics
from eropaf.board.reading import News
from eropaf.board.state import State
from eropaf.board.visits import visits
from eropaf.serving import measured
from eropaf.serving.reading import Reading


def exposition(state: State, reading: Reading[News], serves: str, check_out_minutes: int) -> ASGIApp:
    """Return what Prometheus asks: every metric of this board as it is now; `serves`: `team`, or `desk`."""
    told: Counter[tuple[str, str]] = Counter()

    async def look() -> None:
        behind = await asyncio.to_thread(reading.behind)
        metrics.UNREAD.set(math.nan if behind is None else behind)
        metrics.READY.labels(serves=serves).set(state.ready.is_set())
        metrics.STREAMS.set(state.browsers)
        metrics.OVERDUE_VISITS.set(sum(each.overdue for each in visits(state, check_out_minutes)))
        for (topic, reason), count in (reading.asides.counts - told).items():
            metrics.SET_ASIDE.labels(topic=topic, reason=reason).inc(count)
            told[topic, reason] += count

    return measured.exposition(metrics.REGISTRY, look)
