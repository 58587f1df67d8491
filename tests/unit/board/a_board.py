"""A board without Kafka: what it publishes is read back at once, and somebody is logged in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx2

from eropaf.board.app import app_of
from eropaf.board.claims import Holder
from eropaf.board.config import BoardConfig
from eropaf.board.kept import now_ms
from eropaf.board.leavers import let_go
from eropaf.board.reading import News
from eropaf.board.records import Claim
from eropaf.board.routes import Parts
from eropaf.board.safety import Decision, Mark
from eropaf.board.state import State
from eropaf.board.store import Account, Session, Store
from eropaf.board.user import EVERYWHERE, Role, User
from eropaf_client.cluster import Cluster
from eropaf_client.inbox import Received
from eropaf_client.outcomes import OutreachOutcome
from eropaf_client.schemas.topics import CLAIMS, DOOR_SAFETY
from eropaf_client.sending import Acknowledged
from tests.integration.clients.telling import an_update
from tests.integration.processes import PATIENCE_S

ADDRESS = "http://127.0.0.1:8080"
HOME = f"{7:032x}"
NOW_KNOWN = News([Received(HOME, an_update(household=HOME), 0, 0, 0, b"")], caught_up=True)


class Stored(list[OutreachOutcome]):
    """Takes what is reported, and has read it back at once."""

    def __init__(self, state: State) -> None:
        self._state = state

    def report(self, outcome: OutreachOutcome) -> None:
        self.append(outcome)
        self._state.loop.call_soon_threadsafe(self._state.take, News(outcomes=[(now_ms(), outcome)]))


class Claimed:
    """Takes each claim in its order, and has read it back at once."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._offsets = count()

    def send(
        self,
        household: str,
        before: Holder | None,
        holder: tuple[str, str] | None,
        at_the_door_since: int | None = None,
    ) -> Acknowledged:
        at = Acknowledged(CLAIMS, 0, next(self._offsets))
        id_, name = holder or (None, "")
        claim = Claim(household, before.id if before else None, id_, name, now_ms(), at_the_door_since)
        self._state.loop.call_soon_threadsafe(self._state.take, News(claims=[(0, at.offset, claim)]))
        return at


class Marked:
    """Takes each mark, and has read it back at once."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._offsets = count()

    def send(self, household: str, mark: Mark | None) -> Acknowledged:
        at = Acknowledged(DOOR_SAFETY, 0, next(self._offsets))
        told = News(marks=[(0, at.offset, Decision(household, mark))])
        self._state.loop.call_soon_threadsafe(self._state.take, told)
        return at


class Board:
    """A board that has read nothing yet, and a lead who is logged in."""

    transport: httpx2.ASGITransport
    """For who asks it without being logged in."""

    def __init__(
        self,
        state: State,
        topics: tuple[Stored, Claimed],
        people: tuple[Store, Session],
        http: httpx2.AsyncClient,
    ) -> None:
        self.state, self._http = state, http
        self.reported, self.claimed = topics
        self._store, self._session = people

    async def hire(
        self, name: str, role: Role = Role.OUTREACH, areas: frozenset[str] = EVERYWHERE
    ) -> Session:
        """Let somebody join the team, and log in."""
        await self._store.put_account(Account(name, "no password", role, areas))
        return await self._store.begin_session(User(name, name, role, areas))

    async def ask(
        self, method: str, path: str, by: Session | None = None, accept: str = "text/html", **form: str
    ) -> httpx2.Response:
        session = by or self._session
        headers = {"cookie": f"session={session.token}", "accept": accept}
        data = {"csrf": session.csrf, **form} if method == "POST" else None
        return await self._http.request(method, path, headers=headers, data=data)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0)


@asynccontextmanager
async def letting_go(
    board: Board, behind: Callable[[], int | None] = lambda: 0, sender: Any = None
) -> AsyncIterator[None]:
    """Have a board let go of what left the list, while it reads on."""

    async def reads_on() -> None:
        while True:
            board.state.take(News(caught_up=board.state.ready.is_set()))
            await asyncio.sleep(0)

    tasks = [
        asyncio.create_task(let_go(board.state, sender or board.claimed, behind)),  # type: ignore[arg-type]
        asyncio.create_task(reads_on()),
    ]
    try:
        yield
    finally:
        for each in tasks:
            each.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in ended] == [asyncio.CancelledError] * 2


async def with_board(folder: Path, then: Any, role: Role = Role.LEAD, **config: Any) -> None:
    store = Store(f"sqlite+aiosqlite:///{folder}/board.db")
    await store.open()
    session = await store.begin_session(User("lotte", "Lotte", role, EVERYWHERE))
    state, nobody = State(event_clock=False), None
    reported, claimed = Stored(state), Claimed(state)
    app = app_of(
        Parts(
            config=BoardConfig(Cluster(""), "", ADDRESS, **config),
            store=store,
            state=state,
            reading=nobody,  # type: ignore[arg-type]  # as if
            sender=claimed,  # type: ignore[arg-type]
            reporter=reported,  # type: ignore[arg-type]
            marks=Marked(state),  # type: ignore[arg-type]
        )
    )
    transport = httpx2.ASGITransport(app=app)
    try:
        async with httpx2.AsyncClient(transport=transport, base_url=ADDRESS) as http:
            board = Board(state, (reported, claimed), (store, session), http)
            board.transport = transport
            await then(board)
    finally:
        await store.close()
