"""The gateway as a server, until it is told to stop."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from eropaf.gateway.app import Opened, opened
from eropaf.gateway.config import GatewayConfig, Tls
from eropaf.gateway.presented import Presenting
from eropaf.gateway.state import State
from eropaf.serving.server import Server, running, server

# A head with a certificate in it, as a proxy passes it on.
LARGEST_HEAD_BYTES = 65_536


@asynccontextmanager
async def served(
    config: GatewayConfig, host: str, port: int, metrics_at: tuple[str, int] | None = None
) -> AsyncIterator[tuple[State, asyncio.Task[None]]]:
    """Serve the gateway while the block runs; the task ends when the server does.

    `metrics_at` is where Prometheus reads its metrics; without it nobody can.

    Raises:
        ClientError: no broker, or a topic is missing.
    """
    async with opened(config) as made:
        servers = [front(made.app, host, port, config.tls, config.socket)]
        if metrics_at is not None:
            servers.append(server(made.metrics, *metrics_at))
        async with serving(made, servers) as task:
            yield made.state, task


@asynccontextmanager
async def serving(made: Opened, servers: Sequence[Server]) -> AsyncIterator[asyncio.Task[None]]:
    """Serve while the block runs. Then every stream is ended, so that the server's end cuts none off."""
    async with running(servers) as task:
        try:
            yield task
        finally:
            made.end()


def front(app: ASGIApp, host: str, port: int, tls: Tls | None = None, socket: Path | None = None) -> Server:
    """Return the server that callers reach, at `host` and `port` unless it has a socket of its own.

    Who connects is looked at as it is: a proxy is known by its address. A caller may show a
    certificate; one that it shows must be signed by whom we trust.
    """
    more: dict[str, Any] = {} if socket is None else {"uds": str(socket)}
    if tls is not None:
        more = {
            "ssl_certfile": tls.certificate_file,
            "ssl_keyfile": tls.key_file,
            "ssl_ca_certs": None if tls.client_ca_file is None else str(tls.client_ca_file),
            "ssl_cert_reqs": ssl.CERT_NONE if tls.client_ca_file is None else ssl.CERT_OPTIONAL,
        }
    return server(app, host, port, http=Presenting, h11_max_incomplete_event_size=LARGEST_HEAD_BYTES, **more)
