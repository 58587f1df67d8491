"""What a browser caches for use offline: the assets, and one page."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from eropaf.board.web import PAGES, language, page, static_files, version


async def worker(request: Request) -> Response:
    """Return this version's service worker, in the page's language."""
    _as_asked(request)
    script = PAGES.get_template("worker.js").render(
        version=version(),
        language=language(request),
        assets=[f"/static/{version()}/{name}" for name in static_files()],
    )
    return Response(script, media_type="text/javascript")


async def offline(request: Request) -> Response:
    """Show that there is no connection. The page is impersonal: every browser may cache it."""
    _as_asked(request)
    return page(request, "offline.html", said="offline.said")


def _as_asked(request: Request) -> None:
    request.state.language = request.query_params.get("language")
