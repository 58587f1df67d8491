"""The board's paths: what answers under each, and for whom."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from eropaf.board.asking import Asking
from eropaf.board.attempts import Limits
from eropaf.board.claims import ClaimSender
from eropaf.board.config import BoardConfig
from eropaf.board.guard import Endpoint, Guard
from eropaf.board.open_id import Provider
from eropaf.board.pages.claiming import Claiming
from eropaf.board.pages.deeds import Deeds
from eropaf.board.pages.door import DoorPage
from eropaf.board.pages.entrance import Entrance
from eropaf.board.pages.household import HouseholdPage
from eropaf.board.pages.lead import LeadPage
from eropaf.board.pages.list import ListPage
from eropaf.board.pages.mismatches import MismatchesPage
from eropaf.board.pages.operator import OperatorPage
from eropaf.board.pages.safety import SafetyPage
from eropaf.board.pages.slips import Slips
from eropaf.board.pages.why import WhyPage
from eropaf.board.pages.worker import offline, worker
from eropaf.board.people import People
from eropaf.board.reading import News
from eropaf.board.resident.desk import ResidentDesk
from eropaf.board.resident.store import ResidentStore
from eropaf.board.safety import MarkSender
from eropaf.board.sessions import Sessions
from eropaf.board.state import State
from eropaf.board.store import Store
from eropaf.board.user import BEGINS, OF_THE_DESK, TEAM, Role
from eropaf.board.web import STATIC, version
from eropaf.serving.reading import Reading
from eropaf_client.outcomes import OutcomeReporter

EVERYBODY = tuple(Role)
POST = ["POST"]
# What the desk does at once: each reads whole topics, on a thread that a claim may wait for.
MOST_READING = 2


@dataclass(frozen=True, slots=True)
class Parts:
    """What lives as long as the board does, and its pages are made of."""

    config: BoardConfig
    store: Store
    state: State
    reading: Reading[News]
    sender: ClaimSender
    reporter: OutcomeReporter
    marks: MarkSender


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets people in, and waits for what they would be shown."""

    guard: Guard
    state: State

    def known(self, endpoint: Endpoint) -> Endpoint:
        """Answer once everything was read: of half of it a list is short, and a household is not there."""

        async def answered(request: Request) -> Response:
            if not self.state.ready.is_set():
                raise HTTPException(503, "reading", {"Retry-After": "5"})
            return await endpoint(request)

        return answered

    def of_team(self, endpoint: Endpoint, *roles: Role, by_itself: bool = False) -> Endpoint:
        """Let people of `roles` in, or of the whole team; see `Guard.only`."""
        return self.guard.only(self.known(endpoint), *(roles or TEAM), by_itself=by_itself)


def routes(parts: Parts) -> list[BaseRoute]:
    """Return every path of the board with what answers there."""
    limits, people = Limits(), People(parts.store)
    config = parts.config
    provider = Provider(config.open_id, config.address) if config.open_id else None
    sessions = Sessions(parts.store, provider, parts.state.wake)
    guard = Guard(sessions, limits, config.address)
    gate = Gate(guard, parts.state)
    entrance = Entrance(
        store=parts.store, sessions=sessions, guard=guard, limits=limits, provider=provider, people=people
    )
    return [
        *_of_the_list(ListPage(parts.state, sessions), gate),
        *_of_households(parts, people, gate),
        *_of_the_desk(parts, gate),
        *_of_the_way_in(entrance, guard),
        *_of_health(parts.state, parts.reading),
        *_of_files(config),
    ]


def _of_the_list(listing: ListPage, gate: Gate) -> Iterator[BaseRoute]:
    async def begin(request: Request) -> Response:
        elsewhere = BEGINS.get(request.state.session.user.role)
        return RedirectResponse(elsewhere, 303) if elsewhere else await gate.known(listing.show)(request)

    async def standing(request: Request) -> Response:
        """Answer that the session stands, and with which token its forms are sent from now on."""
        session = request.state.session
        return JSONResponse({"user": session.user.id, "csrf": session.csrf})

    yield Route("/", gate.guard.only(begin, *EVERYBODY))
    yield Route("/session", gate.of_team(standing, by_itself=True))
    yield Route("/changes", gate.of_team(listing.changes, by_itself=True))


def _of_households(parts: Parts, people: People, gate: Gate) -> Iterator[BaseRoute]:
    asking = Asking(parts.reporter, parts.config.asks_creditors)
    claiming = Claiming(parts.state, people, parts.sender, asking, parts.config.capacity)
    household = HouseholdPage(parts.state, gate.guard, claiming, parts.reporter, parts.config.ask_slips)
    door = DoorPage(parts.state, claiming)
    lead = LeadPage(parts.state, people, parts.config.capacity, parts.config.check_out_minutes)
    safety = SafetyPage(parts.state, parts.marks)
    home = "/households/{household}"
    yield Route("/round", gate.of_team(claiming.round))
    yield Route("/round", gate.of_team(claiming.plan), methods=POST)
    yield Route(home, gate.of_team(household.show))
    yield Route(home, gate.of_team(household.register), methods=POST)
    yield Route(f"{home}/contact", gate.of_team(household.back))
    yield Route(f"{home}/contact", gate.of_team(household.contact), methods=POST)
    yield Route(f"{home}/claim", gate.of_team(claiming.claim), methods=POST)
    yield Route(f"{home}/release", gate.of_team(claiming.release), methods=POST)
    yield Route(f"{home}/hand-over", gate.of_team(claiming.hand_over), methods=POST)
    yield Route(f"{home}/take-back", gate.of_team(claiming.take_back), methods=POST)
    yield Route(f"{home}/check-in", gate.of_team(door.check_in), methods=POST)
    yield Route(f"{home}/check-out", gate.of_team(door.check_out), methods=POST)
    yield Route(f"{home}/safety", gate.of_team(safety.decide, Role.LEAD), methods=POST)
    yield Route("/lead", gate.of_team(lead.show, Role.LEAD))
    yield Route("/lead.csv", gate.of_team(lead.export, Role.LEAD))


def _of_the_desk(parts: Parts, gate: Gate) -> Iterator[BaseRoute]:
    guard, explainer = gate.guard, parts.config.explainer
    room = asyncio.Semaphore(MOST_READING)
    why = WhyPage(parts.state, guard, explainer, room)
    deeds = Deeds(parts.state, guard, explainer, room)
    operator = OperatorPage(parts.state, parts.store, parts.reading)
    yield Route("/why", guard.only(why.ask, Role.AUDITOR))
    yield Route("/why", guard.only(gate.known(why.open), Role.AUDITOR), methods=POST)
    yield Route("/traces", guard.only(why.traces, Role.AUDITOR))
    mismatches = MismatchesPage(guard, parts.state, explainer, room)
    yield Route("/mismatches", guard.only(gate.known(mismatches.show), Role.CLERK))
    yield Route("/mismatches", guard.only(gate.known(mismatches.settle), Role.CLERK), methods=POST)
    yield Route("/mismatches/address", guard.only(gate.known(mismatches.place), Role.CLERK), methods=POST)
    yield Route("/mismatches/number", guard.only(gate.known(mismatches.open), Role.CLERK), methods=POST)
    yield Route("/command-line", guard.only(deeds.show, *OF_THE_DESK))
    yield Route("/command-line", guard.only(deeds.draw, *OF_THE_DESK), methods=POST)
    yield Route("/deeds/{deed}", guard.by_token(deeds.act, *OF_THE_DESK), methods=POST)
    if explainer is not None and parts.config.slips_token is not None:
        slips = Slips(parts.state, guard, explainer, parts.config.slips_token, room)
        yield Route("/slips", slips.open, methods=POST)
    yield Route("/state", guard.only(operator.show, Role.OPERATOR))
    if explainer is not None and parts.config.residents is not None:
        yield from ResidentDesk(
            ResidentStore(parts.store.engine),
            explainer,
            parts.config.residents,
            Limits(),
            parts.config.time_zone,
        ).routes()


def _of_the_way_in(entrance: Entrance, guard: Guard) -> Iterator[BaseRoute]:
    yield Route("/login", guard.open(entrance.login), methods=["GET", *POST])
    yield Route("/login/provider", guard.open(entrance.to_provider))
    yield Route("/login/back", guard.open(entrance.from_provider))
    yield Route("/login/ended", entrance.logged_out_there, methods=POST)
    yield Route("/logout", guard.open(entrance.logout), methods=POST)
    yield Route("/language/{language}", entrance.language)


def _of_health(state: State, reading: Reading[News]) -> Iterator[BaseRoute]:
    async def ready(request: Request) -> Response:
        done = state.ready.is_set()
        return PlainTextResponse("ready" if done else "reading", 200 if done else 503)

    async def live(request: Request) -> Response:
        stuck = reading.stuck
        return PlainTextResponse(stuck or "live", 503 if stuck else 200)

    yield Route("/health/ready", ready)
    yield Route("/health/live", live)


def _of_files(config: BoardConfig) -> Iterator[BaseRoute]:
    yield Route("/worker.js", worker)
    yield Route("/offline", offline)
    yield Mount(f"/static/{version()}", StaticFiles(directory=STATIC))
    if config.theme:
        yield Mount("/theme", StaticFiles(directory=config.theme))
