"""Blocking clients on an event loop: each on its own thread, one call after the other."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Callable, Generic, Protocol, TypeVar

from eropaf_client.errors import Closed
from eropaf_client.lifetime import Lifetime

Result = TypeVar("Result")


class Closable(Protocol):
    """Something that must be closed."""

    def close(self) -> None:
        """Release it."""


Client = TypeVar("Client", bound=Closable)
Self = TypeVar("Self", bound="AsyncClosing")


class OwnThread:
    """A dedicated thread: no other client waits for it, and it is not from the loop's executor."""

    def __init__(self, what: str) -> None:
        self._life = Lifetime(what)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=what)

    def submit(self, call: Callable[..., Result], *given: Any) -> Future[Result]:
        """Have the thread make one call, after earlier ones.

        Raises:
            AfterFork, Closed: the thread belongs to another process, or has ended.
        """
        self._life.check()
        return self._pool.submit(call, *given)

    async def make(self, make: Callable[[], Client]) -> Client:
        """Return the result of `make`. If nobody receives it, it is closed, and the thread ends."""
        made = self.submit(make)
        try:
            return await asyncio.wrap_future(made)
        except BaseException:
            await self.end(lambda: _close(made))
            raise

    async def end(self, last: Callable[[], object]) -> None:
        """Make a last call, then end the thread, even if cancelled. Idempotent."""
        if self._life.ends():
            done = self._pool.submit(last)
            self._pool.shutdown(wait=False)
            await asyncio.shield(asyncio.wrap_future(done))


class AsyncClosing:
    """Opened by `open` and closed by `close`, or both by an `async with`."""

    async def __aenter__(self: Self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Connect."""
        raise NotImplementedError

    async def close(self) -> None:
        """Release what it holds. Idempotent."""
        raise NotImplementedError


class OnOwnThread(AsyncClosing, Generic[Client]):
    """A blocking client that is created, used and closed on its own thread."""

    def __init__(self, what: str, make: Callable[[], Client]) -> None:
        self._what, self._make = what, make
        self._thread: OwnThread | None = None
        self._made: Client | None = None

    async def open(self) -> None:
        """Connect.

        Raises:
            ClientError: what the blocking client raises when it is made.
        """
        self._thread = OwnThread(self._what)
        self._made = await self._thread.make(self._make)

    async def close(self) -> None:
        """Wait for the running call, then close. Idempotent."""
        if self._thread is not None and self._made is not None:
            await self._thread.end(self._made.close)

    @property
    def _client(self) -> Client:
        if self._made is None:
            raise not_open(self._what)
        return self._made

    def _submit(self, call: Callable[..., Result], *given: Any) -> Future[Result]:
        if self._thread is None:
            raise not_open(self._what)
        return self._thread.submit(call, *given)

    async def _run(self, call: Callable[..., Result], *given: Any) -> Result:
        return await asyncio.wrap_future(self._submit(call, *given))


def not_open(what: str) -> Closed:
    """Return the error for use before opening."""
    return Closed(f"{what} is not open: use it within `async with`, or call `open` first")


def _close(made: Future[Client]) -> None:
    if not made.cancelled() and made.exception() is None:
        made.result().close()
