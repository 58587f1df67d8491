"""The board put together: routes, and what lives as long as it does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from eropaf.board.address_register import AddressRegister
from eropaf.board.attempts import Limits
from eropaf.board.claims import ClaimSender
from eropaf.board.config import BoardConfig
from eropaf.board.faults import Faults, refused
from eropaf.board.guard import Endpoint, Guard, Headers
from eropaf.board.measured import Measured, exposition
from eropaf.board.open_id import Provider
from eropaf.board.pages.claiming import Claiming
from eropaf.board.pages.deeds import Deeds
from eropaf.board.pages.entrance import Entrance
from eropaf.board.pages.household import HouseholdPage
from eropaf.board.pages.lead import LeadPage
from eropaf.board.pages.list import ListPage
from eropaf.board.pages.operator import OperatorPage
from eropaf.board.pages.why import WhyPage
from eropaf.board.pages.worker import offline, worker
from eropaf.board.people import People
from eropaf.board.reading import Reading
from eropaf.board.sessions import Sessions
from eropaf.board.state import State
from eropaf.board.store import Store
from eropaf.board.user import BEGINS, OF_THE_DESK, TEAM, Role
from eropaf.board.web import STATIC, version
from eropaf_client.outcomes import OutcomeReporter

EVERYBODY = tuple(Role)
# What the desk does at once: each reads whole topics, on a thread that a claim may wait for.
MOST_READING = 2


@asynccontextmanager
async def opened(config: BoardConfig, store: Store) -> AsyncIterator[tuple[ASGIApp, ASGIApp, State]]:
    """Yield the board's app, that of its metrics, and its state while it reads its topics.

    Raises:
        ClientError: no broker, or a topic is missing.
    """
    await store.open()
    register = AddressRegister(config.address_register) if config.address_register else None
    state = State(config.event_clock, config.time_zone, register)
    cluster = config.cluster
    reading, sender, reporter = Reading(cluster), ClaimSender(cluster), OutcomeReporter(cluster)
    reading.start(state.loop, state.take)
    try:
        measured = exposition(state, reading, "desk" if config.explainer else "team")
        yield _app(config, store, state, reading, sender, reporter), measured, state
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
    limits = Limits()
    provider = Provider(config.open_id, config.address) if config.open_id else None
    sessions = Sessions(store, provider, state.wake)
    guard = Guard(sessions, limits, config.address)
    people = People(store)
    entrance = Entrance(
        store=store, sessions=sessions, guard=guard, limits=limits, provider=provider, people=people
    )
    claiming = Claiming(state, people, sender, config.capacity)
    household = HouseholdPage(state, claiming, reporter)
    listing = ListPage(state, sessions)
    lead = LeadPage(state, people, config.capacity)
    room = asyncio.Semaphore(MOST_READING)
    why = WhyPage(state, guard, config.explainer, room)
    deeds = Deeds(state, guard, config.explainer, room)
    operator = OperatorPage(state, store, reading)
    home = "/households/{household}"
    post = ["POST"]

    def known(endpoint: Endpoint) -> Endpoint:
        """Answer once everything was read: of half of it a list is short, and a household is not there."""

        async def answered(request: Request) -> Response:
            if not state.ready.is_set():
                raise HTTPException(503, "reading", {"Retry-After": "5"})
            return await endpoint(request)

        return answered

    def of_team(endpoint: Endpoint, *roles: Role, by_itself: bool = False) -> Endpoint:
        return guard.only(known(endpoint), *(roles or TEAM), by_itself=by_itself)

    async def begin(request: Request) -> Response:
        elsewhere = BEGINS.get(request.state.session.user.role)
        return RedirectResponse(elsewhere, 303) if elsewhere else await known(listing.show)(request)

    async def standing(request: Request) -> Response:
        """Answer that the session stands, and with which token its forms are sent from now on."""
        session = request.state.session
        return JSONResponse({"user": session.user.id, "csrf": session.csrf})

    async def ready(request: Request) -> Response:
        return PlainTextResponse(
            "ready" if state.ready.is_set() else "reading", 200 if state.ready.is_set() else 503
        )

    async def live(request: Request) -> Response:
        stuck = reading.stuck
        return PlainTextResponse(stuck or "live", 503 if stuck else 200)

    app = Starlette(
        routes=[
            Route("/", guard.only(begin, *EVERYBODY)),
            Route("/session", of_team(standing, by_itself=True)),
            Route("/changes", of_team(listing.changes, by_itself=True)),
            Route("/round", of_team(claiming.round)),
            Route("/round", of_team(claiming.plan), methods=post),
            Route(home, of_team(household.show)),
            Route(home, of_team(household.register), methods=post),
            Route(home + "/claim", of_team(claiming.claim), methods=post),
            Route(home + "/release", of_team(claiming.release), methods=post),
            Route(home + "/hand-over", of_team(claiming.hand_over), methods=post),
            Route(home + "/take-back", of_team(claiming.take_back), methods=post),
            Route("/lead", of_team(lead.show, Role.LEAD)),
            Route("/lead.csv", of_team(lead.export, Role.LEAD)),
            Route("/why", guard.only(why.ask, Role.AUDITOR)),
            Route("/why", guard.only(known(why.open), Role.AUDITOR), methods=post),
            Route("/traces", guard.only(why.traces, Role.AUDITOR)),
            Route("/command-line", guard.only(deeds.show, *OF_THE_DESK)),
            Route("/command-line", guard.only(deeds.draw, *OF_THE_DESK), methods=post),
            Route("/deeds/{deed}", guard.by_token(deeds.act, *OF_THE_DESK), methods=post),
            Route("/state", guard.only(operator.show, Role.OPERATOR)),
            Route("/login", guard.open(entrance.login), methods=["GET", "POST"]),
            Route("/login/provider", guard.open(entrance.to_provider)),
            Route("/login/back", guard.open(entrance.from_provider)),
            Route("/login/ended", entrance.logged_out_there, methods=post),
            Route("/logout", guard.open(entrance.logout), methods=post),
            Route("/language/{language}", entrance.language),
            Route("/health/ready", ready),
            Route("/health/live", live),
            Route("/worker.js", worker),
            Route("/offline", offline),
            Mount(f"/static/{version()}", StaticFiles(directory=STATIC)),
            *([Mount("/theme", StaticFiles(directory=config.theme))] if config.theme else []),
        ],
        middleware=[Middleware(Measured), Middleware(Faults), Middleware(GZipMiddleware, minimum_size=1000)],
        exception_handlers={HTTPException: refused},
    )
    app.state.theme = config.theme is not None
    # Outermost, so that an answer to a fault has them too.
    return Headers(app, config.https)
