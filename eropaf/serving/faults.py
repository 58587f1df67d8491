"""One answer and one log line for whatever goes wrong, so that neither holds anything of anybody."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from eropaf.serving.measured import place_of, route_of

log = structlog.get_logger(__name__)


class Faults:
    """Answers with `broken` where something failed. No exception gets past it into a server's log.

    It is logged by its kind and place alone, as its text may hold somebody's address.
    """

    def __init__(self, app: ASGIApp, broken: Callable[[Request, Exception], Response]) -> None:
        self._app, self._broken = app, broken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started |= message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:  # whatever it is: it ends here, and the server goes on
            log.error("request failed", error=type(error).__name__, at=place_of(error), route=route_of(scope))
            # Where the answer has begun it is cut off: the server sees that it was not ended.
            if scope["type"] == "http" and not started:
                await self._broken(Request(scope, receive), error)(scope, receive, send)
