"""The board as a server, until it is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp

from eropaf.board.app import opened
from eropaf.board.config import BoardConfig
from eropaf.board.state import State
from eropaf.board.store import Store

# A request in hand may take this long to end when the board stops.
ENDS_WITHIN_S = 2
LOOKS_EVERY_S = 0.01


@asynccontextmanager
async def served(
    config: BoardConfig, host: str, port: int, metrics_at: tuple[str, int] | None = None
) -> AsyncIterator[tuple[State, asyncio.Task[None]]]:
    """Serve the board while the block runs; the task ends when the server does.

    `metrics_at` is where Prometheus reads its metrics; without it nobody can.

    Raises:
        ClientError: no broker, or a topic is missing.
    """
    store = Store(config.database)
    async with opened(config, store) as (app, metrics, state):
        server = Server(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_config=None,
                access_log=False,  # an address in a search would be personal data
                server_header=False,
                # Who a request comes from is a proxy's word only where that proxy is one of ours.
                proxy_headers=bool(config.trusted_proxies),
                forwarded_allow_ips=list(config.trusted_proxies),
                timeout_graceful_shutdown=ENDS_WITHIN_S,
            )
        )
        measuring = None if metrics_at is None else Server(_metrics(metrics, *metrics_at))
        serving = asyncio.create_task(_served(server, measuring))
        # An address is told once somebody listens there: uvicorn says so by this alone.
        while not (server.started or serving.done()):
            await asyncio.sleep(LOOKS_EVERY_S)
        try:
            yield state, serving
        finally:
            state.end()
            server.should_exit = True
            await serving


async def _served(server: Server, measuring: Server | None) -> None:
    """Serve until one of them ends: a board that nobody can watch is no board."""
    both = [asyncio.create_task(each.serve()) for each in (server, measuring) if each is not None]
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    for each in (server, measuring):
        if each is not None:
            each.should_exit = True
    await asyncio.gather(*both)


def _metrics(app: ASGIApp, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=ENDS_WITHIN_S
    )


class Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing: Ctrl-C and SIGTERM are the command's."""
        yield
