"""The list for outreach tools, read from its topic: each update once, in order per household."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import islice
from operator import gt
from typing import Any, NamedTuple

from eropaf.gateway.callers import Caller
from eropaf.gateway.cursors import Cursors
from eropaf.gateway.signal_json import instant
from eropaf_client.live_list import LiveList
from eropaf_client.records import PriorityUpdate
from eropaf_client.topic_reader import Read


class Heard(NamedTuple):
    """What a record of the topic says: an update, or with None that a household was forgotten."""

    update: PriorityUpdate | None


class Told(NamedTuple):
    """An update, or the erasure of a household, and where it stands."""

    offset: int
    stored_at_ms: int
    household: str
    update: PriorityUpdate | None

    def __repr__(self) -> str:
        # Without the update: it holds where somebody lives.
        return f"Told({self.offset}, {self.household!r})"

    def to_json(self) -> dict[str, Any]:
        """Return it as a tool reads it."""
        return {
            "household": self.household,
            "update": None if self.update is None else update_json(self.update),
            "caused_at": instant(self.stored_at_ms),
        }


def update_json(update: PriorityUpdate) -> dict[str, Any]:
    """Return an update by the names of the contract. It has no reason: nor has the topic."""
    action, norm, by = update.action, update.respond_by_norm, update.respond_by
    return {
        "update_id": update.update_id,
        "household": update.household,
        "sequence": update.sequence,
        "address": {
            "postcode": update.postcode,
            "house_number": update.house_number,
            "addition": update.addition,
        },
        "area": update.area,
        "urgency": update.urgency,
        "band": update.band.value,
        "respond_by": None if by is None else by.isoformat(),
        "respond_by_norm": None if norm is None else norm.value,
        "change": update.change.value,
        "action": None if action is None else action.value,
        "overruled": update.overruled,
        "policy_version": update.policy_version,
        "event_at": update.event_at.isoformat().replace("+00:00", "Z"),
    }


class Feed:
    """What the topic tells, from a cursor on, and the list as it is. Used on the event loop alone."""

    def __init__(self, partitions: int, topic_id: str) -> None:
        self._logs: list[list[Told]] = [[] for _ in range(partitions)]
        self._ends = [0] * partitions
        self._cursors = Cursors(partitions, topic_id)
        self._areas: dict[str, str] = {}
        self._newest: dict[str, Told] = {}
        self._list = LiveList()
        self._more = asyncio.Condition()

    def take(self, read: Read) -> None:
        """Note an update or an erasure, in the order of its partition; a repeat is passed over."""
        household, update = read.key.decode(errors="replace"), read.value.update
        self._ends[read.partition] = read.offset + 1
        before = self._newest.get(household)
        if update and before and before.update and update.sequence <= before.update.sequence:
            return
        if update is None:
            self._list.forget(household)
            self._areas.pop(household, None)
        else:
            self._list.apply(update)
            self._areas[household] = update.area
        log = self._logs[read.partition]
        if update is None:  # where somebody lived is not told any more, not even to whoever begins again
            log[:] = [each for each in log if each.household != household]
        told = Told(read.offset, read.stored_at_ms, household, update)
        log.append(told)
        self._newest[household] = told

    def forget(self, before_ms: int, erased_before_ms: int) -> None:
        """Forget what the topic may have compacted away: what is old and not its household's newest.

        Of a household that was erased so long ago that the topic keeps not even that, nothing stays.
        """
        erased = [
            household
            for household, each in self._newest.items()
            if each.update is None and each.stored_at_ms < min(before_ms, erased_before_ms)
        ]
        for household in erased:
            del self._newest[household]
        for log in self._logs:
            log[:] = [
                each
                for each in log
                if each.stored_at_ms >= before_ms or self._newest.get(each.household) is each
            ]

    def area(self, household: str) -> str | None:
        """Return the area of a household that was told of; None: it never was, or it was forgotten."""
        return self._areas.get(household)

    def ranked(self, caller: Caller) -> list[PriorityUpdate]:
        """Return the list that `caller` sees, most urgent first."""
        return [each for each in self._list.ranked() if caller.sees(each.area)]

    def end(self) -> str:
        """Return the cursor behind everything."""
        return self._cursors.write(self._ends)

    def after(self, cursor: str | None, most: int, caller: Caller) -> tuple[list[Told], str]:
        """Return what `caller` sees behind a cursor, `most` at once, and the cursor behind that.

        Raises:
            Problem: it is not a cursor of this topic.
        """
        reached = self._cursors.read(cursor)
        found = list(islice(self._behind(reached, _for(caller)), most))
        return found, self._cursors.write(reached)

    async def more(self, cursor: str) -> None:
        """Wait until there is something behind a cursor, for whomever it is."""
        reached = self._cursors.read(cursor)
        async with self._more:
            await self._more.wait_for(lambda: any(map(gt, self._ends, reached)))

    async def tell(self) -> None:
        """Wake who waits."""
        async with self._more:
            self._more.notify_all()

    def _behind(self, reached: list[int], sees: Callable[[Told], bool]) -> Iterator[Told]:
        for partition, log in enumerate(self._logs):
            first = bisect_left(log, reached[partition], key=lambda each: each.offset)
            for told in islice(log, first, None):
                reached[partition] = told.offset + 1
                if sees(told):
                    yield told
            # Behind the last that is told there may be a repeat: who has read all this waits behind that too.
            reached[partition] = max(reached[partition], self._ends[partition])


def _for(caller: Caller) -> Callable[[Told], bool]:
    """Return whether something is for `caller`.

    An erasure is for everybody: who keeps something of the household must forget that, of an area that was
    the caller's until the file of callers changed too. Its key says nothing to anybody else.
    """
    return lambda told: told.update is None or caller.sees(told.update.area)
