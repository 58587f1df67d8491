"""Where what blocks is done: in lanes, each of which does one thing after the other.

The machine starts a call in a lane and looks later what came of it. It never waits for one.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Lanes(Protocol):
    """Runs blocking calls."""

    def submit(self, lane: str, call: Callable[..., T], *args: Any) -> Future[T]:
        """Call `call` in `lane`, after what was submitted there before; wake the machine once it is done."""

    def asked(self) -> Future[None]:
        """Make what a call in a lane waits for, with `result()`, until the machine answers it."""

    def wake(self) -> None:
        """Let the machine be ticked soon; from any lane."""

    def close(self) -> None:
        """Take no more calls; those under way end by themselves."""


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
