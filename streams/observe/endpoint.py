"""A worker's HTTP endpoint for operators: metrics, liveness and readiness."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from aiohttp import web
from mode import Service
from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder

from eropaf.streams.errors import stop_at_once
from eropaf.streams.observe.health import Health
from eropaf.streams.runtime.garbage import collect_young

log = structlog.get_logger(__name__)

TIDIED_EVERY_S = 30.0


class Endpoint(Service):
    """Serves `/metrics`, `/health/live` and `/health/ready` on `host` and `port`.

    Holds nothing of what the tables hold.
    """

    def __init__(self, host: str, port: int, health: Callable[[], Health], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._host = host
        self._port = port
        self._health = health
        self._runner: web.AppRunner | None = None

    async def on_start(self) -> None:
        """Listen."""
        site = web.Application()
        site.add_routes(
            [
                web.get("/metrics", self._metrics),
                web.get("/health/live", self._live),
                web.get("/health/ready", self._is_ready),
            ]
        )
        self._runner = web.AppRunner(site, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            # Nobody could see how this worker is, and it would never be ready.
            stop_at_once(
                f"metrics and health cannot be served on {self._host}:{self._port} ({error.strerror}); "
                "free the port, or set another first one for these workers"
            )
        log.info("endpoint", url=f"http://{self._host}:{self._port}/metrics")

    async def on_stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    @Service.task
    async def _tidy(self) -> None:
        # A closed connection is a circle: its transport keeps a method of its own. One by one they would take
        # megabytes before the worker looks for garbage. Not while answering: what lives then counts as old.
        while not self.should_stop:
            await self.sleep(TIDIED_EVERY_S)
            collect_young()

    async def _metrics(self, request: web.Request) -> web.Response:
        # OpenMetrics for clients that accept it: only that format has exemplars.
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(REGISTRY), headers={"Content-Type": content_type})

    async def _live(self, request: web.Request) -> web.Response:
        # Answering at all shows that the worker's event loop runs. A worker that cannot go on ends itself, so
        # no answer here needs to ask for a restart.
        return web.Response(text=f"live; {self._health()}\n")

    async def _is_ready(self, request: web.Request) -> web.Response:
        health = self._health()
        if health.ready:
            return web.Response(text=f"ready; {health}\n")
        return web.Response(status=503, text=f"not ready; {health}\n")
