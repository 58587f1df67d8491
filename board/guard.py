"""What stands between a browser and a page: who asks, whether it may, how often, and what may stay."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from eropaf.board.store import Session, Store
from eropaf.board.user import Role
from eropaf.board.web import parts_of

Endpoint = Callable[[Request], Awaitable[Response]]

LARGEST_FORM_BYTES = 16_384
# A worker registers a few times a minute; a queue that was kept offline is sent at once.
CHANGES = RateLimitItemPerMinute(240)
# One resident at a desk after another; far fewer than it takes to read the city.
OPENINGS = RateLimitItemPerMinute(10)
# Log-ins that failed. Behind a proxy every place is one, so a name is what counts most.
FAILED_OF_ONE_NAME = RateLimitItemPerMinute(5)
FAILED_FROM_ONE_PLACE = RateLimitItemPerMinute(30)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Headers:
    """Puts the protecting headers on every answer, and keeps pages out of the browser's cache."""

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self._app = app
        self._more = {"Strict-Transport-Security": "max-age=31536000"} if https else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update({**HEADERS, **self._more})
                if not scope["path"].startswith("/static/"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self._app(scope, receive, with_headers)


class Guard:
    """Wraps endpoints: `open` ones for everybody, `only` ones for people of a role."""

    def __init__(self, store: Store, address: str) -> None:
        self._store = store
        self._https = address.startswith("https://")
        self._host = urlsplit(address).netloc
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        # A browser sends such a cookie to this host alone, and lets no other set it.
        self.cookie = "__Host-session" if self._https else "session"

    def open(self, endpoint: Endpoint) -> Endpoint:
        """Let everybody in; a form must still come from our own page."""

        async def guarded(request: Request) -> Response:
            request.state.session = await self._session(request)
            if request.method == "POST":
                await self._from_our_page(request)
            return await endpoint(request)

        return guarded

    def only(self, endpoint: Endpoint, *roles: Role) -> Endpoint:
        """Let people of `roles` in; who is not logged in is asked to."""

        async def guarded(request: Request) -> Response:
            session = await self._session(request)
            if session is None:
                if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
                    return RedirectResponse("/login", 303)
                raise HTTPException(401)
            if session.user.role not in roles:
                raise HTTPException(403)
            request.state.session = session
            if request.method == "POST":
                await self._from_our_page(request)
                await self.limit(CHANGES, session.token)
                form = await request.form(max_files=0, max_fields=20)
                if not secrets.compare_digest(str(form.get("csrf", "")), session.csrf):
                    raise HTTPException(403, "stale")
            return await endpoint(request)

        return guarded

    async def limit(self, most: RateLimitItemPerMinute, *who: str) -> None:
        """Refuse where `who` did this too often."""
        if not await self._limiter.hit(most, *who):
            raise HTTPException(429, headers={"Retry-After": "60"})

    async def not_more(self, most: RateLimitItemPerMinute, *who: str) -> None:
        """Refuse where `failed` was called too often."""
        if not await self._limiter.test(most, *who):
            raise HTTPException(429, headers={"Retry-After": "60"})

    async def failed(self, most: RateLimitItemPerMinute, *who: str) -> None:
        """Count a failure."""
        await self._limiter.hit(most, *who)

    def remember(self, response: Response, session: Session) -> None:
        """Give the browser its session."""
        response.set_cookie(
            self.cookie, session.token, httponly=True, secure=self._https, samesite="lax", path="/"
        )

    async def _session(self, request: Request) -> Session | None:
        token = request.cookies.get(self.cookie)
        return await self._store.session(token) if token else None

    async def _from_our_page(self, request: Request) -> None:
        """Refuse a form that another site sends, and one that is far larger than ours."""
        site = request.headers.get("sec-fetch-site", "same-origin")
        origin = parts_of(request.headers.get("origin", f"//{self._host}")).netloc
        if site != "same-origin" or origin != self._host:
            raise HTTPException(403)
        length = request.headers.get("content-length", "")
        if not length.isdigit() or int(length) > LARGEST_FORM_BYTES:
            raise HTTPException(413)
