"""From an outbox to a broker: one sender, and after whatever happened the broker is asked what it has."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import takewhile
from typing import Protocol

from eropaf_client.ledger import Identity
from eropaf_client.outbox import Outbox, Stored, Waiting

# Signals in one transaction: enough for full speed, little enough to hold in memory.
TOGETHER = 5_000
# A broker keeps a position for seven days after it was stored, unless its operator chose otherwise. Where
# none is kept, and the oldest signal that waits is no older than this, none was ever stored.
KEPT_FOR_SURE = timedelta(days=1)


class Post(Protocol):
    """A topic and a position beside it: both change in one transaction, or neither."""

    def identity(self) -> Identity:
        """Return which cluster and topic this is."""

    def take_over(self) -> Stored | None:
        """Become the only sender; return what is stored. None: no position is kept, or no longer.

        Raises:
            BrokerUnreachable, NotPermitted: nothing is known.
        """

    def store(self, batch: Iterable[Waiting], stored: Stored) -> None:
        """Store `batch`, and `stored` as the position, in one transaction.

        Raises:
            NotAcknowledged: it may or may not be stored.
            OutboxInUse: somebody else took over.
        """

    def found(self, values: set[bytes], since: date) -> set[bytes]:
        """Return which of `values` the topic holds among what was stored since `since`.

        Raises:
            NotPermitted: the topic may not be read.
        """

    def close(self) -> None:
        """Let go; what is not stored is given up."""


class Delivery:
    """Brings what waits in an outbox to a broker. Any thread may call: one delivers at a time."""

    def __init__(self, outbox: Outbox, post: Post) -> None:
        self._outbox = outbox
        self._post = post
        self._alone = threading.Lock()
        # Only while nothing went wrong since the broker was last asked do we know what it has.
        self._sure = False

    def begin(self) -> None:
        """Become the only sender, and learn what the broker has.

        Raises:
            LedgerMoved, LedgerMismatch: this file does not belong to what the broker has.
            BrokerUnreachable, NotPermitted, OutboxInUse: the broker does not say.
        """
        with self._alone:
            self._outbox.bind(self._post.identity())
            self._ask()

    def deliver(self) -> int:
        """Send everything that waits; return how many when the broker has them.

        Raises:
            NotAcknowledged: no answer in time; nothing is lost, call it again.
            OutboxInUse: a copy of this outbox is at work elsewhere.
        """
        count = 0
        with self._alone:
            while True:
                if not self._sure:
                    count += self._ask()
                batch = self._outbox.waiting(TOGETHER)
                if not batch:
                    return count
                stored = self._outbox.marked(batch)
                # From here to the note, whatever is raised leaves only the broker to know.
                self._sure = False
                self._post.store(batch, stored)
                self._outbox.note(stored)
                self._sure = True
                count += len(batch)

    def _ask(self) -> int:
        """Learn what the broker has; return how many more than was known."""
        before = len(self._outbox)
        stored = self._post.take_over()
        if stored is not None:
            self._outbox.learn(stored)
        else:
            self._look()
        self._sure = True
        return before - len(self._outbox)

    def _look(self) -> None:
        """Find out by the topic itself: a broker forgets a position that nobody renewed for some days."""
        since = self._outbox.waiting_since()
        if since is None or date.today() - since <= KEPT_FOR_SURE:
            return
        batch = self._outbox.waiting(TOGETHER)
        found = self._post.found({each.value for each in batch}, since)
        # A batch is stored whole and in order: what lies there out of order came another way, as from an
        # earlier file. To note its position would pass over what stands before it.
        had = list(takewhile(lambda each: each.value in found, batch))
        if had:
            self._outbox.note(self._outbox.marked(had))
