"""The clock: tells every partition that a new day has begun.

Time enters the flow only here, as events. Every worker has a clock, and one of them leads: that of the worker
that reads the first partition of households' histories. A day announced again changes nothing, so two leaders
at one moment do no harm (ADR 45).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import structlog
from mode import Service

from eropaf.agents.append import Appender
from eropaf.risk.calendar import EPOCH
from eropaf.risk.events import EpochDay, Tick
from eropaf.risk.records import DAY_MS, HouseholdEvent
from eropaf.risk.zone import CivilZone
from eropaf.streams.errors import StreamsError, stop_at_once
from eropaf.streams.runtime.record import Output
from eropaf_client.errors import ClientError
from eropaf_client.schemas.topics import EVERY

log = structlog.get_logger(__name__)

DAY_CHECKED_EVERY_S = 5.0


def ticks(appender: Appender, day: EpochDay) -> Iterator[Output]:
    """Yield the records that announce `day` to every partition.

    The partition's owner processes its households slice by slice (`agents/household.py`), so that new events
    wait for one slice and not for all.
    """
    now_ms = int(time.time() * 1000)
    for partition in range(appender.partitions):
        yield appender.event(as_event(Tick(day, 0, 0)), now_ms, partition)


def as_event(tick: Tick) -> HouseholdEvent:
    """Return the event that announces it."""
    return HouseholdEvent(EVERY, f"tick-{tick.on}-{tick.slice}-{tick.slices}", tick.on * DAY_MS, tick=tick)


class Clock(Service):
    """Announces each day once while `leads()`: when it starts to lead, and when the day changes.

    `read_zone` returns the time zone of the policy in force; it is read before each announcement. `connect`
    returns the deployment's one clock appender, which fences the previous leader. Both, and writing, run on
    their own thread, so that an unavailable broker delays no record. An unanswered write is retried; a bug
    ends the worker, because otherwise days would silently stop passing.
    """

    def __init__(
        self,
        connect: Callable[[], Appender],
        leads: Callable[[], bool],
        read_zone: Callable[[], CivilZone],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._read_zone = read_zone
        self._zone: CivilZone | None = None
        self._connect = connect
        self._leads = leads
        self._told: EpochDay | None = None

    @Service.task
    async def _run(self) -> None:
        await self.watch()

    async def watch(self) -> None:
        """Check repeatedly until told to stop."""
        while not self.should_stop:
            try:
                await self.look()
            except Exception as error:  # days would silently stop passing
                stop_at_once("the clock failed", error)
            await self.sleep(DAY_CHECKED_EVERY_S)

    async def look(self) -> None:
        """Announce the day, if this clock leads and last announced another one."""
        now_ms = int(time.time() * 1000)
        if not self._leads():
            self._told = None
        elif self._zone is None or self._zone.day_of(now_ms) != self._told:
            try:
                await asyncio.to_thread(self._tell, now_ms)
            except (StreamsError, ClientError) as error:
                said = "the day could not be told; trying again"
                log.error(said, error=str(error), again_after_s=DAY_CHECKED_EVERY_S)

    def _tell(self, now_ms: int) -> None:
        self._zone = self._read_zone()
        day = self._zone.day_of(now_ms)
        if day == self._told:  # another zone since: in it the day goes on
            return
        appender = self._connect()
        appender.write(ticks(appender, day))
        self._told = day
        log.info("told the day", day=str(EPOCH + timedelta(days=day)), partitions=appender.partitions)
