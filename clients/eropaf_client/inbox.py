"""Records that were read but not yet dealt with: none is skipped until its outcome is reported.

A record is *in hand* from `take` until `complete`, `retry_later` or `park`. Records of one household keep
their order: the next is taken once the previous one is dealt with. Other households do not wait. The position
of a partition is its first record not dealt with, so after a crash, or if forgotten, a record comes again.
"""

from __future__ import annotations

import heapq
import logging
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Callable, NamedTuple

from eropaf_client.errors import JournalMissing, NotInHand
from eropaf_client.journal import Journal, Parked
from eropaf_client.lifetime import OneAtATime
from eropaf_client.records import PriorityUpdate
from eropaf_client.schemas.aside import Asides
from eropaf_client.source import End, Record, Source

LOG = logging.getLogger("eropaf_client")

# Read and not dealt with: enough to stay busy, few enough to hold in memory.
MOST_OPEN = 10_000
# Dealt with beyond a partition's position; if one record holds it back longer, the others wait too.
MOST_AHEAD = 100_000
BEHIND_ANOTHER = "behind another"


class Received(NamedTuple):
    """An update, and when the creditor's record that caused it was stored (ms since 1970 UTC).

    `update` is None for an erasure, when the household was forgotten: delete what is kept about it.
    """

    household: str
    update: PriorityUpdate | None
    origin_at_ms: int
    partition: int
    offset: int
    value: bytes

    def __repr__(self) -> str:
        # Without the value, which says where somebody lives.
        return f"Received({self.household!r}, {self.partition}, {self.offset}, erased={self.erased})"

    @property
    def erased(self) -> bool:
        """Whether this is an erasure."""
        return self.update is None


class Inbox:
    """The records of one topic, each until it is dealt with.

    With a `journal`, what was dealt with stays so across crashes; without one, only as long as the inbox
    lives. A repeat, recognised by household and sequence, is skipped; so is an unreadable record, which is
    logged and counted. For one thread at a time: a second one is refused.

    Raises:
        LedgerMoved: the journal belongs to another cluster, or to a topic that was recreated.

    Raises, when it is used:
        Busy: another thread is inside. Any thread may query its progress.
    """

    def __init__(
        self,
        source: Source,
        decode: Callable[[bytes], PriorityUpdate],
        journal: Journal | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        ((self._topic, self._partitions),) = source.partitions.items()
        self._source, self._decode, self._journal, self._clock = source, decode, journal, clock
        self._unread = {each: _Partition() for each in range(self._partitions)}
        self._told: dict[str, int] = {}
        self._one = OneAtATime("this subscriber")
        self.asides = Asides(lambda aside: LOG.error("%s cannot be used: passed over", aside))
        """The records that could not be used; the first of them are in the log."""
        if journal:
            journal.bind(source.identity())
        self._start()

    def _start(self) -> None:
        """Start reading at the first record not dealt with, according to the journal or to this inbox."""
        if self._journal:
            self._before = self._journal.done()
            positions = self._journal.positions()
            self._told.clear()
        else:
            self._before = {(each, offset) for each, held in self._unread.items() for offset in held.ahead}
            positions = {each: held.position for each, held in self._unread.items()}
        self._unread = {each: _Partition(positions.get(each, 0)) for each in self._unread}
        self._behind = set(self._unread)
        self._lines: dict[str, deque[Received]] = {}  # waiting records by household, in order
        self._ready: deque[str] = deque()  # households whose next record may be taken
        self._later: list[tuple[float, str]] = []  # households that wait until then
        self._in_hand: dict[str, Received] = {}
        self._open = 0
        self._source.start({(self._topic, each): held.position for each, held in self._unread.items()})
        # False during a change: an exception then leaves it False, and everything is read again.
        self._sure = True

    @contextmanager
    def _steadily(self) -> Iterator[None]:
        with self._one.inside():
            if not self._sure:
                self._start()
            self._sure = False
            yield
            self._sure = True

    @property
    def caught_up(self) -> bool:
        """Whether everything stored at the start has been read and taken."""
        return not self._behind and not self._ready

    @property
    def more(self) -> bool:
        """Whether a record can be taken without waiting for a broker."""
        self._due()
        return bool(self._ready)

    def has_in_hand(self, received: Received) -> bool:
        """Return whether `received` is in hand."""
        return self._sure and self._in_hand.get(received.household) is received

    def erasure_waits(self, household: str) -> bool:
        """Return whether an erasure of `household` was read and not taken: it ends what comes before it."""
        return any(each.erased for each in self._lines.get(household, ()))

    def first_in_line(self) -> Iterator[Received]:
        """Yield the first record of each household that was read and is not dealt with."""
        yield from self._in_hand.values()
        yield from (line[0] for household, line in self._lines.items() if household not in self._in_hand)

    def behind(self) -> int | None:
        """Return how many records are stored and were not taken yet; None if no broker answers."""
        unread = self._source.behind()
        return None if unread is None else unread + self._open - len(self._in_hand)

    def take(self, wait_s: float) -> Received | None:
        """Return the next record, which is then in hand; None if none arrives within `wait_s`.

        Raises:
            NotAuthenticated, NotPermitted, TopicMissing, ClientBroken: waiting will not help.
        """
        ends = self._clock() + wait_s
        with self._steadily():
            received, left = self._first_ready(), wait_s
            while received is None:
                self._read(max(0.0, min(left, self._until_due())))
                received = self._first_ready()
                if left <= 0:
                    break
                left = ends - self._clock()
        return received

    def read_on(self) -> None:
        """Read what is stored without taking any of it, so that it is known which erasures wait.

        Raises:
            NotAuthenticated, NotPermitted, TopicMissing, ClientBroken: waiting will not help.
        """
        with self._steadily():
            self._read(0.0)

    def complete(self, received: Received) -> None:
        """Mark `received` as dealt with."""
        with self.completing(received):
            pass

    @contextmanager
    def completing(self, received: Received) -> Iterator[None]:
        """Mark `received` as dealt with if the block succeeds; otherwise it stays in hand.

        What the block writes to the journal's database is saved together with the position.
        """
        with self._one.inside():
            self._check(received)
            if self._journal is None:
                yield
                with self._steadily():
                    self._dealt_with(received)
                return
            with self._journal.transaction():
                with self._journal.guarded():
                    yield
                self._sure = False
                self._note(self._journal, received)
            self._dealt_with(received)
            self._sure = True
            if received.erased:
                self._journal.scrub()

    def retry_later(self, received: Received, after_s: float = 0.0) -> None:
        """Release `received`: it comes again, before later ones of its household, after `after_s`."""
        self._check(received)
        with self._steadily():
            del self._in_hand[received.household]
            self._lines.setdefault(received.household, deque()).appendleft(received)
            heapq.heappush(self._later, (self._clock() + after_s, received.household))

    def give_back(self, received: Received) -> None:
        """Release `received` if still in hand: the next call to `take` returns it."""
        if self.has_in_hand(received):
            self.retry_later(received)

    def park(self, received: Received, error: str) -> None:
        """Set an update aside that cannot be handled; later ones of its household are parked behind it.

        Raises:
            JournalMissing: there is nowhere to store it.
            ValueError: it is an erasure: forgetting a household cannot wait.
        """
        self._check(received)
        if self._journal is None:
            raise JournalMissing("there is nowhere to park it: give the subscriber a journal")
        if received.update is None:
            raise ValueError("an erasure cannot be parked: retry it later")
        with self._steadily():
            self._set_aside(self._journal, received, received.update, error)

    def _set_aside(self, journal: Journal, received: Received, update: PriorityUpdate, error: str) -> None:
        with journal.transaction():
            journal.park(Parked(received.household, update.sequence, received.value, error))
            self._note(journal, received)
        self._dealt_with(received)

    def _read(self, wait_s: float) -> None:
        if self._open >= MOST_OPEN or any(len(each.ahead) >= MOST_AHEAD for each in self._unread.values()):
            # Nothing more is taken in until something is dealt with.
            time.sleep(min(wait_s, 0.05))
            return
        for each in self._source.poll(wait_s):
            if isinstance(each, End):
                self._behind.discard(each.partition)
            else:
                self._take_in(each)

    def _take_in(self, record: Record) -> None:
        place = (record.partition(), record.offset())
        received = None if place in self._before else self._received(record)
        self._unread[place[0]].read(place[1])
        if received is None:
            self._before.discard(place)
            self._unread[place[0]].done(place[1])
            return
        self._open += 1
        line = self._lines.get(received.household)
        if line is None:
            self._lines[received.household] = deque([received])
            if received.household not in self._in_hand:
                self._ready.append(received.household)
        else:
            line.append(received)

    def _received(self, record: Record) -> Received | None:
        household = (record.key() or b"").decode(errors="replace")
        at = (record.timestamp()[1], record.partition(), record.offset())
        value = record.value()
        if value is None:
            return Received(household, None, *at, b"")
        update = self.asides.usable(record, self._decode)
        if update is None:
            return None
        return Received(update.household, update, *at, value)

    def _first_ready(self) -> Received | None:
        self._due()
        while self._ready:
            received = self._next(self._ready.popleft())
            if received is not None:
                return received
        return None

    def _next(self, household: str) -> Received | None:
        """Return a household's next record, skipping repeats and those waiting behind a parked one."""
        line = self._lines[household]
        while line:
            received = line.popleft()
            if not line:
                del self._lines[household]
            self._in_hand[household] = received
            if received.update is None:
                return received
            if received.update.sequence <= self._sequence(household):
                self._dealt_with(received, ready=False)
            elif self._journal and self._journal.is_parked(household):
                self._set_aside(self._journal, received, received.update, BEHIND_ANOTHER)
                return None  # what is next is ready again
            else:
                return received
        return None

    def _sequence(self, household: str) -> int:
        if household not in self._told:
            self._told[household] = self._journal.told(household) if self._journal else 0
        return self._told[household]

    def _note(self, journal: Journal, received: Received) -> None:
        position = self._unread[received.partition].position_without(received.offset)
        journal.move(received.partition, received.offset, position)
        if received.update is None:
            journal.forget(received.household)
        else:
            journal.tell(received.household, received.update.sequence)

    def _dealt_with(self, received: Received, ready: bool = True) -> None:
        household = received.household
        del self._in_hand[household]
        self._open -= 1
        self._unread[received.partition].done(received.offset)
        if received.update is None:
            self._told.pop(household, None)  # counting starts again
        else:
            self._told[household] = max(received.update.sequence, self._sequence(household))
        if ready and household in self._lines:
            self._ready.append(household)

    def _due(self) -> None:
        now = self._clock()
        while self._later and self._later[0][0] <= now:
            self._ready.append(heapq.heappop(self._later)[1])

    def _until_due(self) -> float:
        return max(0.0, self._later[0][0] - self._clock()) if self._later else 3600.0

    def _check(self, received: Received) -> None:
        if not self.has_in_hand(received):
            raise NotInHand(
                "this record is not in hand: it was dealt with, given back, or will be read again"
            )


class _Partition:
    """What was read of a partition, and where reading would resume."""

    def __init__(self, position: int = 0) -> None:
        self._next = position
        self._open: deque[int] = deque()
        self.ahead: set[int] = set()
        """What was dealt with while an earlier record was not."""

    @property
    def position(self) -> int:
        """The offset where reading would resume."""
        return self._open[0] if self._open else self._next

    def read(self, offset: int) -> None:
        """Record that the record at `offset` was read."""
        self._open.append(offset)
        self._next = offset + 1

    def done(self, offset: int) -> None:
        """Record that the record at `offset` was dealt with."""
        self.ahead.add(offset)
        while self._open and self._open[0] in self.ahead:
            self.ahead.discard(self._open.popleft())

    def position_without(self, offset: int) -> int:
        """Return the position once the record at `offset` is dealt with too."""
        return next((each for each in self._open if each != offset and each not in self.ahead), self._next)
