"""A sender that never blocks its event loop."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import suppress
from typing import Any, Callable

from eropaf_client.own_thread import AsyncClosing, OwnThread, not_open
from eropaf_client.sending import MOST_IN_FLIGHT, InFlight, Sender

LOG = logging.getLogger("eropaf_client")

POLL_S = 0.1


class AsyncSender(AsyncClosing):
    """Sends from an event loop; a separate thread receives the broker's answers.

    Waiting for an answer may be cancelled: the record may still be stored, and it counts as in flight until
        the broker has answered.
    """

    def __init__(self, what: str, make: Callable[[], Sender]) -> None:
        self._what, self._make = what, make
        self._sender: Sender | None = None
        self._stopped = threading.Event()

    async def open(self) -> None:
        """Connect.

        Raises:
            BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: in time.
        """
        self._room = asyncio.Semaphore(MOST_IN_FLIGHT)
        self._stopped = threading.Event()
        self._thread = OwnThread(self._what)
        self._sender = sender = await self._thread.make(self._make)
        self._thread.submit(self._poll, sender, self._stopped)

    async def close(self) -> None:
        """Wait for records in flight. Idempotent."""
        self._stopped.set()
        if self._sender is not None:
            await self._thread.end(self._sender.close)

    @property
    def sender(self) -> Sender:
        """The blocking sender.

        Raises:
            Closed: it does not exist yet.
        """
        if self._sender is None:
            raise not_open(self._what)
        return self._sender

    async def send(self, key: str, value: bytes) -> asyncio.Future[InFlight]:
        """Send one record once there is room; return a future of its answer.

        Raises:
            NotAcknowledged: it was not sent.
            AfterFork, Closed: nothing is left to send it.
        """
        sender = self.sender
        await self._room.acquire()
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[InFlight] = loop.create_future()

        def settle(sent: InFlight) -> None:
            self._room.release()
            if not answered.done():
                answered.set_result(sent)

        def on_delivery(error: Any, message: Any) -> None:
            sent = InFlight()
            sent.answer(error, message)
            with suppress(RuntimeError):  # the loop has ended: nobody waits
                loop.call_soon_threadsafe(settle, sent)

        try:
            sender.send(key, value, on_delivery)
        except BaseException:  # it was not sent, so no answer will make room
            self._room.release()
            raise
        return answered

    def _poll(self, sender: Sender, stopped: threading.Event) -> None:
        while not stopped.is_set():
            try:
                sender.poll(POLL_S)
            except Exception:  # without this thread every report would wait forever
                LOG.exception("answers of a broker could not be taken in")
                stopped.wait(POLL_S)
