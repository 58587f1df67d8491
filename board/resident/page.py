"""A resident's own page: let in by a code or the broker, shown what is held, able to object.

It knows nothing and keeps nothing. No script is needed, and there is one cookie.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from eropaf.board.attempts import BY_THE_PROVIDER, TO_THE_PROVIDER, Limits, network_of
from eropaf.board.code_flow import LOGIN_WITHIN_S, CodeFlow, LoginRefused
from eropaf.board.guard import Endpoint, from_our_page
from eropaf.board.resident.at_the_desk import AtTheDesk, Away, NotIn, TooMany
from eropaf.board.resident.codes import LONGEST_TYPED
from eropaf.board.resident.config import ResidentPageConfig
from eropaf.board.web import PAGES, STATIC, version
from eropaf.board.words import LANGUAGES, WORDS, chosen
from eropaf.serving.issuer import OutOfReach

DEEDS = {"object": "object", "erase": "erasure-asked"}
SCOPE = "openid"

log = structlog.get_logger(__name__)


class ResidentPage:
    """The pages of one language each: the address says which."""

    def __init__(self, config: ResidentPageConfig, desk: AtTheDesk) -> None:
        self._config, self._desk = config, desk
        self._limits = Limits()
        self._broker = CodeFlow(config.open_id, f"{config.address}/back") if config.open_id else None
        self._https = config.address.startswith("https://")
        self._host = urlsplit(config.address).netloc
        self._session, self._login = (f"__Host-{name}" if self._https else name for name in ("own", "login"))

    def routes(self) -> Iterator[BaseRoute]:
        """Yield every path of the page."""
        yield Route("/", self._begin)
        yield Route("/back", self._back)
        yield Route("/health/live", _live)
        for language in LANGUAGES:
            yield Route(f"/{language}", self._show)
            yield Route(f"/{language}/code", self._ours(self._by_code), methods=["POST"])
            yield Route(f"/{language}/log-in", self._to_the_broker)
            yield Route(f"/{language}/letter", self._letter)
            yield Route(f"/{language}/everything", self._everything)
            yield Route(f"/{language}/leave", self._ours(self._leave), methods=["POST"])
            for deed in DEEDS:
                yield Route(f"/{language}/{deed}", self._sure)
                yield Route(f"/{language}/{deed}", self._ours(self._act), methods=["POST"])
        yield Mount(f"/static/{version()}", StaticFiles(directory=STATIC))
        if self._config.theme:
            yield Mount("/theme", StaticFiles(directory=self._config.theme))

    def said(self, request: Request, said: str, status: int) -> Response:
        """Answer with one sentence, so that a fault's page holds nothing of anybody."""
        return self._page(request, "resident-said.html", status, said=said)

    def _ours(self, endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            from_our_page(request, self._host)
            return await endpoint(request)

        return guarded

    async def _begin(self, request: Request) -> Response:
        return RedirectResponse(f"/{_spoken(request)}", 303)

    async def _show(self, request: Request) -> Response:
        """Show what is held; to whoever is not let in, how one is."""
        token = self._token(request)
        if token is None:
            return self._entrance(request)
        try:
            told = await self._desk.ask("show", token=token)
        except NotIn:
            response = self._entrance(request, "resident.ended", 401)
            self._drop(response, self._session)
            return response
        if not told["ready"]:
            return self._page(request, "resident-looking.html", 202)
        return self._page(request, "resident.html", letter=told["letter"], told=told)

    async def _by_code(self, request: Request) -> Response:
        form = await request.form(max_files=0, max_fields=5)
        typed = str(form.get("code", ""))[:LONGEST_TYPED]
        try:
            begun = await self._desk.ask("begin", code=typed, **{"from": _address(request)})
        except NotIn:
            return self._entrance(request, "resident.wrong", 401, typed)
        except TooMany:
            return self._entrance(request, "resident.many", 429, typed)
        except Away:  # which may have used the code up
            return self._page(request, "resident-said.html", 503, said="resident.code_unsure")
        return self._let_in(_spoken(request), begun["token"])

    async def _to_the_broker(self, request: Request) -> Response:
        if self._broker is None:
            raise HTTPException(404)
        await self._limits.count(TO_THE_PROVIDER, network_of(_address(request)))
        levels = {"acr_values": " ".join(self._config.levels)} if self._config.levels else {}
        try:
            where, carried = await self._broker.begin(_spoken(request), SCOPE, **levels)
        except (LoginRefused, OutOfReach) as error:
            return self._failed(request, error)
        response = RedirectResponse(where, 303)
        self._keep(response, self._login, carried, LOGIN_WITHIN_S)
        return response

    async def _back(self, request: Request) -> Response:
        """Take the browser back from the broker, and pass on what that signed."""
        query, carried = request.query_params, request.cookies.get(self._login)
        if self._broker is None:
            raise HTTPException(404)
        await self._limits.count(BY_THE_PROVIDER, network_of(_address(request)))
        known = self._broker.carried(carried or "")
        request.state.language = known.back if known else None
        try:
            login, token = await self._broker.come_back(
                carried or "", query.get("state", ""), query.get("code", "")
            )
            begun = await self._desk.ask("begin", id_token=str(token.get("id_token", "")), nonce=login.nonce)
            response = self._let_in(login.back, begun["token"])
        except TooMany:
            response = self._entrance(request, "resident.often", 429)
        except (LoginRefused, OutOfReach, NotIn) as error:
            response = self._failed(request, error)
        self._drop(response, self._login)
        return response

    async def _sure(self, request: Request) -> Response:
        """Say what a deed means, and ask whether it is meant."""
        told = await self._desk.ask("show", token=self._needed(request))
        if not told["ready"]:
            return self._page(request, "resident-looking.html", 202)
        deed = _deed(request)
        if told["letter"] is None or (deed == "erase" and not told["kept"]):
            return self._page(request, "resident-said.html", said=f"resident.{deed}_nothing")
        return self._page(request, "resident-sure.html", deed=deed, way=told["way"])

    async def _act(self, request: Request) -> Response:
        deed = _deed(request)
        told = await self._desk.ask("act", token=self._needed(request), deed=DEEDS[deed])
        said = f"resident.{deed}_{'done' if told['done'] else 'nothing'}"
        return self._page(request, "resident-said.html", said=said)

    async def _letter(self, request: Request) -> Response:
        told = await self._file(request)
        return _attached(PlainTextResponse(told["letter"][_spoken(request)]), "letter.txt")

    async def _everything(self, request: Request) -> Response:
        document = (await self._file(request))["document"]
        text = json.dumps(document, indent=2, ensure_ascii=False)
        return _attached(Response(text, media_type="application/json"), "everything.json")

    async def _file(self, request: Request) -> dict[str, Any]:
        told = await self._desk.ask("show", token=self._needed(request))
        if not told["ready"] or told["letter"] is None:
            raise HTTPException(404)
        return told

    async def _leave(self, request: Request) -> Response:
        try:
            await self._desk.ask("leave", token=self._needed(request))
        except NotIn:
            log.info("who leaves had left")  # and is out, which is what they want
        except Away:
            log.warning("who leaves is out of this browser; the session ends by itself")
        response = RedirectResponse(f"/{_spoken(request)}", 303)
        self._drop(response, self._session)
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    def _entrance(self, request: Request, wrong: str = "", status: int = 200, typed: str = "") -> Response:
        return self._page(request, "resident-entrance.html", status, wrong=wrong, typed=typed)

    def _failed(self, request: Request, error: Exception) -> Response:
        log.warning("a resident's log-in failed", reason=str(error) or type(error).__name__)
        return self._entrance(request, "resident.log_in_failed", 403)

    def _let_in(self, language: str, token: str) -> Response:
        response = RedirectResponse(f"/{language}", 303)
        self._keep(response, self._session, token)
        return response

    def _token(self, request: Request) -> str | None:
        return request.cookies.get(self._session)

    def _needed(self, request: Request) -> str:
        token = self._token(request)
        if token is None:
            raise NotIn
        return token

    def _keep(self, response: Response, name: str, value: str, max_age: int | None = None) -> None:
        response.set_cookie(name, value, max_age, httponly=True, secure=self._https, samesite="lax", path="/")

    def _drop(self, response: Response, name: str) -> None:
        response.delete_cookie(name, secure=self._https, httponly=True, path="/")

    def _page(self, request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        spoken = _spoken(request)
        other = "en" if spoken == "nl" else "nl"
        shown = {
            "t": WORDS[spoken],
            "language": spoken,
            "other": other,
            "other_page": _other_page(request, spoken, other),
            "static": f"/static/{version()}",
            "theme": self._config.theme is not None,
            "contact": self._config.contact,
            "broker": self._broker is not None,
            "inside": False,
        }
        return HTMLResponse(PAGES.get_template(template).render({**shown, **values}), status)


def _spoken(request: Request) -> str:
    first = request.url.path.split("/")[1]
    asked = first if first in LANGUAGES else getattr(request.state, "language", None)
    return chosen(asked, request.headers.get("accept-language", ""))


def _other_page(request: Request, spoken: str, other: str) -> str:
    """Return this page in the other language: only of a page that we know, as the path is anybody's."""
    ours = {f"/{spoken}", *(f"/{spoken}/{deed}" for deed in DEEDS)}
    path = request.url.path
    if request.method != "GET" or path not in ours:
        return f"/{other}"
    return f"/{other}{path.removeprefix(f'/{spoken}')}"


def _deed(request: Request) -> str:
    return request.url.path.rpartition("/")[2]


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _attached(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


async def _live(request: Request) -> Response:
    return PlainTextResponse("live")
