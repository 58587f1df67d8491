"""Lanes for blocking calls: each lane runs its calls one after the other.

The machine starts a call in a lane and looks at the result later. It never waits for one.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Lanes(Protocol):
    """Runs blocking calls."""

    def submit(self, lane: str, call: Callable[..., T], *args: Any) -> Future[T]:
        """Run `call` in `lane`, after earlier calls there; wake the machine when it is done."""

    def asked(self) -> Future[None]:
        """Return a future on which a call in a lane waits (`result()`) until the machine answers."""

    def wake(self) -> None:
        """Have the machine ticked soon; callable from any lane."""

    def close(self) -> None:
        """Accept no more calls; those under way finish."""


class Threads:
    """A thread for each lane; `wake` is called from any of them."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lanes: dict[str, ThreadPoolExecutor] = {}

    def submit(self, lane: str, call: Callable[..., T], *args: Any) -> Future[T]:
        """See `Lanes`."""
        if lane not in self._lanes:
            self._lanes[lane] = ThreadPoolExecutor(1, lane)
        future = self._lanes[lane].submit(call, *args)
        future.add_done_callback(lambda _: self._wake())
        return future

    def asked(self) -> Future[None]:
        """See `Lanes`."""
        return Future()

    def wake(self) -> None:
        """See `Lanes`."""
        self._wake()

    def close(self) -> None:
        """See `Lanes`."""
        for lane in self._lanes.values():
            lane.shutdown(wait=False)
