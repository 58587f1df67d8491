"""The board put together: routes, and what lives as long as it does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from board.claims import ClaimSender
from board.config import BoardConfig
from board.guard import Guard, Headers
from board.open_id import Provider
from board.pages.claiming import Claiming
from board.pages.entrance import Entrance
from board.pages.household import HouseholdPage
from board.pages.lead import LeadPage
from board.pages.list import ListPage
from board.reading import Reading
from board.state import State
from board.store import Store
from board.user import Role
from board.web import FOLDER, page
from clients.errors import ClientError
from clients.outcomes import OutcomeReporter

EVERYBODY = tuple(Role)
SAID = {401: "login.again", 403: "error.forbidden", 404: "error.missing", 429: "error.many"}


@asynccontextmanager
async def opened(config: BoardConfig, store: Store) -> AsyncIterator[tuple[ASGIApp, State]]:
    """Give the board's app and its state while it reads its topics.

    Raises:
        ClientError: no broker, or a topic is missing.
    """
    await store.open()
    state = State(config.event_clock)
    more = (config.bootstrap, config.registry, config.client)
    reading, sender, reporter = Reading(*more), ClaimSender(*more), OutcomeReporter(*more)
    reading.start(state.loop, state.take)
    try:
        yield _app(config, store, state, sender, reporter), state
    finally:
        reading.close()
        sender.close()
        reporter.close()
        await store.close()


def _app(
    config: BoardConfig, store: Store, state: State, sender: ClaimSender, reporter: OutcomeReporter
) -> ASGIApp:
    guard = Guard(store, config.address)
    provider = Provider(config.open_id, config.address) if config.open_id else None
    entrance = Entrance(store, guard, provider, config.https)
    claiming = Claiming(state, store, sender, config.capacity)
    household = HouseholdPage(state, claiming, reporter)
    listing = ListPage(state)
    lead = LeadPage(state, store, config.capacity)
    home = "/households/{household}"
    post = ["POST"]

    async def ready(request: Request) -> Response:
        return PlainTextResponse(
            "ready" if state.ready.is_set() else "reading", 200 if state.ready.is_set() else 503
        )

    app = Starlette(
        routes=[
            Route("/", guard.only(listing.show, *EVERYBODY)),
            Route("/changes", guard.only(listing.changes, *EVERYBODY)),
            Route("/round", guard.only(claiming.round, *EVERYBODY)),
            Route("/round", guard.only(claiming.plan, *EVERYBODY), methods=post),
            Route(home, guard.only(household.show, *EVERYBODY)),
            Route(home, guard.only(household.register, *EVERYBODY), methods=post),
            Route(home + "/claim", guard.only(claiming.claim, *EVERYBODY), methods=post),
            Route(home + "/release", guard.only(claiming.release, *EVERYBODY), methods=post),
            Route(home + "/hand-over", guard.only(claiming.hand_over, *EVERYBODY), methods=post),
            Route("/lead", guard.only(lead.show, Role.LEAD)),
            Route("/login", guard.open(entrance.login), methods=["GET", "POST"]),
            Route("/login/provider", guard.open(entrance.to_provider)),
            Route("/login/back", guard.open(entrance.from_provider)),
            Route("/logout", guard.only(entrance.logout, *EVERYBODY), methods=post),
            Route("/language/{language}", entrance.language),
            Route("/health/ready", ready),
            Mount("/static", StaticFiles(directory=FOLDER / "static")),
        ],
        middleware=[Middleware(GZipMiddleware, minimum_size=1000)],
        exception_handlers={
            HTTPException: _refused,
            ClientError: _broken,
            Exception: _broken,
        },
    )
    # Outermost, so that an answer to a fault has them too.
    return Headers(app, config.https)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # Starlette calls it with nothing else
    said = "error.stale" if error.detail == "stale" else SAID.get(error.status_code, "error.broken")
    return _told(request, said, error.status_code, dict(error.headers or {}))


async def _broken(request: Request, error: Exception) -> Response:
    # The kind of failure, not its text: that may hold an address.
    structlog.get_logger(__name__).error("request failed", error=type(error).__name__, route=_route(request))
    return _told(request, "error.broken", 503 if isinstance(error, ClientError) else 500, {})


def _told(request: Request, said: str, status: int, headers: dict[str, str]) -> Response:
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"error": said}, status, headers)
    response = page(request, "error.html", status, said=said)
    response.headers.update(headers)
    return response


def _route(request: Request) -> str:
    route = request.scope.get("route")
    return route.path if isinstance(route, Route) else "none"
