"""Progress while Kafka is fetched: a bar in a terminal, a few lines elsewhere."""

from __future__ import annotations

import sys
from typing import Protocol, TextIO

PROGRESS_LINES = 4  # lines in a log per fetch


class Progress(Protocol):
    """Receives an installation's progress. Nothing is reported if there is nothing to do."""

    def begin(self, what: str, size: int) -> None:
        """Start: `size` bytes are about to be fetched."""

    def advance(self, size: int) -> None:
        """Advance: `size` more bytes have arrived and are verified."""

    def end(self) -> None:
        """End the fetch, well or not."""

    def note(self, text: str) -> None:
        """Report something in one line."""


class Lines:
    """A line at the start and one per quarter: for a log file or a build."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._what, self._size, self._done, self._told = "", 0, 0, 0

    def begin(self, what: str, size: int) -> None:
        """Print what is fetched, and how much."""
        self._what, self._size, self._done, self._told = what, size, 0, 0
        self.note(f"{what}: {size / 1e6:.1f} MB")

    def advance(self, size: int) -> None:
        """Print a line when another quarter is done."""
        self._done += size
        if (part := self._done * PROGRESS_LINES // self._size) > self._told:
            self._told = part
            self.note(f"{self._what}: {100 * part // PROGRESS_LINES} %")

    def end(self) -> None:
        """Print nothing: the last quarter was reported, or an error follows."""

    def note(self, text: str) -> None:
        """Write a line."""
        self._out.write(f"{text}\n")
        self._out.flush()


def for_stderr() -> Progress:
    """Return the kind that suits standard error, which never carries a command's result."""
    if not sys.stderr.isatty():
        return Lines(sys.stderr)
    # Rich takes longer to import than Kafka takes to format its folder: import it only when displayed.
    from eropaf.deploy.embedded.progress_bar import Bar

    return Bar()
