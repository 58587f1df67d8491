"""What runs until it is told to stop, by Ctrl-C or SIGTERM, or ends by itself."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import structlog

log = structlog.get_logger(__name__)


class Failing(Protocol):
    """What a server knows; `failed` raises why it can learn no more."""

    @property
    def failed(self) -> asyncio.Future[None]:
        """Never done while all is well."""


def on_told(stop: Callable[[], object]) -> asyncio.Future[signal.Signals]:
    """Call `stop` in the running event loop when this process is told to end; return the first signal."""
    loop = asyncio.get_running_loop()
    first: asyncio.Future[signal.Signals] = loop.create_future()

    def told(number: signal.Signals) -> None:
        if not first.done():
            first.set_result(number)
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told, number)
    return first


async def until_told(
    served: AbstractAsyncContextManager[tuple[Failing, asyncio.Task[None]]], name: str, address: str
) -> None:
    """Serve until told to stop, or until it cannot go on.

    Raises:
        Exception: why it could not start, or cannot go on.
    """
    told = asyncio.Event()
    on_told(told.set)
    async with served as (state, serving):
        log.info(f"{name} serves", address=address)
        waiting = asyncio.create_task(told.wait())
        ends: list[asyncio.Future[Any]] = [waiting, serving, state.failed]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if state.failed.done():
            state.failed.result()
