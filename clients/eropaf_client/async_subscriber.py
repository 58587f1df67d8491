"""For outreach tools with an asyncio program: the same guarantees, awaited."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, Callable, TypeVar

from eropaf_client.cluster import Where
from eropaf_client.connection import POLL_WAIT_S
from eropaf_client.errors import Busy, Closed
from eropaf_client.inbox import Received
from eropaf_client.journal import Journal, Parked
from eropaf_client.list_reader import Change
from eropaf_client.own_thread import OnOwnThread, Result
from eropaf_client.records import PriorityUpdate
from eropaf_client.schemas.aside import Asides
from eropaf_client.subscriber import PrioritySubscriber

Given = TypeVar("Given")
Handler = Callable[[Given], Awaitable[object]]


class AsyncPrioritySubscriber(OnOwnThread[PrioritySubscriber]):
    """Reads every update and erasure from the beginning of the topic, then as they arrive.

        async with AsyncPrioritySubscriber("kafka:9092", journal=Path("updates.db")) as subscriber:
            async for received in subscriber:
                ...

    Same guarantees as `PrioritySubscriber`, which it wraps in a separate thread. A record that a cancelled
    task had, or was about to get, comes again. Any task may call it; while `handle` runs, other calls are
    refused. Not usable across a fork.

    Raises, on entering:
        What `PrioritySubscriber` raises when it is made.
    """

    def __init__(self, where: Where, journal: Path | None = None) -> None:
        super().__init__("the subscriber", lambda: PrioritySubscriber(where, journal))
        self._given: Received | None = None
        self._handling: _Handling | None = None

    async def close(self) -> None:
        """Stop reading; records in hand come again at the next start. Idempotent."""
        if self._handling is not None:
            self._handling.end()
        await super().close()

    def _submit(self, call: Callable[..., Result], *given: Any) -> Future[Result]:
        if self._handling is not None:
            raise Busy("`handle` is using the subscriber until it is stopped or cancelled")
        return super()._submit(call, *given)

    async def __aiter__(self) -> AsyncIterator[Received]:
        """Yield each record; asking for the next one completes the previous."""
        given, self._given = self._given, None
        if given is not None:
            await self._run(self._client.give_back, given)
        while True:
            received = await self._take(POLL_WAIT_S)
            if received is None:
                continue
            self._given = received
            yield received
            if self._given is not received:
                return  # another loop has started since, and has it
            await self._run(self._client.settle, received)
            self._given = None

    @property
    def journal(self) -> Journal | None:
        """The journal on disk of what was handled; handlers may keep their own tables in its `db`."""
        return self._client.journal

    @property
    def caught_up(self) -> bool:
        """Whether everything stored at the start has been read."""
        return self._client.caught_up

    @property
    def asides(self) -> Asides:
        """The records that could not be used and were skipped."""
        return self._client.asides

    async def receive(self, wait_s: float) -> Received | None:
        """Return the next record; None if none arrives within `wait_s`. See `PrioritySubscriber.receive`."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + wait_s
        while True:
            left = ends - loop.time()
            received = await self._take(max(0.0, min(left, POLL_WAIT_S)))
            if received is not None or left <= POLL_WAIT_S:
                return received

    async def complete(self, received: Received) -> None:
        """Mark `received` as dealt with. Its position is saved before this returns."""
        await self._run(self._client.complete, received)

    async def retry_later(self, received: Received, after_s: float = 0.0) -> None:
        """Release `received`: it comes again after `after_s`, before later updates of its household."""
        await self._run(self._client.retry_later, received, after_s)

    async def park(self, received: Received, error: str) -> None:
        """Set aside an update that cannot be handled; later ones of its household wait behind it."""
        await self._run(self._client.park, received, error)

    async def poll(self, wait_s: float) -> list[Received]:
        """Return what has arrived, already marked as dealt with; wait at most `wait_s` for the first.

        For display only: if this is cancelled, what it had read is skipped.
        """
        return await self._run(self._client.poll, wait_s)

    async def handle(
        self,
        handler: Handler[PriorityUpdate],
        *,
        forget: Handler[str],
        on_parked: Callable[[Parked], object] = lambda parked: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Await `handler` with each update until `stopped()` turns true. See `PrioritySubscriber.handle`.

        A handler runs on the loop; what it writes to `journal.db` is saved together with the position.
        Cancelling this also cancels the handler, whose record comes again. `stopped` is called in the
        subscriber's thread, `on_parked` on the loop.

        Raises:
            Busy: another `handle` runs.
            JournalMissing, LedgerFull: as `PrioritySubscriber.handle`.
        """
        loop = asyncio.get_running_loop()
        handling = _Handling(loop)

        def run() -> None:
            self._client.handle(
                handling.awaited(handler),
                forget=handling.awaited(forget),
                on_parked=lambda parked: loop.call_soon_threadsafe(on_parked, parked),
                stopped=lambda: handling.ended or stopped(),
            )

        await self._handled(handling, self._submit(run))

    async def parked(self) -> list[Parked]:
        """Return the updates that could not be handled, and those that wait behind them."""
        return await self._run(self._client.parked)

    async def retry_parked(self, handler: Handler[PriorityUpdate]) -> int:
        """Retry parked updates, each household's in order; return how many were handled."""
        handling = _Handling(asyncio.get_running_loop())
        return await self._handled(
            handling, self._submit(self._client.retry_parked, handling.awaited(handler))
        )

    async def live_list(self, area: str | None = None) -> AsyncIterator[Change]:
        """Yield the list, then each change as it arrives; of one area if given."""
        reader = await self._run(self._client.read_list, area)
        while True:
            change = await self._run(reader.next, POLL_WAIT_S)
            if change is not None:
                yield change

    async def _take(self, wait_s: float) -> Received | None:
        taken = self._submit(self._client.receive, wait_s)
        try:
            return await asyncio.wrap_future(taken)
        except asyncio.CancelledError:
            # Nobody receives it: the next call gives it back.
            with suppress(Closed):
                super()._submit(self._give_back, taken)
            raise

    def _give_back(self, taken: Future[Received | None]) -> None:
        received = None if taken.cancelled() else taken.result()
        if received is not None:
            self._client.give_back(received)

    async def _handled(self, handling: _Handling, work: Future[Result]) -> Result:
        self._handling, done = handling, asyncio.wrap_future(work)
        try:
            result = await asyncio.shield(done)
        except asyncio.CancelledError:
            handling.end()
            # Its thread notices that after at most one wait or pause.
            await asyncio.wait([done])
            raise
        except _Ended:
            raise Closed("the subscriber was closed while handling") from None
        finally:
            self._handling = None
        return result


class _Ended(BaseException):
    """Unwinds a cancelled handler: a cancellation is not a failure of the handler."""


class _Handling:
    """Runs async handlers on a loop while a thread waits for them."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ended = threading.Event()
        self._running: asyncio.Task[Any] | None = None

    @property
    def ended(self) -> bool:
        """Whether it was cancelled."""
        return self._ended.is_set()

    def end(self) -> None:
        """Cancel the running handler, and start no other. Called on the loop."""
        self._ended.set()
        if self._running is not None:
            self._running.cancel()

    def awaited(self, handler: Handler[Given]) -> Callable[[Given], object]:
        """Return a blocking function for a thread that runs `handler` on the loop."""

        async def wait_for(given: Given) -> object:
            if self.ended:
                raise asyncio.CancelledError
            self._running = asyncio.current_task()
            try:
                return await handler(given)
            finally:
                self._running = None

        def call(given: Given) -> object:
            try:
                return asyncio.run_coroutine_threadsafe(wait_for(given), self._loop).result()
            except BaseException:
                if self.ended:
                    raise _Ended from None
                raise

        return call
