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
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from eropaf.board.claims import ClaimSender
from eropaf.board.config import BoardConfig
from eropaf.board.guard import Guard, Headers
from eropaf.board.open_id import Provider
from eropaf.board.pages.claiming import Claiming
from eropaf.board.pages.entrance import Entrance
from eropaf.board.pages.household import HouseholdPage
from eropaf.board.pages.lead import LeadPage
from eropaf.board.pages.list import ListPage
from eropaf.board.pages.operator import OperatorPage
from eropaf.board.pages.why import WhyPage
from eropaf.board.reading import Reading
from eropaf.board.state import State
from eropaf.board.store import Store
from eropaf.board.user import BEGINS, TEAM, Role
from eropaf.board.web import FOLDER, page
from eropaf_client.errors import ClientError
from eropaf_client.outcomes import OutcomeReporter

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
        yield _app(config, store, state, reading, sender, reporter), state
    finally:
        reading.close()
        sender.close()
        reporter.close()
        await store.close()


def _app(
    config: BoardConfig,
    store: Store,
    state: State,
    reading: Reading,
    sender: ClaimSender,
    reporter: OutcomeReporter,
) -> ASGIApp:
    guard = Guard(store, config.address)
    provider = Provider(config.open_id, config.address) if config.open_id else None
    entrance = Entrance(store, guard, provider, config.https)
    claiming = Claiming(state, store, sender, config.capacity)
    household = HouseholdPage(state, claiming, reporter)
    listing = ListPage(state)
    lead = LeadPage(state, store, config.capacity)
    why = WhyPage(state, guard, config.explainer)
    operator = OperatorPage(state, store, reading)
    home = "/households/{household}"
    post = ["POST"]

    async def begin(request: Request) -> Response:
        elsewhere = BEGINS.get(request.state.session.user.role)
        return RedirectResponse(elsewhere, 303) if elsewhere else await listing.show(request)

    async def ready(request: Request) -> Response:
        return PlainTextResponse(
            "ready" if state.ready.is_set() else "reading", 200 if state.ready.is_set() else 503
        )

    app = Starlette(
        routes=[
            Route("/", guard.only(begin, *EVERYBODY)),
            Route("/changes", guard.only(listing.changes, *TEAM)),
            Route("/round", guard.only(claiming.round, *TEAM)),
            Route("/round", guard.only(claiming.plan, *TEAM), methods=post),
            Route(home, guard.only(household.show, *TEAM)),
            Route(home, guard.only(household.register, *TEAM), methods=post),
            Route(home + "/claim", guard.only(claiming.claim, *TEAM), methods=post),
            Route(home + "/release", guard.only(claiming.release, *TEAM), methods=post),
            Route(home + "/hand-over", guard.only(claiming.hand_over, *TEAM), methods=post),
            Route("/lead", guard.only(lead.show, Role.LEAD)),
            Route("/why", guard.only(why.ask, Role.AUDITOR)),
            Route("/why", guard.only(why.open, Role.AUDITOR), methods=post),
            Route("/traces", guard.only(why.traces, Role.AUDITOR)),
            Route("/state", guard.only(operator.show, Role.OPERATOR)),
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
