"""A creditor's feedback as CSV: for the screen, and as a file in its folder."""

from __future__ import annotations

import logging
import time
from typing import Callable

from eropaf_client.errors import ClientError
from eropaf_client.feedback import CreditorFeedback, FeedbackReader
from eropaf_client.files.folders import Folder
from eropaf_client.files.writing import csv_line

LOG = logging.getLogger("eropaf_client")

FEEDBACK = "feedback.csv"
HEADER = csv_line(("at", "signal_id", "contract", "status", "reason", "collection", "pause_until"))
# In our private folder: what was read, and the file until it is complete.
READ = "feedback.part"
UNFINISHED = "feedback.new"
EVERY_S = 5.0
AGAIN_AFTER_S = 60.0
# The topic lets go of what is old (62 days, unless the cluster says otherwise); so does the file, when it is
# read from the beginning again.
READ_ANEW_EVERY_S = 86_400.0


def line(each: CreditorFeedback) -> str:
    """Return one line of CSV; HEADER names its columns."""
    until = None if each.pause_until is None else each.pause_until.isoformat()
    told = (each.status, each.reason, each.collection, until)
    return csv_line((each.at.isoformat(), each.signal_id, each.contract, *told))


class FeedbackFile:
    """Keeps `feedback.csv` in `folder` in step with the topic: complete at any moment, and no longer.

    What the topic no longer holds leaves the file within a day. An error never stops the caller: it is
    logged, and retried a minute later. A file of that name that is not ours is left alone.
    """

    def __init__(
        self,
        folder: Folder,
        own: Folder,
        make: Callable[[], FeedbackReader],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._own, self._make, self._clock = folder, own, make, clock
        self._reader: FeedbackReader | None = None
        self._next = self._anew = clock()
        self._new = False

    def close(self) -> None:
        """Stop reading. Idempotent."""
        if self._reader is not None:
            self._reader.close()

    def refresh(self) -> None:
        """Read new feedback, if it is time to; replace the file if it has grown."""
        if self._clock() < self._next:
            return
        try:
            self._refresh()
            self._next = self._clock() + EVERY_S
        except (ClientError, OSError) as error:
            self._next = self._clock() + AGAIN_AFTER_S
            LOG.warning("%s is not up to date: %s", FEEDBACK, error)
            self._anew = self._clock()  # what was taken may not have been written

    def _refresh(self) -> None:
        if self._clock() >= self._anew:
            self.close()
            self._reader = None
        if self._reader is None:
            reader = self._make()
            self._own.write(READ, [HEADER])
            self._reader, self._new = reader, True
            self._anew = self._clock() + READ_ANEW_EVERY_S
        while found := self._reader.poll(0.0 if self._reader.caught_up else 1.0):
            self._own.append(READ, map(line, found))
            self._new = True
        if self._new and self._reader.caught_up and is_ours(self._folder):
            self._own.write(UNFINISHED, self._own.lines(READ), self._folder.senders)
            self._own.move(UNFINISHED, self._folder, FEEDBACK)
            self._new = False


def is_ours(folder: Folder) -> bool:
    """Return whether `feedback.csv` in a folder may be replaced: it is ours by its first line, or absent."""
    try:
        return next(folder.lines(FEEDBACK), "") == HEADER
    except FileNotFoundError:
        return True
