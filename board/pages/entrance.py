"""Logging in, with a local account or at the organisation's own provider; logging out; the language."""

from __future__ import annotations

import secrets

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from eropaf.board.guard import FAILED_FROM_ONE_PLACE, FAILED_OF_ONE_NAME, Guard
from eropaf.board.open_id import LoginRefused, Provider
from eropaf.board.passwords import Passwords
from eropaf.board.store import Login, Store
from eropaf.board.user import User
from eropaf.board.web import page, parts_of
from eropaf.board.words import LANGUAGES

BROWSER = "login"


class Entrance:
    """The way in and out."""

    def __init__(self, store: Store, guard: Guard, provider: Provider | None, https: bool) -> None:
        self._store = store
        self._guard = guard
        self._provider = provider
        self._https = https
        self._passwords = Passwords()

    async def login(self, request: Request) -> Response:
        """Show the log-in page, or log in with name and password."""
        if request.method == "GET":
            return self._page(request)
        form = await request.form(max_files=0, max_fields=5)
        name, password = str(form.get("name", ""))[:100], str(form.get("password", ""))[:1000]
        place = request.client.host if request.client else ""
        await self._guard.not_more(FAILED_FROM_ONE_PLACE, place)
        await self._guard.not_more(FAILED_OF_ONE_NAME, name)
        account = await self._store.account(name)
        if not await self._passwords.right(account, password) or account is None:
            await self._guard.failed(FAILED_FROM_ONE_PLACE, place)
            await self._guard.failed(FAILED_OF_ONE_NAME, name)
            return self._page(request, wrong="login.wrong", status=401)
        return await self._let_in(request, User(account.name, account.name, account.role, account.areas))

    async def to_provider(self, request: Request) -> Response:
        """Send the browser to the provider."""
        if self._provider is None:
            raise HTTPException(404)
        login = Login(*(secrets.token_urlsafe(32) for _ in range(4)))
        await self._store.begin_login(login)
        response = RedirectResponse(await self._provider.address(login), 303)
        response.set_cookie(
            BROWSER, login.browser, httponly=True, secure=self._https, samesite="lax", max_age=600
        )
        return response

    async def from_provider(self, request: Request) -> Response:
        """Take the browser back from the provider; each answer of the provider is worth one log-in."""
        if self._provider is None:
            raise HTTPException(404)
        query = request.query_params
        login = await self._store.take_login(query.get("state", ""), request.cookies.get(BROWSER, ""))
        if login is None or "code" not in query:
            return self._page(request, wrong="login.again", status=403)
        try:
            user = await self._provider.user(login, str(query["code"]))
        except LoginRefused:
            return self._page(request, wrong="login.again", status=403)
        response = await self._let_in(request, user)
        response.delete_cookie(BROWSER)
        return response

    async def logout(self, request: Request) -> Response:
        """End the session here and in the browser."""
        await self._store.end_session(request.state.session.token)
        response = RedirectResponse("/login", 303)
        response.delete_cookie(self._guard.cookie, secure=self._https, httponly=True, path="/")
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    async def language(self, request: Request) -> Response:
        """Choose the language, and go back to the page at hand."""
        spoken = request.path_params["language"]
        if spoken not in LANGUAGES:
            raise HTTPException(404)
        back = parts_of(request.headers.get("referer", "/")).path
        response = RedirectResponse("/" + back.lstrip("/\\"), 303)
        response.set_cookie("language", spoken, max_age=31_536_000, secure=self._https, samesite="lax")
        return response

    async def _let_in(self, request: Request, user: User) -> Response:
        if request.state.session is not None:
            await self._store.end_session(request.state.session.token)
        response = RedirectResponse("/", 303)
        self._guard.remember(response, await self._store.begin_session(user))
        return response

    def _page(self, request: Request, wrong: str | None = None, status: int = 200) -> Response:
        return page(request, "login.html", status, wrong=wrong, open_id=self._provider is not None)
