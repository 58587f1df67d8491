"""A network between workers and brokers that can be cut and slowed, on loopback and in this process."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from typing import Any

import psutil

from eropaf.deploy.embedded.ports import HOST

CHUNK = 32 * 1024
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
        self._cut: frozenset[int] = frozenset()
        self._refusing: set[int] = set()
        self.delay_s = 0.0
        self.bytes_per_s = 0.0

    def listen(self, port: int, target_port: int) -> None:
        """Pass connections to `port` on to `target_port`."""
        self._do(self._listen(port, target_port))

    def cut(self, pids: frozenset[int]) -> None:
        """Let nothing pass from or to these processes."""
        self._cut = pids
        self._do(self._apply())

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
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self, port: int, target_port: int) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(_Link(target_port, reader, writer))

        self._servers.append(await asyncio.start_server(serve, HOST, port))

    async def _serve(self, link: _Link) -> None:
        self._links.add(link)
        if self._cut:
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
        ours = {port for pid in self._cut for port in _ports(pid)}
        for link in self._links:
            if link.peer_port in ours:
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


class _Link:
    """One connection through the network."""

    def __init__(self, target_port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.target_port = target_port
        self.peer_port: int = writer.get_extra_info("peername")[1]
        self.open = asyncio.Event()
        self.open.set()
        self._reader = reader
        self._writers = [_abortive(writer)]
        self._pumps: list[asyncio.Task[None]] = []

    async def serve(self, network: Network) -> None:
        reader, writer = await asyncio.open_connection(HOST, self.target_port)
        (near,) = self._writers
        self._writers.append(_abortive(writer))
        self._pumps = [
            asyncio.ensure_future(self._pump(self._reader, writer, network)),
            asyncio.ensure_future(self._pump(reader, near, network)),
        ]
        await asyncio.wait(self._pumps, return_when=asyncio.FIRST_COMPLETED)

    def close(self) -> None:
        for pump in self._pumps:
            pump.cancel()
        for writer in self._writers:
            writer.transport.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, network: Network
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
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
