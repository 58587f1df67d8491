"""What the board measures, and where Prometheus reads it: a port of its own, which no browser is led to."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter

from prometheus_client import disable_created_metrics
from prometheus_client.exposition import choose_encoder
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from eropaf.board import metrics
from eropaf.board.reading import Reading
from eropaf.board.state import State


class Measured:
    """Measures how long each answer is in coming. A stream's is its first byte: it may last for hours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        begun = time.perf_counter()

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                labels = metrics.REQUEST_SECONDS.labels(route=route_of(scope), status=str(message["status"]))
                labels.observe(time.perf_counter() - begun)
            await send(message)

        await self._app(scope, receive, watched)


def route_of(scope: Scope) -> str:
    """Return the pattern of a request's address, never the address itself; `none` where no route has it."""
    route = scope.get("route")
    return route.path if isinstance(route, Route | Mount) else "none"


def exposition(state: State, reading: Reading, serves: str) -> ASGIApp:
    """Return what Prometheus asks: every metric of this board as it is now; `serves`: `team`, or `desk`."""
    disable_created_metrics()  # type: ignore[no-untyped-call]
    told: Counter[tuple[str, str]] = Counter()

    async def serve(request: Request) -> Response:
        behind = await asyncio.to_thread(reading.behind)
        metrics.UNREAD.set(math.nan if behind is None else behind)
        metrics.READY.labels(serves=serves).set(state.ready.is_set())
        metrics.STREAMS.set(state.browsers)
        for (topic, reason), count in (reading.asides.counts - told).items():
            metrics.SET_ASIDE.labels(topic=topic, reason=reason).inc(count)
            told[topic, reason] += count
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(metrics.REGISTRY), media_type=content_type)

    return Starlette(routes=[Route("/metrics", serve)])
