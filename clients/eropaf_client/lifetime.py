"""When a client may be used: from its creation until it is closed, in the process that created it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from eropaf_client.errors import AfterFork, Busy, Closed

Self = TypeVar("Self", bound="Closing")


class Closing:
    """Closed by `close`, or at the end of a `with`."""

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Release what it holds. Idempotent."""
        raise NotImplementedError


class Lifetime:
    """The life of `what`: from creation until closed, in one process: threads do not survive a fork."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._process = os.getpid()
        self._ended = False

    def check(self) -> None:
        """Raise if it may not be used.

        Raises:
            AfterFork: it was made before a fork, in another process.
            Closed: it was closed.
        """
        if os.getpid() != self._process:
            raise AfterFork(f"{self._what} was made before a fork; make a new one in this process")
        if self._ended:
            raise Closed(f"{self._what} was closed; make a new one")

    def ends(self) -> bool:
        """End it; return whether there is anything to release: not twice, and not after a fork."""
        first = not self._ended and os.getpid() == self._process
        self._ended = True
        return first


class OneAtATime:
    """Refuses a second thread while a first is inside, to protect an ordered resource."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._inside = threading.RLock()

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Be the only user while the block runs.

        Raises:
            Busy: another thread does.
        """
        if not self._inside.acquire(blocking=False):
            raise Busy(f"another thread is using {self._what}; only one may at a time")
        try:
            yield
        finally:
            self._inside.release()
