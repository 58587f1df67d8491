"""One page and one log line for whatever goes wrong, so that neither holds anything of anybody."""

from __future__ import annotations

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from eropaf.board.back import START, came_from
from eropaf.board.web import by_a_script, page
from eropaf.serving.measured import place_of, route_of
from eropaf_client.errors import ClientError

SAID = {
    401: "said.ended",
    403: "error.forbidden",
    404: "error.missing",
    429: "error.many",
}
SAID_BY = {"stale": "error.stale", "busy": "error.busy", "reading": "error.reading"}

log = structlog.get_logger(__name__)


class Faults:
    """Answers a request in which something failed. No exception gets past it into a server's log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started |= message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:  # whatever it is: it ends here, and the board goes on
            log.error("request failed", error=type(error).__name__, at=place_of(error), route=route_of(scope))
            # Where the answer has begun it is cut off: the server sees that it was not ended.
            if scope["type"] == "http" and not started:
                status = 503 if isinstance(error, ClientError) else 500
                await told(Request(scope, receive), "error.broken", status, {})(scope, receive, send)


async def refused(request: Request, error: Exception) -> Response:
    """Answer where a request was refused."""
    assert isinstance(error, HTTPException)  # noqa: S101  # Starlette calls it with nothing else
    said = SAID_BY.get(error.detail, SAID.get(error.status_code, "error.broken"))
    return told(request, said, error.status_code, dict(error.headers or {}))


def told(request: Request, said: str, status: int, headers: dict[str, str]) -> Response:
    """Answer with one sentence, as a page or as JSON."""
    if by_a_script(request):
        return JSONResponse({"error": said}, status, headers)
    template, back = "error.html", START
    if request.method == "POST":
        back = came_from(request)  # its address has no page to load again
    if said == "error.reading" and request.method == "GET":
        # It goes on by itself, as without a connection.
        said, template = "offline.reading", "offline.html"
    response = page(request, template, status, said=said, back=back)
    response.headers.update(headers)
    return response
