"""What a person sees while Kafka is fetched: a bar in a terminal, a few lines elsewhere."""

from __future__ import annotations

import sys
from typing import Protocol, TextIO

PROGRESS_LINES = 4  # how many lines a log gets of one fetch


class Progress(Protocol):
    """Where an installation tells how far it is. Nothing is told if nothing has to be done."""

    def begin(self, what: str, size: int) -> None:
        """`size` bytes are about to be fetched."""

    def advance(self, size: int) -> None:
        """`size` more bytes are here, and verified."""

    def end(self) -> None:
        """End the fetch, well or not."""

    def note(self, text: str) -> None:
        """Something worth one line."""


class Lines:
    """A line when it begins and one for each quarter: for a log file or a build."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._what, self._size, self._done, self._told = "", 0, 0, 0

    def begin(self, what: str, size: int) -> None:
        """Say what is fetched, and how much."""
        self._what, self._size, self._done, self._told = what, size, 0, 0
        self.note(f"{what}: {size / 1e6:.1f} MB")

    def advance(self, size: int) -> None:
        """Say so when another quarter is done."""
        self._done += size
        if (part := self._done * PROGRESS_LINES // self._size) > self._told:
            self._told = part
            self.note(f"{self._what}: {100 * part // PROGRESS_LINES} %")

    def end(self) -> None:
        """Say nothing: the last quarter was told, or an error follows."""

    def note(self, text: str) -> None:
        """Write a line."""
        self._out.write(f"{text}\n")
        self._out.flush()


def for_stderr() -> Progress:
    """Return what suits standard error, which never carries a command's result."""
    if not sys.stderr.isatty():
        return Lines(sys.stderr)
    # Rich takes longer to import than Kafka takes to format its folder: only when it is seen.
    from eropaf.deploy.embedded.progress_bar import Bar

    return Bar()
