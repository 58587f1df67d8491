"""A resident's own page as a server, until it is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from eropaf.board.guard import HEADERS, kept
from eropaf.board.resident import metrics
from eropaf.board.resident.at_the_desk import AtTheDesk, Away, NotIn, TooMany
from eropaf.board.resident.config import ResidentPageConfig
from eropaf.board.resident.page import ResidentPage
from eropaf.serving.faults import Faults
from eropaf.serving.headers import Headers
from eropaf.serving.measured import Measured
from eropaf.serving.server import running, server

# As the board's, but that no script runs here.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
SAID = {404: "resident.missing", 403: "resident.elsewhere", 429: "resident.many"}


def app_of(config: ResidentPageConfig, desk: AtTheDesk) -> ASGIApp:
    """Return the page as it is served."""
    page = ResidentPage(config, desk)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101  # Starlette calls it with nothing else
        return page.said(request, SAID.get(error.status_code, "resident.broken"), error.status_code)

    async def not_in(request: Request, error: Exception) -> Response:
        return page.said(request, "resident.ended", 401)

    async def too_many(request: Request, error: Exception) -> Response:
        return page.said(request, "resident.many", 429)

    async def away(request: Request, error: Exception) -> Response:
        return page.said(request, "resident.unsure" if request.method == "POST" else "resident.away", 503)

    starlette = Starlette(
        routes=list(page.routes()),
        middleware=[
            Middleware(Measured, seconds=metrics.REQUEST_SECONDS),
            Middleware(Faults, broken=lambda request, error: page.said(request, "resident.broken", 500)),
        ],
        exception_handlers={HTTPException: refused, NotIn: not_in, TooMany: too_many, Away: away},
    )
    headers = {**HEADERS, "Content-Security-Policy": POLICY}
    return Headers(starlette, headers, https=config.address.startswith("https://"), kept=kept)


@dataclass(frozen=True, slots=True)
class Stateless:
    """What the page knows: nothing that could fail."""

    failed: asyncio.Future[None]


@asynccontextmanager
async def served(
    config: ResidentPageConfig, host: str, port: int
) -> AsyncIterator[tuple[Stateless, asyncio.Task[None]]]:
    """Serve the page while the block runs; the task ends when the server does."""
    desk = AtTheDesk(config.desk)
    knows = Stateless(asyncio.get_running_loop().create_future())
    try:
        async with running([server(app_of(config, desk), host, port, config.trusted_proxies)]) as serving:
            yield knows, serving
    finally:
        await desk.close()
