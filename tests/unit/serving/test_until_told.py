"""A server runs until it is told to stop, ends by itself, or can know no more."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from eropaf.serving.until_told import until_told
from tests.integration.processes import PATIENCE_S


@dataclass(frozen=True, slots=True)
class State:
    failed: asyncio.Future[None]


def served(then: Callable[[State, asyncio.Event], object]) -> list[str]:
    """Serve, let `then` happen, and return what was seen of it."""
    seen: list[str] = []

    @asynccontextmanager
    async def serving() -> AsyncIterator[tuple[State, asyncio.Task[None]]]:
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        state = State(loop.create_future())

        async def serve() -> None:
            await over.wait()

        task = asyncio.create_task(serve())
        seen.append("begun")
        loop.call_soon(then, state, over)
        try:
            yield state, task
        finally:
            over.set()
            await task
            seen.append("ended in order")

    async def run() -> None:
        async with asyncio.timeout(PATIENCE_S):
            await until_told(serving(), "door", "https://door.example.org")

    try:
        asyncio.run(run())
    except LookupError as error:
        seen.append(str(error))
    return seen


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_is_told_to_stop_ends_in_order(number: signal.Signals) -> None:
    assert served(lambda state, over: signal.raise_signal(number)) == ["begun", "ended in order"]


def test_a_server_that_ends_by_itself_ends_all() -> None:
    assert served(lambda state, over: over.set()) == ["begun", "ended in order"]


def test_what_can_know_no_more_ends_in_order_and_says_why() -> None:
    seen = served(lambda state, over: state.failed.set_exception(LookupError("no topic")))

    assert seen == ["begun", "ended in order", "no topic"]
