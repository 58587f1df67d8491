"""What board and gateway have on every answer, and answer where something failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import NoReturn

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message
from structlog.testing import capture_logs

from eropaf.serving.faults import Faults
from eropaf.serving.headers import KEPT_FOR_EVER, Headers

PRIVATE = "1011 AB 12"


def broken(request: Request, error: Exception) -> Response:
    return PlainTextResponse(f"{type(error).__name__} at {request.url.path}", 500)


async def fails(request: Request) -> NoReturn:
    raise KeyError(PRIVATE)


async def fails_half_way(request: Request) -> Response:
    async def half() -> AsyncIterator[bytes]:
        yield b"half"
        raise KeyError(PRIVATE)

    return StreamingResponse(half())


async def works(request: Request) -> Response:
    # What an answer says of itself does not count: one that is forgotten would lie in every cache.
    return PlainTextResponse("done", headers={"Cache-Control": "public"})


def an_app(*, https: bool = False) -> ASGIApp:
    """Return an app whose address `/kept` may be cached, where it answers well."""
    routes = [Route("/fails", fails), Route("/half", fails_half_way), Route("/works", works)]
    app = Starlette(routes=[*routes, Route("/kept", works)], middleware=[Middleware(Faults, broken=broken)])
    return Headers(
        app, {"X-Ours": "1"}, https=https, kept=lambda path, status: path == "/kept" and status == 200
    )


def asked(path: str, app: ASGIApp | None = None) -> httpx2.Response:
    async def ask() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=app or an_app())
        async with httpx2.AsyncClient(transport=transport, base_url="http://here") as http:
            return await http.get(path)

    return asyncio.run(ask())


@pytest.mark.parametrize("path", ["/works", "/fails", "/nowhere"])
def test_every_answer_has_the_headers_and_is_kept_by_nobody(path: str) -> None:
    headers: Mapping[str, str] = asked(path).headers

    assert headers["x-ours"] == "1"
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in headers


def test_what_may_be_kept_is_kept_for_ever() -> None:
    assert asked("/kept").headers["cache-control"] == KEPT_FOR_EVER


def test_who_is_reached_by_https_says_that_it_is_reached_by_nothing_else() -> None:
    assert asked("/fails", an_app(https=True)).headers["strict-transport-security"] == "max-age=31536000"


def test_a_fault_is_answered_and_logged_without_its_text() -> None:
    with capture_logs() as said:
        answer = asked("/fails")

    assert (answer.status_code, answer.text) == (500, "KeyError at /fails")
    (line,) = said
    assert (line["event"], line["error"], line["route"]) == ("request failed", "KeyError", "/fails")
    assert PRIVATE not in str(line)


def test_an_answer_that_had_begun_is_cut_off_and_no_second_begins() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> NoReturn:
        await asyncio.Event().wait()  # nobody says more, and nobody hangs up
        raise AssertionError

    scope = {"type": "http", "method": "GET", "path": "/half", "headers": [], "query_string": b""}

    async def serve() -> None:
        await an_app()(scope, receive, send)

    with capture_logs() as said:
        asyncio.run(serve())

    assert [each["type"] for each in sent] == ["http.response.start", "http.response.body"]
    assert sent[-1]["more_body"], "the server sees that it was not ended"
    assert [line["event"] for line in said] == ["request failed"]
