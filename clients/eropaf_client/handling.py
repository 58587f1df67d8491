"""Calls a handler with an inbox's records, and tells a bad update from an unavailable backend."""

from __future__ import annotations

import logging
import time
from typing import Callable

from eropaf_client.connection import POLL_WAIT_S
from eropaf_client.errors import LedgerError
from eropaf_client.inbox import Inbox, Received
from eropaf_client.journal import Journal, Parked
from eropaf_client.records import PriorityUpdate

LOG = logging.getLogger("eropaf_client")

HANDLING_ATTEMPTS = 5
# Before the second attempt; doubled before each further one.
BACKOFF_S = 0.1
LONGEST_HANDLING_PAUSE_S = 30.0
# `stopped()` is checked this often while nothing succeeds.
STOP_CHECKED_EVERY_S = 0.1


class Handling:
    """One record after the other: handled, retried, or parked.

    A record that failed five times waits. Only if another household's record has succeeded since, and it
    fails five more times, is the record at fault and parked. If two households fail and none succeeds, the
    handler's backend is presumed unavailable: all wait, longer each time, and nothing is parked. An erasure
    is never parked.
    """

    def __init__(
        self,
        inbox: Inbox,
        journal: Journal,
        handler: Callable[[PriorityUpdate], object],
        forget: Callable[[str], object],
        on_parked: Callable[[Parked], object],
    ) -> None:
        self._inbox, self._journal = inbox, journal
        self._handler, self._forget, self._on_parked = handler, forget, on_parked
        # Records that failed, by place, and how many had been handled when each first did.
        self._suspects: dict[tuple[int, int], int] = {}
        self._handled = 0
        # Since one was last handled.
        self._failing: set[str] = set()
        self._pause_s = 0.0

    @property
    def _away(self) -> bool:
        return len(self._failing) > 1

    def run(self, stopped: Callable[[], bool]) -> None:
        """Run until `stopped()` turns true."""
        while not stopped():
            received = self._inbox.take(POLL_WAIT_S)
            if received is None:
                continue
            try:
                error = self._attempts(received, stopped)
            except BaseException:
                # Only this loop knows of it: the next handler must receive it.
                self._inbox.give_back(received)
                raise
            if error is None:
                self._through(received)
            else:
                self._failed(received, error, stopped)

    def _attempts(self, received: Received, stopped: Callable[[], bool]) -> str | None:
        """Try, repeatedly unless the backend is unavailable; return the kind of failure."""
        error: str | None = None
        for attempt in range(1 if self._away else HANDLING_ATTEMPTS):
            if attempt:
                time.sleep(BACKOFF_S * 2 ** (attempt - 1))
            error = self._attempt(received)
            if error is None or stopped():
                break
        return error

    def _attempt(self, received: Received) -> str | None:
        failure: Exception | None = None
        try:
            with self._inbox.completing(received):
                try:
                    if received.update is None:
                        self._forget(received.household)
                    else:
                        self._handler(received.update)
                except Exception as error:  # the tool's own code may raise anything
                    failure = error
                    raise
        except LedgerError:
            raise  # not the handler's fault: the journal cannot be written
        except Exception as error:
            if error is not failure:
                raise
            return type(error).__name__
        return None

    def _through(self, received: Received) -> None:
        self._suspects.pop((received.partition, received.offset), None)
        self._handled += 1
        self._failing.clear()
        self._pause_s = 0.0

    def _failed(self, received: Received, error: str, stopped: Callable[[], bool]) -> None:
        self._failing.add(received.household)
        place = (received.partition, received.offset)
        others_went_through = self._handled > self._suspects.setdefault(place, self._handled)
        if received.update is not None and others_went_through and not self._away:
            del self._suspects[place]
            self._park(received, received.update, error)
            return
        self._pause_s = min(LONGEST_HANDLING_PAUSE_S, max(BACKOFF_S, self._pause_s * 2))
        self._inbox.retry_later(received, self._pause_s)
        if self._away:
            LOG.warning("nothing can be handled (%s): the next attempt is in %.1f s", error, self._pause_s)
            self._rest(stopped)

    def _park(self, received: Received, update: PriorityUpdate, error: str) -> None:
        self._inbox.park(received, error)
        LOG.warning("an update was parked (%s): %s", error, update.update_id)
        self._on_parked(Parked(received.household, update.sequence, received.value, error))

    def _rest(self, stopped: Callable[[], bool]) -> None:
        ends = time.monotonic() + self._pause_s
        while not stopped() and (left := ends - time.monotonic()) > 0:
            time.sleep(min(STOP_CHECKED_EVERY_S, left))
