"""Why a household has its place, for those who need to know; and who opened it before."""

from __future__ import annotations

import asyncio
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from eropaf.board.claims import Holder
from eropaf.board.explaining import Explainer, NotOpened
from eropaf.board.guard import OPENINGS, Guard
from eropaf.board.state import State
from eropaf.board.user import EVERY_AREA, User
from eropaf.board.web import page
from eropaf_client.schemas.limits import HOUSEHOLD_KEY

# What an auditor can look through; `audit` itself holds them all.
TRACES_SHOWN = 500


class WhyPage:
    """Opens a sealed explanation for a purpose, after leaving a trace."""

    def __init__(
        self, state: State, guard: Guard, explainer: Explainer | None, room: asyncio.Semaphore
    ) -> None:
        """Take `room`, the limiter shared by everything that reads whole topics."""
        self._state = state
        self._guard = guard
        self._explainer = explainer
        self._room = room

    async def ask(self, request: Request) -> Response:
        """Ask which household, and for which purpose."""
        return self._page(request)

    async def open(self, request: Request) -> Response:
        """Leave a trace, and show the explanation."""
        user: User = request.state.session.user
        form = await request.form()
        sought, purpose = str(form.get("household", "")).strip()[:100], str(form.get("purpose", ""))
        if self._explainer is None or purpose not in self._explainer.purposes:
            return self._page(request, 400, sought=sought, wrong="why.no_purpose")
        household = self._household(user, sought)
        if household is None:
            return self._page(request, 404, sought=sought, purpose=purpose, wrong="why.unknown")
        await self._guard.limit(OPENINGS, user.id)
        try:
            async with self._room:
                said = await asyncio.to_thread(self._explainer.explain, known_as(user), household, purpose)
        except NotOpened:
            return self._page(request, 503, sought=sought, purpose=purpose, wrong="why.not_opened")
        row = next((each for each in self._state.ever(user) if each.household == household), None)
        title = row.address if row else household
        on = datetime.now(self._state.zone)
        return self._page(request, sought=sought, purpose=purpose, said=said, title=title, on=on)

    async def traces(self, request: Request) -> Response:
        """Show who opened or overruled what, when and why, newest first."""
        wrong, found = None, []
        if self._explainer is not None:
            try:
                async with self._room:
                    found = await asyncio.to_thread(self._explainer.traces)
            except NotOpened:
                wrong = "why.no_traces"
        return page(
            request,
            "traces.html",
            503 if wrong else 200,
            may=self._explainer is not None,
            wrong=wrong,
            count=len(found),
            traces=[
                (each, datetime.fromtimestamp(each.at / 1000, self._state.zone))
                for each in found[:TRACES_SHOWN]
            ],
        )

    def _page(self, request: Request, status: int = 200, **values: object) -> Response:
        known = {"sought": "", "purpose": "", "said": None, "title": None, "wrong": None, "on": None}
        purposes = self._explainer.purposes if self._explainer else ()
        return page(request, "why.html", status, purposes=purposes, **{**known, **values})

    def _household(self, user: User, sought: str) -> str | None:
        """Find a household by its key, or by the address of one that is or was on the list."""
        if HOUSEHOLD_KEY.fullmatch(sought):
            area = self._state.area(sought)
            # What the board knows no area of is for those who see every area.
            return sought if user.sees(EVERY_AREA if area is None else area) else None
        wanted = _plain(sought)
        return next(
            (
                row.household
                for row in self._state.ever(user)
                if wanted in (_plain(row.address), _plain(row.postal))
            ),
            None,
        )


def known_as(user: User | Holder) -> str:
    """Return the name under which somebody leaves a trace: a unique one, and a readable one."""
    return user.id if user.id == user.name else f"{user.name} ({user.id})"


def _plain(address: str) -> str:
    return "".join(address.split()).upper()
