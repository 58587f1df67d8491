"""A lead's decision on how workers go to an address that is unsafe to visit."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import date

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from eropaf.board.pages.household import SHOWN_WITHIN_S
from eropaf.board.safety import Level, Mark, MarkSender, farthest_mark
from eropaf.board.state import State
from eropaf.board.web import answer

LEVELS = {each.value: each for each in Level}


class SafetyPage:
    """What a lead says of an address; the list, the round and the door show it."""

    def __init__(self, state: State, sender: MarkSender) -> None:
        self._state = state
        self._sender = sender

    async def decide(self, request: Request) -> Response:
        """Mark an address until a day, or take its mark off.

        Raises:
            NotAcknowledged: no broker has it yet.
        """
        user = request.state.session.user
        household = request.path_params["household"]
        area = self._state.area(household)
        if area is None or not user.sees(area):
            raise HTTPException(404)
        form = await request.form()
        back = f"/households/{household}"
        mark = None
        if level := str(form.get("level", "")):
            until = self._until(str(form.get("until", "")))
            if until is None:
                return answer(request, back, 400, "safety_day")
            if level not in LEVELS:
                raise HTTPException(400)
            mark = Mark(LEVELS[level], until, user.id)
        at = await asyncio.to_thread(self._sender.send, household, mark)
        with suppress(TimeoutError):  # then only the page that follows does not show it yet
            await asyncio.wait_for(self._state.read_back(at), SHOWN_WITHIN_S)
        return answer(request, back, 200, "safety_stored")

    def _until(self, said: str) -> date | None:
        """Return the day that a form names; None if it names none, or one that a mark may not last to."""
        try:
            until = date.fromisoformat(said)
        except ValueError:
            return None
        today = self._state.today
        return until if today <= until <= farthest_mark(today) else None
