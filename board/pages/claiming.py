"""Claim, release and hand over a household; plan an afternoon's round."""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from eropaf.board.claims import ClaimSender, Holder
from eropaf.board.state import State
from eropaf.board.store import Account, Store
from eropaf.board.user import TEAM, Role, User, sees
from eropaf.board.web import answer, page
from eropaf_client.errors import NotAcknowledged

ROUND = 10
COUNTS_WITHIN_S = 10.0


class Claiming:
    """Who goes where. The topic's order decides, also between two boards."""

    def __init__(self, state: State, store: Store, sender: ClaimSender, capacity: int) -> None:
        self._state = state
        self._store = store
        self._sender = sender
        self._capacity = capacity

    async def claim(self, request: Request) -> Response:
        """Take a household that nobody holds. Where somebody was first, say who."""
        household, user = self._household(request), request.state.session.user
        if self._in_hand(user) >= self._capacity:
            return answer(request, f"/households/{household}", 409, full=True)
        holder = await self.move(household, user, (user.id, user.name))
        mine = holder is not None and holder.id == user.id
        return answer(
            request, f"/households/{household}", 200 if mine else 409, holder=holder and holder.name
        )

    async def release(self, request: Request) -> Response:
        """Let go of a household."""
        household, user = self._household(request), request.state.session.user
        self._own_or_lead(household, user)
        await self.move(household, user, None)
        return answer(request, f"/households/{household}")

    async def hand_over(self, request: Request) -> Response:
        """Give a household to a colleague."""
        household, user = self._household(request), request.state.session.user
        self._own_or_lead(household, user)
        form = await request.form()
        colleague = await self._store.account(str(form.get("to", "")))
        row = self._state.row(household)
        if colleague is None or colleague.role not in TEAM or row is None:
            raise HTTPException(400)
        if not sees(colleague.areas, row.update.area):
            raise HTTPException(400)
        await self.move(household, user, (colleague.name, colleague.name))
        return answer(request, f"/households/{household}")

    async def plan(self, request: Request) -> Response:
        """Claim the most urgent ten of an area that nobody holds, as far as there is room."""
        user: User = request.state.session.user
        form = await request.form()
        area = str(form.get("area", ""))
        room = min(ROUND, self._capacity - self._in_hand(user))
        free = [row for row in self._state.rows(user) if row.holder is None and area in ("", row.update.area)]
        for row in free[: max(0, room)]:
            await self.move(row.household, user, (user.id, user.name))
        return answer(request, "/round")

    async def round(self, request: Request) -> Response:
        """Show a worker's own addresses, in walking order."""
        user: User = request.state.session.user
        mine = [row for row in self._state.rows(user) if row.holder and row.holder.id == user.id]
        today = self._state.today
        return page(
            request,
            "round.html",
            areas=[each for each in self._state.areas if user.sees(each)],
            rows=sorted(mine, key=lambda row: row.walk),
            today=today,
            carried={
                row.household for row in mine if row.holder and self._state.day_of(row.holder.since) < today
            },
            capacity=self._capacity,
        )

    async def move(self, household: str, user: User, to: tuple[str, str] | None) -> Holder | None:
        """Publish a claim, wait until its place among the others is known; give who holds the household."""
        before = self._state.claims.holder(household)
        # Nobody takes what a colleague holds: the claim then counts for nothing, and says who has it.
        expected = None if to is not None and to[0] == user.id else before
        try:
            at = await asyncio.to_thread(self._sender.send, household, expected, to)
            await asyncio.wait_for(self._state.claims_read(at.partition, at.offset), COUNTS_WITHIN_S)
        except TimeoutError:
            raise NotAcknowledged(
                "the claim was stored, and its place among the others is not known"
            ) from None
        return self._state.claims.holder(household)

    async def colleagues(self, user: User) -> list[Account]:
        """Give whom `user` can hand a household to."""
        accounts = await self._store.accounts()
        return [each for each in accounts if each.name != user.id and each.role in TEAM]

    def _in_hand(self, user: User) -> int:
        on_the_list = self._state.ranking
        return sum(
            holder.id == user.id and household in on_the_list
            for household, holder in self._state.claims.held().items()
        )

    def _household(self, request: Request) -> str:
        row = self._state.row(request.path_params["household"])
        if row is None or not request.state.session.user.sees(row.update.area):
            raise HTTPException(404)
        return row.household

    def _own_or_lead(self, household: str, user: User) -> None:
        holder = self._state.claims.holder(household)
        if holder is None or (holder.id != user.id and user.role is not Role.LEAD):
            raise HTTPException(403)
