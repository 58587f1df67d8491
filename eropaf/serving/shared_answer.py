"""One question to somebody slow, asked by one at a time: whoever needs the answer meanwhile gets the same."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

# What strangers send can make the board ask, so it asks no oftener than this, whatever the answer was.
ASKS_EVERY_S = 1.0

T = TypeVar("T")


class SharedAnswer(Generic[T]):
    """Keeps the last answer. A failure takes nothing away: who may have an older answer still gets it."""

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._ask = ask
        self._asking: asyncio.Task[T] | None = None
        self._asked_at = self._kept_at = -math.inf
        self._kept: T | None = None

    async def not_older(self, than_s: float) -> T:
        """Return an answer that was asked for within `than_s` seconds, or the newest of a moment ago.

        Raises:
            Exception: whatever the question raised, to everybody who waited for it.
        """
        now = time.monotonic()
        if self._kept is not None and now - self._kept_at <= than_s:
            return self._kept
        if self._asking is None or (self._asking.done() and now - self._asked_at > ASKS_EVERY_S):
            self._asked_at = now
            self._asking = asyncio.create_task(self._answered(now))
            self._asking.add_done_callback(_looked_at)
        return await asyncio.shield(self._asking)  # one who hangs up leaves the others waiting for it

    async def _answered(self, now: float) -> T:
        self._kept = await self._ask()
        self._kept_at = now
        return self._kept


def _looked_at(asking: asyncio.Task[Any]) -> None:
    """Note a failure as seen, also where everybody who waited hung up."""
    if not asking.cancelled():
        asking.exception()
