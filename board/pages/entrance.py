"""Logging in, with a local account or at the organisation's own provider; logging out; the language."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from eropaf.board import metrics
from eropaf.board.attempts import BY_THE_PROVIDER, FALSE_LOGOUTS, TO_THE_PROVIDER, Limits, network_of
from eropaf.board.back import LOG_IN, START, came_from, leading_back, way_back
from eropaf.board.code_flow import LOGIN_WITHIN_S, LoginRefused
from eropaf.board.guard import LARGEST_FORM_BYTES, Guard, not_larger
from eropaf.board.open_id import Provider
from eropaf.board.passwords import Passwords
from eropaf.board.people import People
from eropaf.board.sessions import Sessions
from eropaf.board.store import Agreed, Disabled, Store
from eropaf.board.user import User
from eropaf.board.web import page
from eropaf.board.words import LANGUAGES
from eropaf.serving.issuer import OutOfReach

TO_PROVIDER = f"{LOG_IN}/provider"

log = structlog.get_logger(__name__)


class Entrance:
    """The way in and out."""

    def __init__(
        self,
        store: Store,
        sessions: Sessions,
        guard: Guard,
        limits: Limits,
        provider: Provider | None,
        people: People,
    ) -> None:
        self._people = people
        self._store = store
        self._sessions = sessions
        self._guard = guard
        self._limits = limits
        self._provider = provider
        self._passwords = Passwords()

    async def login(self, request: Request) -> Response:
        """Show the log-in page, or log in with name and password."""
        if request.method == "GET":
            return self._page(request)
        with _limited():
            return await self._log_in(request)

    async def _log_in(self, request: Request) -> Response:
        form = await request.form(max_files=0, max_fields=5)
        name, password = str(form.get("name", ""))[:100], str(form.get("password", ""))[:1000]
        device = self._guard.device(request)
        known = device is not None and await self._store.knows_device(device, name)
        async with self._limits.login(name, _address(request), device if known else None) as attempt:
            account = await self._store.account(name)
            if not await self._passwords.right(account, password, known) or account is None:
                return self._wrong(request, name)
            attempt.succeeded = True
        try:
            user = User(account.name, account.name, account.role, account.areas)
            response = await self._let_in(request, user, _asked_back(request))
        except Disabled:  # at this very moment
            return self._wrong(request, name)
        # A token not known for this person is somebody else's, or was put here by somebody who has it too.
        token = device if device is not None and known else secrets.token_urlsafe(32)
        await self._store.know_device(token, name)
        self._guard.remember_device(response, token)
        return response

    async def to_provider(self, request: Request) -> Response:
        """Send the browser to the provider. It carries what it must bring back: nothing is kept here."""
        if self._provider is None:
            raise HTTPException(404)
        with _limited():
            await self._limits.count(TO_THE_PROVIDER, network_of(_address(request)))
        try:
            where, carried = await self._provider.begin(_asked_back(request))
        except (LoginRefused, OutOfReach) as error:
            return self._refused(request, error)
        response = RedirectResponse(where, 303)
        self._guard.keep(response, self._guard.login, carried, LOGIN_WITHIN_S)
        return response

    async def from_provider(self, request: Request) -> Response:
        """Take the browser back from the provider; each answer of the provider is worth one log-in."""
        if self._provider is None:
            raise HTTPException(404)
        query, carried = request.query_params, request.cookies.get(self._guard.login)
        if carried is None:
            return self._page(request, wrong="login.again", status=403)
        back = self._provider.way_back(carried)
        if "code" not in query:  # who is asked may say no
            return self._page(request, back=back, wrong="login.again", status=403)
        with _limited():
            await self._limits.count(BY_THE_PROVIDER, network_of(_address(request)))
        try:
            user, agreed = await self._provider.come_back(carried, query.get("state", ""), query["code"])
            response = await self._let_in(request, user, back, agreed)
            await self._people.know(user)
        except (LoginRefused, OutOfReach, Disabled) as error:
            response = self._refused(request, error, back)
        self._guard.drop(response, self._guard.login)
        return response

    async def logged_out_there(self, request: Request) -> Response:
        """End the sessions of somebody who logged out at the provider, or was logged out there.

        OpenID Connect Back-Channel Logout 1.0. The provider calls, not a browser: its signature counts. What
        it signed is never too much; what it did not is counted by the network of whoever sent it.
        """
        if self._provider is None:
            raise HTTPException(404)
        not_larger(request, LARGEST_FORM_BYTES)
        form = await request.form(max_files=0, max_fields=5)
        try:
            user_id, session = await self._provider.logged_out(str(form.get("logout_token", "")))
        except LoginRefused as error:
            await self._limits.count(FALSE_LOGOUTS, network_of(_address(request)))
            log.warning("a logout token was refused", reason=str(error))
            return Response(status_code=400)
        except OutOfReach:
            raise HTTPException(503) from None
        await self._store.end_sessions(user_id, session)  # one of the two is named, or both
        self._sessions.tell()
        return Response(status_code=200)

    async def logout(self, request: Request) -> Response:
        """End the session here and in the browser. Where it had ended already, whoever wants out is out."""
        session = request.state.session
        if session is not None:
            await self._guard.of_this_session(request, session)
            await self._sessions.end(session)
        response = RedirectResponse(LOG_IN, 303)
        self._guard.drop(response, self._guard.cookie)
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    async def language(self, request: Request) -> Response:
        """Choose the language, and go back to the page at hand."""
        spoken = request.path_params["language"]
        if spoken not in LANGUAGES:
            raise HTTPException(404)
        response = RedirectResponse(came_from(request), 303)
        self._guard.keep(response, "language", spoken, 31_536_000)
        return response

    async def _let_in(
        self, request: Request, user: User, back: str, agreed: Agreed | None = None
    ) -> Response:
        session = await self._store.begin_session(user, agreed)
        if request.state.session is not None:
            await self._sessions.end(request.state.session)
        metrics.LOGINS.labels(result="in").inc()
        response = RedirectResponse(back, 303)
        self._guard.remember(response, session)
        return response

    def _refused(self, request: Request, error: Exception, back: str | None = None) -> Response:
        metrics.LOGINS.labels(result="refused").inc()
        log.warning("a log-in at the provider failed", reason=str(error) or type(error).__name__)
        return self._page(request, wrong="login.again", status=403, back=back)

    def _wrong(self, request: Request, name: str) -> Response:
        metrics.LOGINS.labels(result="wrong").inc()
        return self._page(request, wrong="login.wrong", status=401, name=name)

    def _page(
        self,
        request: Request,
        wrong: str | None = None,
        status: int = 200,
        name: str = "",
        back: str | None = None,
    ) -> Response:
        """Return the log-in page; `name` is kept where it was the password that did not fit."""
        back = _asked_back(request) if back is None else back
        return page(
            request,
            "login.html",
            status,
            wrong=wrong,
            name=name,
            here=leading_back(LOG_IN, back),
            at_provider=self._provider and leading_back(TO_PROVIDER, back),
        )


@contextmanager
def _limited() -> Iterator[None]:
    """Count a log-in that was not even looked at: too many came."""
    try:
        yield
    except HTTPException:
        metrics.LOGINS.labels(result="limited").inc()
        raise


def _asked_back(request: Request) -> str:
    """Return where a log-in leads."""
    return way_back(request.query_params.get("back", START))


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
