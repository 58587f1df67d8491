"""The clock: says in every partition that it is another day.

Time enters the flow here alone, as events. Any number of clocks may run: a day that was told before
changes nothing (ADR 12).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import structlog

from eropaf.agents.append import Appender
from eropaf.risk.events import EpochDay, Tick
from eropaf.risk.records import DAY_MS, HouseholdEvent
from eropaf.streams.runtime.record import Output
from eropaf_client.schemas.topics import EVERY

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 30.0


def ticks(appender: Appender, day: EpochDay) -> Iterator[Output]:
    """Give the records that say in every partition that it is `day`.

    Whoever has the partition slices it and looks at one slice after the other (`agents/household.py`),
    so that what comes in meanwhile waits for one of them and not for all.
    """
    now_ms = int(time.time() * 1000)
    for partition in range(appender.partitions):
        yield appender.event(as_event(Tick(day, 0, 0)), now_ms, partition)


def as_event(tick: Tick) -> HouseholdEvent:
    """Give the event that says so."""
    return HouseholdEvent(EVERY, f"tick-{tick.on}-{tick.slice}-{tick.slices}", tick.on * DAY_MS, tick=tick)


class Clock:
    """Tells each day once while it runs: at its start, and when the day changes (UTC)."""

    def __init__(self, connect: Callable[[], Appender]) -> None:
        self._connect = connect
        self._told: EpochDay | None = None

    def look(self) -> None:
        """Tell the day if it is another one than was told before."""
        day = int(time.time() * 1000) // DAY_MS
        if day != self._told:
            appender = self._connect()
            appender.write(ticks(appender, day))
            self._told = day
            log.info("told the day", day=day, partitions=appender.partitions)
