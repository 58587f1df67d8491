"""Where the desk is asked for contact slips, by the team's board in the name of whoever holds a household."""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from eropaf.board.explaining import Explainer, NotOpened
from eropaf.board.guard import LARGEST_FORM_BYTES, OPENINGS, Guard, not_larger
from eropaf.board.pages.why import known_as
from eropaf.board.state import State


class Slips:
    """Opens a household's contact slips for its holder, after leaving a trace.

    The team's board is taken at its word on who is logged in there, and at no other: that this person holds
    the household now, the desk reads itself.
    """

    def __init__(
        self, state: State, guard: Guard, explainer: Explainer, token: str, room: asyncio.Semaphore
    ) -> None:
        """Take `token`, which the team's board shows, and `room`, which all share that reads whole topics."""
        self._state = state
        self._guard = guard
        self._explainer = explainer
        self._token = token.encode()
        self._room = room

    async def open(self, request: Request) -> Response:
        """Answer with the slips of one household."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not secrets.compare_digest(token.encode(), self._token):
            return JSONResponse({"error": "the token is not the one of EROPAF_SLIPS_TOKEN"}, 401)
        not_larger(request, LARGEST_FORM_BYTES)
        if not self._state.ready.is_set():
            return JSONResponse({"error": "it has just started and still reads; nothing was opened"}, 503)
        try:
            asked = json.loads(await request.body())
            household, who = str(asked["household"]), str(asked["who"])
        except (ValueError, TypeError, KeyError, RecursionError):
            return JSONResponse({"error": "name the household and who holds it, as JSON"}, 400)
        holder = self._state.claims.holder(household)
        if holder is None or holder.id != who:
            return JSONResponse({"error": "this person does not hold the household"}, 403)
        await self._guard.limit(OPENINGS, who)
        try:
            async with self._room:
                found = await asyncio.to_thread(self._explainer.slips, known_as(holder), household)
        except NotOpened as error:
            return JSONResponse({"error": str(error)}, 503)
        return JSONResponse({"slips": [asdict(each) for each in found]})
