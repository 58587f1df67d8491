"""Whom the register does not place here, which addresses are none, and the forms on which a clerk decides.

On the desk alone.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from eropaf.board.explaining import Asking, Explainer, NotOpened, Unfit
from eropaf.board.guard import OPENINGS, Guard
from eropaf.board.pages.why import known_as
from eropaf.board.state import State
from eropaf.board.user import EVERY_AREA, User
from eropaf.board.web import answer, page

WHERE = "/mismatches"

log = structlog.get_logger(__name__)


class MismatchesPage:
    """Lists them without an amount or a name; shows a number to whoever asks for it, with a trace."""

    def __init__(
        self, guard: Guard, state: State, explainer: Explainer | None, room: asyncio.Semaphore
    ) -> None:
        """Take `room`, which all share that reads whole topics."""
        self._guard, self._state, self._explainer, self._room = guard, state, explainer, room

    async def show(self, request: Request) -> Response:
        """List whom a person must decide on."""
        return await self._page(request)

    async def settle(self, request: Request) -> Response:
        """Store a decision: an address here, chosen or typed, or that they do not live here."""
        form = await request.form()
        address = str(form.get("address", "")).strip()
        said = {
            "resident": str(form.get("resident", "")),
            "where": "gone" if form.get("gone") else "here",
            "address": "" if form.get("gone") else address,
        }
        await self._guard.limit(OPENINGS, request.state.session.user.id)
        try:
            await self._asked(request, "mismatch-settled", said)
        except Unfit:
            return await self._page(request, 400, wrong="mismatch.no_address", at=said["resident"])
        except NotOpened:
            return await self._page(request, 503, wrong="mismatch.not_stored", at=said["resident"])
        return answer(request, WHERE, 200, "mismatch_stored")

    async def place(self, request: Request) -> Response:
        """Store which address is meant by one that there is not, or that none is."""
        form = await request.form()
        said = {
            "household": str(form.get("household", "")),
            "meant": "none" if form.get("none") else "another",
            "address": "" if form.get("none") else str(form.get("address", "")).strip(),
        }
        await self._guard.limit(OPENINGS, request.state.session.user.id)
        try:
            await self._asked(request, "address-settled", said)
        except Unfit:
            return await self._page(request, 400, wrong="mismatch.no_address", at=said["household"])
        except NotOpened:
            return await self._page(request, 503, wrong="mismatch.not_stored", at=said["household"])
        return answer(request, WHERE, 200, "mismatch_stored")

    async def open(self, request: Request) -> Response:
        """Show the number of one of them, after leaving a trace."""
        resident = str((await request.form()).get("resident", ""))
        await self._guard.limit(OPENINGS, request.state.session.user.id)
        try:
            number = await self._asked(request, "mismatch-opened", {"resident": resident})
        except Unfit:
            raise HTTPException(400) from None
        except NotOpened:
            return await self._page(request, 503, wrong="mismatch.not_opened", at=resident)
        return await self._page(request, number=number, at=resident)

    async def _page(
        self,
        request: Request,
        status: int = 200,
        *,
        wrong: str | None = None,
        at: str = "",
        number: Any = None,
    ) -> Response:
        """Show the list; `wrong` and `number` stand with the one they are `at`."""
        may, found, addresses = self._explainer is not None, [], []
        if may:
            try:
                found = (await self._asked(request, "mismatches", {}))["waiting"]
                addresses = (await self._asked(request, "unknown-addresses", {}))["addresses"]
            except NotOpened:
                wrong, status, at = "mismatch.not_read", 503, ""
        known = at in {*(each["resident"] for each in found), *(each["household"] for each in addresses)}
        return page(
            request,
            "mismatches.html",
            status,
            may=may,
            wrong=wrong,
            at=at if known else "",
            number=number,
            waiting=[{**each, **_days(each, self._state.today)} for each in found],
            addresses=[{**each, "since": date.fromisoformat(each["since"])} for each in addresses],
        )

    async def _asked(self, request: Request, deed: str, said: Mapping[str, str]) -> Mapping[str, Any]:
        """Have the desk do a deed in the name of whoever is logged in.

        Raises:
            Unfit: it cannot be done as said.
            NotOpened: it was not done.
        """
        if self._explainer is None:
            raise HTTPException(404)
        user: User = request.state.session.user

        def may(household: str, area: str | None) -> bool:
            return user.sees(area or EVERY_AREA)

        asked = self._explainer.asked(deed, json.dumps(said).encode())
        async with self._room:
            return await asyncio.to_thread(asked.act, Asking(known_as(user), may))


def _days(each: Mapping[str, Any], today: date) -> dict[str, Any]:
    until = each["until"] and date.fromisoformat(each["until"])
    return {
        "since": date.fromisoformat(each["since"]),
        "left": None if until is None else max(0, (until - today).days),
    }
