"""The board as a server, until it is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from eropaf.board.app import opened
from eropaf.board.config import BoardConfig
from eropaf.board.state import State
from eropaf.board.store import Store
from eropaf.serving.server import running, server


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
        servers = [server(app, host, port, config.trusted_proxies)]
        if metrics_at is not None:
            servers.append(server(metrics, *metrics_at))
        async with running(servers) as serving:
            try:
                yield state, serving
            finally:
                state.end()
