"""Tells one tool every update of its areas, in order per household, until it has them.

What was tried and told stands in the journal (`eropaf_client.journal`), so that kill -9 costs a repeat at
most, of the same id and bytes. Households do not wait for each other. Where the tool takes nothing at all,
one event after the other is tried, seldomer each time, and none is given up: they wait in their topic.
What an erasure ends that was read meanwhile is no longer told.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from concurrent.futures import Executor
from queue import Empty, SimpleQueue

import structlog

from eropaf.gateway.webhooks import metrics
from eropaf.gateway.webhooks.book import Book
from eropaf.gateway.webhooks.event import event_of
from eropaf.gateway.webhooks.post import Post, Result, Tried
from eropaf.gateway.webhooks.tool import Tool
from eropaf.serving.reading import ASKS_REGISTRY_EVERY_S
from eropaf_client.inbox import Inbox, Received
from eropaf_client.journal import Journal
from eropaf_client.records import PriorityUpdate
from eropaf_client.schemas.errors import RegistryUnavailable

# Events of so many households are under way at once.
HOUSEHOLDS_AT_ONCE = 16
SHORTEST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 300.0
GIVEN_UP_AFTER_S = 24 * 3600.0
# How long one look for records or answers waits.
LOOK_S = 0.02
# How old the oldest is that waits, is measured no oftener: all that wait are looked at.
MEASURES_EVERY_S = 5.0

log = structlog.get_logger(__name__)


class Delivery:
    """One tool's events. Used by one thread; `post` runs in those of `pool`.

    `now` is the wall clock, by which an event is given up after 24 hours; the inbox has a clock of its own.
    """

    def __init__(
        self,
        tool: Tool,
        source: str,
        inbox: Inbox,
        journal: Journal,
        post: Post,
        pool: Executor,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._tool, self._source, self._inbox = tool, source, inbox
        self._journal, self._book, self._post, self._pool, self._now = journal, Book(journal), post, pool, now
        self._answers: SimpleQueue[tuple[Received, Tried]] = SimpleQueue()
        self._under_way = 0
        # When the tool last took something; how often it did not since, and until when it is left alone.
        self._told_at_s = -math.inf
        # The events that it did not take since, by their places.
        self._not_taken: set[tuple[int, int]] = set()
        self._in_vain, self._rests_until_s = 0, 0.0
        self._measured_at_s = -math.inf
        self._count_dead()

    def run(self, stopped: Callable[[], bool]) -> None:
        """Go on until `stopped()` turns true; what is under way then is waited for."""
        while not stopped():
            try:
                self.step()
            except RegistryUnavailable as error:  # waited for: nothing is skipped for it
                log.warning("webhooks wait for the registry", error=str(error))
                time.sleep(ASKS_REGISTRY_EVERY_S)
        while self._under_way:
            self._answer(LOOK_S)

    def step(self) -> None:
        """Take what is next, or what was answered; wait a moment where there is neither."""
        self._inbox.read_on()  # also while the tool rests: an erasure ends what waits
        if self._may_send():
            received = self._inbox.take(LOOK_S)
            if received is not None:
                self._begin(received)
        else:
            self._answer(LOOK_S)
        while self._answer(0.0):
            pass
        self._measure_oldest()

    def _measure_oldest(self) -> None:
        now_s = self._now()
        if now_s - self._measured_at_s < MEASURES_EVERY_S:
            return
        self._measured_at_s = now_s
        waiting = [
            each.origin_at_ms
            for each in self._inbox.first_in_line()
            if each.update is None or self._tool.caller.sees(each.update.area)
        ]
        metrics.OLDEST.labels(tool=self._tool.name).set(min(waiting, default=0) / 1000)

    def _may_send(self) -> bool:
        if self._now() < self._rests_until_s:
            return False
        return self._under_way < (1 if self._in_vain else HOUSEHOLDS_AT_ONCE)

    def _begin(self, received: Received) -> None:
        if not self._is_theirs(received):
            self._inbox.complete(received)
            return
        if self._is_ended(received):
            self._pass_over(received)
            return
        self._under_way += 1
        event = event_of(received, self._source)
        self._pool.submit(lambda: self._answers.put((received, self._post(event))))

    def _is_theirs(self, received: Received) -> bool:
        if received.update is None:
            return self._book.may_have(received.household)
        return self._tool.caller.sees(received.update.area)

    def _is_ended(self, received: Received) -> bool:
        return received.update is not None and self._inbox.erasure_waits(received.household)

    def _pass_over(self, received: Received) -> None:
        # A process that was killed may have posted it: so the tool is told of the erasure in any case.
        with self._inbox.completing(received):
            self._book.told(received)

    def _answer(self, wait_s: float) -> bool:
        try:
            received, tried = self._answers.get(timeout=wait_s) if wait_s else self._answers.get_nowait()
        except Empty:
            return False
        self._under_way -= 1
        metrics.TRIES.labels(tool=self._tool.name, result=tried.result.value).inc()
        if not self._inbox.has_in_hand(received):
            return True  # the inbox started again meanwhile: the record comes again, and goes by the same id
        if tried.result is Result.TOLD:
            self._told(received)
        else:
            self._failed(received, tried)
        return True

    def _told(self, received: Received) -> None:
        with self._inbox.completing(received):
            self._book.told(received)
        if received.update is None:
            self._count_dead()  # what was given up of this household is forgotten too
        if self._in_vain:
            log.info("the tool takes events again", tool=self._tool.name)
        self._in_vain, self._rests_until_s, self._told_at_s = 0, 0.0, self._now()
        self._not_taken.clear()
        metrics.AWAY.labels(tool=self._tool.name).set(0)
        seconds = max(0.0, self._now() - received.origin_at_ms / 1000)
        metrics.SECONDS.labels(tool=self._tool.name).observe(seconds)

    def _failed(self, received: Received, tried: Tried) -> None:
        now_s = self._now()
        if tried.result is Result.AWAY:
            self._rest(now_s, tried)
        if self._is_ended(received):
            self._pass_over(received)
            return
        tries = self._book.failed(received, now_s)
        self._not_taken.add((received.partition, received.offset))
        # Where the tool took others since, and fails at no other, it is this event that it does not take.
        takes_others = self._told_at_s > tries.since_s and len(self._not_taken) == 1
        if not takes_others and tries.tried > 1:
            metrics.AWAY.labels(tool=self._tool.name).set(1)
        if received.update is not None and takes_others and now_s - tries.since_s >= GIVEN_UP_AFTER_S:
            self._give_up(received, received.update.update_id, tried.why)
        else:
            # For longer than the tool rests, so that another event is tried first: this one may be why.
            self._inbox.retry_later(received, 2 * pause_s(tries.tried))

    def _rest(self, now_s: float, tried: Tried) -> None:
        if not self._in_vain:
            log.warning("the tool takes no events", tool=self._tool.name, why=tried.why)
        rests_s = tried.after_s
        if now_s >= self._rests_until_s:  # else it was under way already: one outage, not one more
            self._in_vain += 1
            rests_s = max(rests_s, pause_s(self._in_vain))
        self._rests_until_s = max(self._rests_until_s, now_s + rests_s)
        metrics.AWAY.labels(tool=self._tool.name).set(1)

    def _give_up(self, received: Received, update_id: str, why: str) -> None:
        log.error("an event was given up", tool=self._tool.name, id=update_id, why=why)
        self._inbox.park(received, why)
        self._book.settled(received)
        self._count_dead()

    def _count_dead(self) -> None:
        metrics.DEAD.labels(tool=self._tool.name).set(len(self._journal.parked()))


def pause_s(tries: int) -> float:
    """Return how long to wait after so many tries in vain: twice as long each time, to a bound."""
    return float(min(SHORTEST_PAUSE_S * 2 ** min(tries - 1, 20), LONGEST_PAUSE_S))


def send_dead(
    journal: Journal, decode: Callable[[bytes], PriorityUpdate], source: str, post: Post, tool: Tool
) -> int:
    """Try what was given up once more, in order per household; return how many the tool took.

    What waits behind an event that is not taken stays with it. What is of an area that the tool sees no
    more is dropped.
    """
    book, taken, stuck = Book(journal), 0, set[str]()
    for each in journal.parked():
        if each.household in stuck:
            continue
        update = decode(each.value)
        if not tool.caller.sees(update.area):
            log.info("dropped: of an area that is the tool's no more", tool=tool.name, id=update.update_id)
            journal.unpark(each)
            continue
        received = Received(
            household=each.household, update=update, origin_at_ms=0, partition=0, offset=0, value=each.value
        )
        if post(event_of(received, source)).result is Result.TOLD:
            with journal.transaction():
                journal.unpark(each)
                book.told(received)
            taken += 1
        else:
            stuck.add(each.household)
    return taken
