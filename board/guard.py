"""The guard between browsers and pages: who asks, whether they may, how often, and what may be cached."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from limits import RateLimitItemPerMinute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from eropaf.board.attempts import Limits
from eropaf.board.back import LOG_IN, came_from, leading_back, way_back
from eropaf.board.sessions import Sessions
from eropaf.board.store import DEVICE_S, Session
from eropaf.board.user import Role
from eropaf.board.web import parts_of

Endpoint = Callable[[Request], Awaitable[Response]]

LARGEST_FORM_BYTES = 16_384
# A worker registers a few times a minute; a queue that was kept offline is sent at once.
CHANGES = RateLimitItemPerMinute(240)
# One resident at a desk after another; far fewer than it takes to read the city.
OPENINGS = RateLimitItemPerMinute(10)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # By which its own pages tell it from whatever else answers in its place.
    "Eropaf-Board": "1",
}


def kept(path: str, status: int) -> bool:
    """Return whether an answer may be cached: a static file's name changes with its contents."""
    return path.startswith("/static/") and status == 200


class Guard:
    """Wraps endpoints: `open` for everybody, `only` for people with a role."""

    def __init__(self, sessions: Sessions, limits: Limits, address: str) -> None:
        self._sessions = sessions
        self._limits = limits
        self._https = address.startswith("https://")
        self._host = urlsplit(address).netloc
        # A browser sends such a cookie to this host alone, and lets no other set it.
        self.cookie, self._device, self.login = (
            f"__Host-{name}" if self._https else name for name in ("session", "device", "login")
        )

    def open(self, endpoint: Endpoint) -> Endpoint:
        """Admit everybody; a form must still come from our own page."""

        async def guarded(request: Request) -> Response:
            request.state.session = await self._session(request)
            if request.method == "POST":
                from_our_page(request, self._host)
            return await endpoint(request)

        return guarded

    def only(self, endpoint: Endpoint, *roles: Role, by_itself: bool = False) -> Endpoint:
        """Admit people with one of `roles`; others are asked to log in, and then return to the page.

        `by_itself`: the page requests it without user action, so it does not keep a session alive.
        """

        async def guarded(request: Request) -> Response:
            session = await self._session(request, used=not by_itself)
            if session is None:
                return _to_the_way_in(request)
            if session.user.role not in roles:
                raise HTTPException(403)
            request.state.session = session
            if request.method == "POST":
                from_our_page(request, self._host)
                await self.of_this_session(request, session)
            return await endpoint(request)

        return guarded

    async def of_this_session(self, request: Request, session: Session) -> None:
        """Refuse a form without the session's token, and more forms than a person can fill in."""
        await self.limit(CHANGES, session.token)
        form = await request.form(max_files=0, max_fields=20)
        if not secrets.compare_digest(str(form.get("csrf", "")).encode(), session.csrf.encode()):
            raise HTTPException(403, "stale")

    def by_token(self, endpoint: Endpoint, *roles: Role) -> Endpoint:
        """Admit commands with the token of a session whose user has one of `roles`.

        Cookies are ignored, so no other site's page can act in somebody's name.
        """

        async def guarded(request: Request) -> Response:
            kind, _, token = request.headers.get("authorization", "").partition(" ")
            session = await self._sessions.of(token) if kind.lower() == "bearer" else None
            if session is None:
                said = "the token is not, or no longer, of a session: log in at the desk and draw another"
                return JSONResponse({"error": said}, 401)
            if session.user.role not in roles:
                return JSONResponse({"error": f"nothing here is for the role {session.user.role}"}, 403)
            request.state.session = session
            not_larger(request, LARGEST_FORM_BYTES)
            await self.limit(CHANGES, session.token)
            return await endpoint(request)

        return guarded

    async def limit(self, most: RateLimitItemPerMinute, *who: str) -> None:
        """Refuse if `who` did this too often."""
        await self._limits.count(most, *who)

    def remember(self, response: Response, session: Session) -> None:
        """Set the cookie that holds the browser's session."""
        self.keep(response, self.cookie, session.token)

    def device(self, request: Request) -> str | None:
        """Return this device's id, if it is known."""
        return request.cookies.get(self._device)

    def remember_device(self, response: Response, token: str) -> None:
        """Set the cookie that identifies this device next time."""
        self.keep(response, self._device, token, DEVICE_S)

    def keep(self, response: Response, name: str, value: str, max_age: int | None = None) -> None:
        """Set a cookie that scripts cannot read and other sites' forms do not send."""
        response.set_cookie(name, value, max_age, httponly=True, secure=self._https, samesite="lax", path="/")

    def drop(self, response: Response, name: str) -> None:
        """Delete a cookie."""
        response.delete_cookie(name, secure=self._https, httponly=True, path="/")

    async def _session(self, request: Request, used: bool = True) -> Session | None:
        return await self._sessions.of(request.cookies.get(self.cookie), used)


def _to_the_way_in(request: Request) -> Response:
    """Redirect a person to the log-in and back; a script gets a status code."""
    if "text/html" not in request.headers.get("accept", ""):
        raise HTTPException(401)
    if request.method == "GET":
        asked = way_back(f"{request.url.path}?{request.url.query}")
        return RedirectResponse(leading_back(LOG_IN, asked), 303)
    return RedirectResponse(leading_back(LOG_IN, came_from(request), "ended"), 303)


def from_our_page(request: Request, host: str) -> None:
    """Refuse a form sent by another site than `host`, and one far larger than ours."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = parts_of(request.headers.get("origin", f"//{host}")).netloc
    if site != "same-origin" or origin != host:
        raise HTTPException(403)
    not_larger(request, LARGEST_FORM_BYTES)


def not_larger(request: Request, most_bytes: int) -> None:
    """Refuse a body that is larger, or whose size is not declared.

    A size beside `Transfer-Encoding` declares nothing: the body goes on for as long as its parts do (RFC 9112
    section 6.3).
    """
    length, parts = request.headers.get("content-length", ""), "transfer-encoding" in request.headers
    if parts or not (length.isascii() and length.isdigit()) or int(length) > most_bytes:
        raise HTTPException(413)
