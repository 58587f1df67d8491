"""What the command line asks of the desk, in the name of whoever drew the token that it shows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from eropaf.board.explaining import Asked, Asking, Explainer, NotOpened, Unfit
from eropaf.board.guard import OPENINGS, Guard
from eropaf.board.pages.why import known_as
from eropaf.board.state import State
from eropaf.board.store import Session
from eropaf.board.user import EVERY_AREA, User
from eropaf.board.web import page
from eropaf.serving.measured import place_of

# Whoever has nothing of us for longer gives us up: the command, and proxies on the way.
SIGN_OF_LIFE_S = 5.0

log = structlog.get_logger(__name__)


class Deeds:
    """Does what commands ask for, where this board is the desk."""

    def __init__(
        self, state: State, guard: Guard, explainer: Explainer | None, room: asyncio.Semaphore
    ) -> None:
        """Take `room`, which all share that reads whole topics."""
        self._state = state
        self._guard = guard
        self._explainer = explainer
        self._room = room
        self._under_way = set[asyncio.Task[Mapping[str, Any]]]()

    async def show(self, request: Request) -> Response:
        """Return how the command line is let in."""
        return page(request, "command-line.html", may=self._explainer is not None, token=None)

    async def draw(self, request: Request) -> Response:
        """Show the token: that of this session, which ends with it."""
        if self._explainer is None:
            raise HTTPException(404)
        session: Session = request.state.session
        return page(request, "command-line.html", may=True, token=session.token)

    async def act(self, request: Request) -> Response:
        """Do one thing. Once it is under way the answer begins, with a space now and then."""
        if self._explainer is None:
            return JSONResponse({"error": "this board is not the desk: it does not hold the key"}, 404)
        if not self._state.ready.is_set():
            return JSONResponse(
                {"error": "it has just started and still reads; nothing was done. Ask again"}, 503
            )
        user: User = request.state.session.user
        try:
            asked = self._explainer.asked(request.path_params["deed"], await request.body())
        except Unfit as error:
            return JSONResponse({"error": str(error)}, 400)
        if asked.role != user.role:
            return JSONResponse({"error": f"this is for the role {asked.role}, and you are {user.role}"}, 403)
        await self._guard.limit(OPENINGS, user.id)
        # Kept, so that it is done to its end also where nobody waits for the answer any more.
        doing = asyncio.create_task(self._done(asked, user))
        self._under_way.add(doing)
        doing.add_done_callback(self._under_way.discard)
        return StreamingResponse(_with_signs_of_life(doing), media_type="application/json")

    async def _done(self, asked: Asked, user: User) -> Mapping[str, Any]:
        def may(household: str, area: str | None) -> bool:
            return user.sees(area or self._state.area(household) or EVERY_AREA)

        async with self._room:
            try:
                return await asyncio.to_thread(asked.act, Asking(known_as(user), may))
            except NotOpened as error:
                return {"error": str(error)}
            except Exception as error:  # whatever it is: its words may hold an address
                log.error("deed failed", error=type(error).__name__, at=place_of(error))
                return {"error": "something went wrong; the desk's log says where"}


async def _with_signs_of_life(doing: asyncio.Task[Mapping[str, Any]]) -> AsyncIterator[str]:
    """Yield spaces, which JSON allows before a value, until it is done; then what came of it."""
    while not (await asyncio.wait([doing], timeout=SIGN_OF_LIFE_S))[0]:
        yield " "
    yield json.dumps(doing.result())
