"""One page for whatever goes wrong, so that it holds nothing of anybody."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from eropaf.board.back import START, came_from
from eropaf.board.web import by_a_script, page
from eropaf_client.errors import ClientError

SAID = {
    401: "said.ended",
    403: "error.forbidden",
    404: "error.missing",
    429: "error.many",
}
SAID_BY = {"stale": "error.stale", "busy": "error.busy", "reading": "error.reading"}


def broken(request: Request, error: Exception) -> Response:
    """Answer where something failed that no rule foresaw."""
    return told(request, "error.broken", 503 if isinstance(error, ClientError) else 500, {})


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
