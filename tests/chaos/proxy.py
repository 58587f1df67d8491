"""A network between workers and brokers that can be cut and slowed, on loopback and in this process."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from typing import Any

import psutil

from eropaf.deploy.embedded.ports import HOST
from tests.integration.processes import PATIENCE_S

CHUNK = 32 * 1024
# Kafka's numbers of its requests.
PRODUCE, END_TXN, TXN_OFFSET_COMMIT = 0, 26, 28
ABORTIVE = struct.pack("ii", 1, 0)


class Network:
    """The links of every proxy, and what is wrong with them.

    A cut link is a pulled cable: connections stay, and nothing passes; what was under way passes
    when the cable is back. `reset` is a switch that reboots: every connection ends.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="network", daemon=True)
        self._thread.start()
        self._servers: list[asyncio.Server] = []
        self._links: set[_Link] = set()
        self._cut = _Cut()
        self._leads_to: dict[int, int] = {}
        self._refusing: set[int] = set()
        self._cut_at: tuple[int, _Cut] | None = None
        self.late: Late | None = None
        self.delay_s = 0.0
        self.bytes_per_s = 0.0

    @property
    def connections(self) -> int:
        """How many connections there are."""
        return len(self._links)

    def hold_back(self, api: int, until: int, passed_by: int = 0) -> Late:
        """Hold the next request of kind `api` back until one of kind `until` comes (Kafka's numbers)."""
        self.late = Late(api, until, passed_by)
        return self.late

    def deliver(self) -> None:
        """Let what is held back come now."""
        late, self.late = self.late, None
        if late is not None:
            self._loop.call_soon_threadsafe(late.come)

    def listen(self, port: int, target_port: int, kafka: bool = False) -> None:
        """Pass connections to `port` on to `target_port`; request by request where it is a broker.

        Where `port` is listened to already, it leads to `target_port` from now on.
        """
        self._do(self._listen(port, target_port, kafka))

    def cut(self, clients: frozenset[int], servers: frozenset[int] = frozenset()) -> None:
        """Let nothing pass on connections of the processes `clients`, or to the ports `servers`."""
        self._cut = _Cut(clients, servers)
        self._do(self._apply())

    def cut_at(self, api: int, client: int) -> None:
        """Cut the process `client` off with its next request of kind `api` (Kafka's number) on the cable."""
        self._cut_at = api, _Cut(frozenset({client}))

    async def look_at(self, api: int) -> None:
        """Cut whom such a request is to cut off."""
        if self._cut_at is not None and self._cut_at[0] == api:
            (_, self._cut), self._cut_at = self._cut_at, None
            await self._apply()

    def refuse(self, target_port: int) -> None:
        """Be as a service that is down: end its connections and accept no new ones."""
        self._refusing.add(target_port)
        self._do(self._reset(target_port))

    def reset(self) -> None:
        """End every connection at once."""
        self._do(self._reset(None))

    def mend(self) -> None:
        """Be a good network again."""
        self.delay_s, self.bytes_per_s = 0.0, 0.0
        self._refusing.clear()
        self.cut(frozenset())

    def close(self) -> None:
        """End every connection, and listen no more."""
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    async def _listen(self, port: int, target_port: int, kafka: bool) -> None:
        is_new = port not in self._leads_to
        self._leads_to[port] = target_port
        if not is_new:
            return

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(_Link(self._leads_to[port], reader, writer, kafka))

        self._servers.append(await asyncio.start_server(serve, HOST, port))

    async def _serve(self, link: _Link) -> None:
        self._links.add(link)
        if self._cut != _Cut():
            await self._apply()
        try:
            if link.target_port not in self._refusing:
                await link.serve(self)
        except OSError:
            pass  # one side is gone; the other hears of it below
        finally:
            link.close()
            self._links.discard(link)

    async def _apply(self) -> None:
        ours = {port for pid in self._cut.clients for port in _ports(pid)}
        for link in self._links:
            if link.peer_port in ours or link.target_port in self._cut.servers:
                link.open.clear()
            else:
                link.open.set()

    async def _reset(self, target_port: int | None) -> None:
        for link in list(self._links):
            if target_port in (None, link.target_port):
                link.close()

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        await self._reset(None)
        while self._links:
            await asyncio.sleep(0.01)


@dataclass(frozen=True, slots=True)
class _Cut:
    """Which links let nothing pass: of these processes, to these ports."""

    clients: frozenset[int] = frozenset()
    servers: frozenset[int] = frozenset()


class Late:
    """A request that reaches the broker late, when its client has gone on without it.

    The client's side of its connection is reset, so the client asks again on another. The broker's side
    stays, and the request reaches it on that just before a request of the kind `until`, from wherever;
    of those the first `passed_by` go by.
    """

    def __init__(self, api: int, until: int, passed_by: int) -> None:
        self._api = api
        self._until = until
        self._to_pass = passed_by
        self._is_held = False
        self._due = asyncio.Event()
        self._answered = asyncio.Event()
        self.arrived = threading.Event()
        """Set when the broker has answered it, or has ended the connection."""

    def takes(self, api: int) -> bool:
        """Return whether this request, of kind `api`, is the one that is held back."""
        takes, self._is_held = api == self._api and not self._is_held, self._is_held or api == self._api
        return takes

    async def before(self, api: int) -> None:
        """Return when a request of kind `api` may pass."""
        if api != self._until or not self._is_held:
            return
        self._to_pass -= 1
        if self._to_pass < 0:
            self.come()
            await self._answered.wait()

    def come(self) -> None:
        """Wait for nothing more."""
        self._due.set()

    async def deliver(
        self, request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Pass `request` on when it is due, and wait for the broker's answer."""
        await self._due.wait()
        try:
            writer.write(request)
            await writer.drain()
            await _frame(reader)
        finally:
            self._answered.set()
            self.arrived.set()


class _Link:
    """One connection through the network."""

    def __init__(
        self, target_port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kafka: bool
    ) -> None:
        self.target_port = target_port
        self._kafka = kafka
        self.peer_port: int = writer.get_extra_info("peername")[1]
        self.open = asyncio.Event()
        self.open.set()
        self._reader = reader
        self._writers = [_abortive(writer)]
        self._pumps: list[asyncio.Task[None]] = []
        self._held: tuple[Late, bytes] | None = None

    async def serve(self, network: Network) -> None:
        reader, writer = await asyncio.open_connection(HOST, self.target_port)
        (near,) = self._writers
        self._writers.append(_abortive(writer))
        self._pumps = [
            asyncio.ensure_future(self._pump(self._asked(network), writer, network)),
            asyncio.ensure_future(self._pump(_bytes(reader), near, network)),
        ]
        await asyncio.wait(self._pumps, return_when=asyncio.FIRST_COMPLETED)
        if self._held is not None:
            await self._end_without_answer(near, *self._held, reader, writer)

    async def _asked(self, network: Network) -> AsyncIterator[bytes]:
        """Yield what the client sends, until a request is held back."""
        if not self._kafka:
            async for data in _bytes(self._reader):
                yield data
            return
        while request := await _frame(self._reader):
            api = int.from_bytes(request[4:6], "big")
            await network.look_at(api)
            if network.late is not None:
                if network.late.takes(api):
                    self._held = network.late, request
                    return
                await network.late.before(api)
            yield request

    async def _end_without_answer(
        self,
        near: asyncio.StreamWriter,
        late: Late,
        request: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._pumps[1].cancel()
        near.transport.abort()
        await late.deliver(request, reader, writer)

    def close(self) -> None:
        if self._held is not None:
            self._held[0].come()
        for pump in self._pumps:
            pump.cancel()
        for writer in self._writers:
            writer.transport.abort()

    async def _pump(
        self, parts: AsyncIterator[bytes], writer: asyncio.StreamWriter, network: Network
    ) -> None:
        with contextlib.suppress(OSError):
            async for data in parts:
                if network.delay_s or network.bytes_per_s:
                    wire_s = len(data) / network.bytes_per_s if network.bytes_per_s else 0.0
                    await asyncio.sleep(network.delay_s + wire_s)
                await self.open.wait()
                writer.write(data)
                await writer.drain()


def _abortive(writer: asyncio.StreamWriter) -> asyncio.StreamWriter:
    """Let the connection end with a reset, not in order."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORTIVE)
    return writer


def _ports(pid: int) -> set[int]:
    try:
        return {each.laddr.port for each in psutil.Process(pid).net_connections("tcp4")}
    except psutil.NoSuchProcess:
        return set()


async def _bytes(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while data := await reader.read(CHUNK):
        yield data


async def _frame(reader: asyncio.StreamReader) -> bytes:
    """Return one message of Kafka's protocol with its length before it; nothing at the end."""
    try:
        length = await reader.readexactly(4)
        return length + await reader.readexactly(int.from_bytes(length, "big"))
    except asyncio.IncompleteReadError:
        return b""
