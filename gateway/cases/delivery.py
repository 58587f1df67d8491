"""Hands each acceptance on, once, and asks how its case stands.

All is read from the topics' beginning at each start; the book says what waits and what was done. Where the
other side takes nothing, one is tried after the other, seldomer each time, and none is given up.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Protocol

import structlog

from eropaf.gateway.cases import metrics
from eropaf.gateway.cases.accepted import Acceptance, Acceptances, Objected
from eropaf.gateway.cases.book import Book, Row, State
from eropaf.gateway.cases.zaken import Opened, Standing
from eropaf.gateway.webhooks.delivery import GIVEN_UP_AFTER_S, pause_s
from eropaf.gateway.webhooks.post import Result, Tried
from eropaf.serving.reading import ASKS_REGISTRY_EVERY_S
from eropaf_client.schemas.errors import RegistryUnavailable
from eropaf_client.topic_reader import TopicReader

READS_FOR_S = 0.5
# A case is open for months: what is new of it may wait an hour.
ASKS_CASES_EVERY_S = 3600.0
# Longer than any outcome stands in its topic: what is forgotten by then comes no second time.
KEPT_S = 76 * 24 * 3600.0

EVER = datetime.min.replace(tzinfo=UTC)

log = structlog.get_logger(__name__)


class Taker(Protocol):
    """Whoever takes acceptances."""

    def open(self, acceptance: Acceptance) -> Opened:
        """Hand one on. Whatever happens is said, not raised."""

    def standing(self, number: str, url: str) -> Standing | Tried:
        """Return how a case stands; where that cannot be said now, what came of the try."""


class Delivery:
    """Used by one thread. `now` is the wall clock; help from before `since` is passed over for good."""

    def __init__(
        self,
        reader: TopicReader,
        book: Book,
        taker: Taker,
        now: Callable[[], float] = time.time,
        *,
        since: datetime = EVER,
    ) -> None:
        self._since = since
        self._reader, self._book, self._taker, self._now = reader, book, taker, now
        self._acceptances = Acceptances()
        self._rests_until_s, self._in_vain = 0.0, 0
        self._asks_again_at_s, self._asks_in_vain = 0.0, 0
        self._taken_at_s = -math.inf
        # When each that was tried in vain is tried again.
        self._again_at_s: dict[str, float] = {}
        self._unaddressed: set[str] = set()

    def run(self, stopped: Callable[[], bool]) -> None:
        """Go on until `stopped()` turns true."""
        while not stopped():
            try:
                self.step()
            except RegistryUnavailable as error:  # waited for: nothing is skipped for it
                log.warning("cases wait for the registry", error=str(error))
                time.sleep(ASKS_REGISTRY_EVERY_S)

    def step(self) -> None:
        """Read on; hand on what is next, and ask how a case stands."""
        for read in self._reader.poll(READS_FOR_S):
            ends = self._acceptances.take(read)
            if isinstance(ends, Objected):
                self._book.object(ends)
            elif ends is not None:
                self._book.forget(ends)
        if not self._reader.caught_up:
            return  # an erasure that is not read yet may end what was read
        self._note()
        rows = self._book.rows()
        waits = [each for each in rows if each.state == State.WAITING.value]
        waiting = self._acceptances.addressed(each.noted() for each in waits)
        self._measure(rows, waits, waiting)
        if self._now() >= self._rests_until_s:
            self._hand_on(waiting, rows)
        if self._now() >= max(self._rests_until_s, self._asks_again_at_s):
            self._ask(rows)

    def _note(self) -> None:
        """Let the book know of what was read, and of nothing that is too old to have come once alone."""
        before_ms = int((self._now() - KEPT_S) * 1000)
        self._book.forget_old(before_ms)
        self._acceptances.forget_old(before_ms)
        if accepted := [each for each in self._acceptances.drain() if each.stored_at_ms >= before_ms]:
            self._book.note([each for each in accepted if each.at < self._since], State.PASSED_OVER)
            self._book.note([each for each in accepted if each.at >= self._since])

    def _hand_on(self, waiting: list[Acceptance], rows: list[Row]) -> None:
        """Hand on the one that is due longest: what is refused again and again lets all others go first."""
        due = [each for each in _first_of_each(waiting) if self._due_s(each) <= self._now()]
        if due:
            self._try(min(due, key=self._due_s), rows)

    def _due_s(self, acceptance: Acceptance) -> float:
        return self._again_at_s.get(acceptance.number, 0.0)

    def _try(self, acceptance: Acceptance, rows: list[Row]) -> None:
        number, household = acceptance.number, acceptance.household
        if any(each.has_case and each.household == household and each.number != number for each in rows):
            self._book.settle(number, State.JOINED)
            return
        opened = self._taker.open(acceptance)
        metrics.TRIES.labels(result=opened.tried.result.value).inc()
        if opened.tried.result is not Result.TOLD:
            self._failed(acceptance, opened)
            return
        self._book.settle(number, State.OPEN if opened.url else State.TOLD, opened.url)
        self._again_at_s.pop(number, None)
        self._in_vain, self._taken_at_s = 0, self._now()
        log.info("accepted help was handed on", number=number)

    def _failed(self, acceptance: Acceptance, opened: Opened) -> None:
        now_s, tried = self._now(), opened.tried
        row = self._book.failed(acceptance.number, opened, now_s)
        self._again_at_s[acceptance.number] = now_s + pause_s(row.tries)
        log.warning("accepted help was not taken", number=acceptance.number, why=tried.why)
        if tried.result is Result.AWAY:
            self._in_vain += 1
            self._rests_until_s = now_s + max(tried.after_s, pause_s(self._in_vain))
        elif self._taken_at_s > row.since_s and now_s - row.since_s >= GIVEN_UP_AFTER_S:
            # Others were taken since: it is this one that is not.
            self._book.give_up(acceptance.number)
            log.error("accepted help was given up", number=acceptance.number, why=tried.why)

    def _ask(self, rows: list[Row]) -> None:
        """Ask of the open case that was not asked for longest, if that is long enough."""
        open_ones = [each for each in rows if each.state == State.OPEN.value]
        row = min(open_ones, key=lambda each: each.asked_at_s, default=None)
        if row is None or self._now() - row.asked_at_s < ASKS_CASES_EVERY_S:
            return
        standing = self._taker.standing(row.number, row.url)
        if isinstance(standing, Tried):
            self._book.heard(row.number, State.OPEN, row.status, "", self._now())
            # Help that waits is tried meanwhile, unless the case system asks to be left alone.
            self._asks_in_vain += 1
            self._asks_again_at_s = self._now() + pause_s(self._asks_in_vain)
            self._rests_until_s = max(self._rests_until_s, self._now() + standing.after_s)
            return
        self._asks_in_vain = 0
        state = State.ENDED if standing.ended_on else State.OPEN
        if (standing.status, state.value) != (row.status, row.state):
            log.info("a case stands otherwise", number=row.number, status=standing.status, state=state.value)
        self._book.heard(row.number, state, standing.status, standing.ended_on, self._now())

    def _measure(self, rows: list[Row], waits: list[Row], waiting: list[Acceptance]) -> None:
        states = Counter(each.state for each in rows)
        metrics.WAITING.set(len(waits))
        metrics.OLDEST.set(min((each.stored_at_ms for each in waiting), default=0) / 1000)
        metrics.OPEN.set(states[State.OPEN.value])
        metrics.DEAD.set(states[State.GIVEN_UP.value])
        unaddressed = {each.number for each in waits} - {each.number for each in waiting}
        metrics.UNADDRESSED.set(len(unaddressed))
        for number in unaddressed - self._unaddressed:
            log.warning("accepted help of a household whose address is in no topic", number=number)
        self._unaddressed = unaddressed
        # What waits no more is tried no more either: joined, forgotten, given up.
        self._again_at_s = {each.number: at for each in waits if (at := self._again_at_s.get(each.number))}


def _first_of_each(waiting: list[Acceptance]) -> Iterable[Acceptance]:
    """Return the oldest of each household: a later one joins its case, which may not be known yet."""
    firsts: dict[str, Acceptance] = {}
    for each in waiting:
        firsts.setdefault(each.household, each)
    return firsts.values()
