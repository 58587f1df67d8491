"""Servers that leave signals to whoever runs them, until they are told to stop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from eropaf.serving.listening import listening, listening_at

# A request in hand may take this long to end when a server stops.
ENDS_WITHIN_S = 2
LOOKS_EVERY_S = 0.01


class Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing: Ctrl-C and SIGTERM are the command's."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen.

        Raises:
            CannotListen: the socket cannot be had. What fails later is no fault of it.
        """
        with nullcontext() if self.config.uds is None else listening_at(self.config.uds):
            await super().startup(sockets)


def server(app: ASGIApp, host: str, port: int, trusted_proxies: Sequence[str] = (), **more: Any) -> Server:
    """Return a server of `app`, with `more` of uvicorn's own settings.

    Who a request comes from is a proxy's word only where that proxy is one of `trusted_proxies`. There is no
    access log: an address in a search would be personal data.
    """
    return Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(trusted_proxies),
            forwarded_allow_ips=list(trusted_proxies),
            timeout_graceful_shutdown=ENDS_WITHIN_S,
            **more,
        )
    )


@asynccontextmanager
async def running(servers: Sequence[Server]) -> AsyncIterator[asyncio.Task[None]]:
    """Serve while the block runs; the task ends when one of them does.

    Raises:
        CannotListen: one of them has no port or socket of its own.
    """
    for each in servers:
        if each.config.uds is None:
            _refuse_taken(each.config.host, each.config.port)
    serving = asyncio.create_task(_together(servers))
    # An address is told once somebody listens there: uvicorn says so by this alone.
    while not (servers[0].started or serving.done()):
        await asyncio.sleep(LOOKS_EVERY_S)
    if serving.done():
        await serving  # says why nobody listens
    try:
        yield serving
    finally:
        for each in servers:
            each.should_exit = True
        await serving


def _refuse_taken(host: str, port: int) -> None:
    """Raise where nobody can listen: uvicorn would end in a trace, after its log line."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with listening(host, port):
            tried.bind((host, port))


async def _together(servers: Sequence[Server]) -> None:
    """Serve until one of them ends: what nobody can watch is not to be used either."""
    every = [asyncio.create_task(each.serve()) for each in servers]
    await asyncio.wait(every, return_when=asyncio.FIRST_COMPLETED)
    for each in servers:
        each.should_exit = True
    await asyncio.gather(*every)
