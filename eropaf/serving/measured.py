"""How long answers take, where a fault was raised, and where Prometheus reads what is measured."""

from __future__ import annotations

import time
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

from prometheus_client import CollectorRegistry, Histogram, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Measured:
    """Measures in `seconds` how long each answer is in coming. A stream's is its first byte."""

    def __init__(self, app: ASGIApp, seconds: Histogram) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        begun = time.perf_counter()

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                labels = self._seconds.labels(route=route_of(scope), status=str(message["status"]))
                labels.observe(time.perf_counter() - begun)
            await send(message)

        await self._app(scope, receive, watched)


def route_of(scope: Scope) -> str:
    """Return the pattern of a request's address, never the address itself; `none` where no route has it."""
    route = scope.get("route")
    return route.path if isinstance(route, Route | Mount) else "none"


def place_of(error: BaseException) -> str:
    """Return file and line where it was raised: where to look. An exception's text may hold an address."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"


def exposition(registry: CollectorRegistry, look: Callable[[], Awaitable[None]]) -> ASGIApp:
    """Return what Prometheus asks: every metric of `registry`, once `look` has set them as they are now."""
    disable_created_metrics()  # type: ignore[no-untyped-call]

    async def serve(request: Request) -> Response:
        await look()
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), media_type=content_type)

    return Starlette(routes=[Route("/metrics", serve)])
