"""From an outbox to a broker: a single sender that asks the broker what it has after any error."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import takewhile
from typing import Protocol

from eropaf_client.ledger import Identity
from eropaf_client.outbox import Outbox, Stored, Waiting

# Signals per transaction: enough for full speed, few enough to hold in memory.
TOGETHER = 5_000
# A broker keeps a position for seven days by default. If it has none, and the oldest waiting signal is
# younger than this, none was ever stored.
KEPT_FOR_SURE = timedelta(days=1)


class Post(Protocol):
    """A topic and a position, changed together in one transaction."""

    def identity(self) -> Identity:
        """Return the ids of the cluster and topic."""

    def take_over(self) -> Stored | None:
        """Become the only sender; return the stored position, or None if there is none (any more).

        Raises:
            BrokerUnreachable, NotPermitted: nothing is known.
        """

    @property
    def sure(self) -> bool:
        """Whether no response can have been lost since `take_over`.

        A request whose response was lost is retried, and its first copy may arrive in the next transaction:
        it would end it half filled, or move the position back. Taking over again has it refused.
        """

    def store(self, batch: Iterable[Waiting], stored: Stored) -> None:
        """Store `batch`, and `stored` as the position, in one transaction.

        Raises:
            NotAcknowledged: it may or may not be stored.
            OutboxInUse: another sender took over.
        """

    def found(self, values: set[bytes], since: date) -> set[bytes]:
        """Return which of `values` the topic holds among records stored since `since`.

        Raises:
            NotPermitted: the topic may not be read.
        """

    def close(self) -> None:
        """Close; drop what is not stored."""


class Delivery:
    """Delivers an outbox's pending signals to a broker. Any thread may call it; one delivers at a time."""

    def __init__(self, outbox: Outbox, post: Post) -> None:
        self._outbox = outbox
        self._post = post
        self._alone = threading.Lock()
        # We know what the broker has only while nothing has failed since it was last asked.
        self._sure = False

    def begin(self) -> None:
        """Become the only sender, and learn what the broker has.

        Raises:
            LedgerMoved, LedgerMismatch: this file does not match what the broker has.
            BrokerUnreachable, NotPermitted, OutboxInUse: the broker's state is unknown.
        """
        with self._alone:
            self._outbox.bind(self._post.identity())
            self._ask()

    def deliver(self) -> int:
        """Send everything that waits; return how many when the broker has them.

        Raises:
            NotAcknowledged: no answer in time; nothing is lost: call it again.
            OutboxInUse: a copy of this outbox is in use elsewhere.
        """
        count = 0
        with self._alone:
            while True:
                if not (self._sure and self._post.sure):
                    count += self._ask()
                batch = self._outbox.waiting(TOGETHER)
                if not batch:
                    if count:
                        self._outbox.scrub()
                    return count
                stored = self._outbox.marked(batch)
                # If anything raises between here and the note, only the broker knows.
                self._sure = False
                self._post.store(batch, stored)
                self._outbox.note(stored)
                self._sure = True
                count += len(batch)

    def _ask(self) -> int:
        """Ask the broker what it has; return how many more than was known."""
        before = len(self._outbox)
        stored = self._post.take_over()
        if stored is not None:
            self._outbox.learn(stored)
        else:
            self._look()
        self._sure = True
        return before - len(self._outbox)

    def _look(self) -> None:
        """Find out from the topic itself: a broker deletes a position that was not renewed for some days."""
        since = self._outbox.waiting_since()
        if since is None or date.today() - since <= KEPT_FOR_SURE:
            return
        batch = self._outbox.waiting(TOGETHER)
        found = self._post.found({each.value for each in batch}, since)
        # A batch is stored atomically and in order: anything out of order came another way, such as from an
        # earlier file. Recording its position would skip what precedes it.
        had = list(takewhile(lambda each: each.value in found, batch))
        if had:
            self._outbox.note(self._outbox.marked(had))
