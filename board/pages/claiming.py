"""Claim, release and hand over households; plan and walk an afternoon's round."""

from __future__ import annotations

import asyncio
import hmac

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from eropaf.board.asking import Asking
from eropaf.board.claims import ClaimSender, Holder
from eropaf.board.people import People
from eropaf.board.rounds import round_of
from eropaf.board.settled import settled_today
from eropaf.board.sketch import sketch_of
from eropaf.board.state import State
from eropaf.board.store import Session
from eropaf.board.user import Role, User
from eropaf.board.web import answer, page
from eropaf_client.errors import NotAcknowledged

ROUND = 10
COUNTS_WITHIN_S = 10.0
MY_ROUND = "/round"


class Claiming:
    """Who goes where. The topic's order decides, between two boards as well."""

    def __init__(
        self, state: State, people: People, sender: ClaimSender, asking: Asking, capacity: int
    ) -> None:
        self._state = state
        self._asking = asking
        self._people = people
        self._sender = sender
        self._capacity = capacity

    async def claim(self, request: Request) -> Response:
        """Claim an unclaimed household. If somebody was first, say who.

        One that nobody visits is claimed only by who says that they call or write.
        """
        household, user = self._household(request), request.state.session.user
        back = await _back(request, household)
        row, visits = self._state.row(household), (await request.form()).get("how") != "office"
        if visits and row is not None and row.office_only:
            return answer(request, back, 409, "office_only", office_only=True)
        if self._in_hand(user) >= self._capacity:
            return answer(request, back, 409, "full", full=True)
        holder = await self._take(household, user)
        if holder is not None and holder.id == user.id:
            return answer(request, back, holder=holder.name)
        return answer(request, back, 409, "lost", holder=holder and holder.name)

    async def release(self, request: Request) -> Response:
        """Release a household; from the round it can be claimed back at once."""
        household, user = self._household(request), request.state.session.user
        self._own_or_lead(household, user)
        await self.move(household, user, None)
        back = await _back(request, household)
        return answer(request, f"{back}?undo={household}" if back == MY_ROUND else back, 200, "released")

    async def hand_over(self, request: Request) -> Response:
        """Hand a household over to a colleague in its area; this can be undone for a short time."""
        household, user = self._household(request), request.state.session.user
        self._own_or_lead(household, user)
        to = str((await request.form()).get("to", ""))
        back = f"/households/{household}"
        if not to:
            return answer(request, back, 400, "which_colleague")
        row = self._state.row(household)
        if row is None:
            raise HTTPException(404)
        colleague = next((each for each in await self._people.team() if each.id == to), None)
        if colleague is None:
            raise HTTPException(400)
        if not colleague.sees(row.update.area):
            return answer(request, back, 409, "elsewhere")
        holder = await self.move(household, user, (colleague.id, colleague.name))
        if holder is None or holder.id != colleague.id:
            return answer(request, back, 409, "lost")
        return answer(request, f"{back}?undo={self.undo(household, request.state.session)}", 200, "handed")

    async def take_back(self, request: Request) -> Response:
        """Undo a hand-over: the household returns to its previous holder."""
        household, session = self._household(request), request.state.session
        back = f"/households/{household}"
        shown = str((await request.form()).get("undo", ""))
        before = self._state.claims.returns_to(household)
        if before is None or not self.may_undo(household, session, shown):
            return answer(request, back, 409, "handed_late")
        holder = await self._published(household, self._state.claims.holder(household), before)
        if holder is None or holder.id != before[0]:
            return answer(request, back, 409, "lost")
        return answer(request, back, 200, "taken_back")

    async def plan(self, request: Request) -> Response:
        """Claim an area's ten most urgent unclaimed households, as far as there is room."""
        user: User = request.state.session.user
        area = str((await request.form()).get("area", ""))
        if not area or not user.sees(area):
            return answer(request, MY_ROUND, 400, "which_area")
        room = min(ROUND, self._capacity - self._in_hand(user))
        if room <= 0:
            return answer(request, MY_ROUND, 409, "full", full=True)
        own = (row for row in self._state.rows(user) if row.update.area == area)
        free = [row for row in own if row.holder is None and not row.office_only]
        if not free:
            return answer(request, MY_ROUND, 409, "none_free")
        for row in free[:room]:
            await self._take(row.household, user)
        return answer(request, MY_ROUND)

    async def round(self, request: Request) -> Response:
        """Show a worker's own doors, in walking order."""
        user: User = request.state.session.user
        undo = self._state.row(request.query_params.get("undo", ""))
        walk = round_of(self._state, user)
        return page(
            request,
            "round.html",
            areas=[each for each in self._state.areas if user.sees(each)],
            walk=walk,
            settled=sorted(settled_today(self._state, user)),
            sketch=sketch_of(walk.doors),
            undo=undo.household if undo and undo.holder is None and user.sees(undo.update.area) else None,
            today=self._state.today,
            capacity=self._capacity,
        )

    async def _take(self, household: str, user: User) -> Holder | None:
        """Claim a household; whoever has it then is about to ring or visit."""
        holder = await self.move(household, user, (user.id, user.name))
        if holder is not None and holder.id == user.id:
            self._asking.ask(household)
        return holder

    async def move(self, household: str, user: User, to: tuple[str, str] | None) -> Holder | None:
        """Claim, release or hand over; return the resulting holder."""
        before = self._state.claims.holder(household)
        # Nobody takes what a colleague holds: the claim then counts for nothing, and says who has it.
        return await self._published(household, None if to is not None and to[0] == user.id else before, to)

    async def at_the_door(self, household: str, holder: Holder, since: int | None) -> None:
        """Publish that the holder checks in at the door, at a moment, or (None) out."""
        await self._published(household, holder, (holder.id, holder.name), since)

    async def _published(
        self,
        household: str,
        expected: Holder | None,
        to: tuple[str, str] | None,
        at_the_door_since: int | None = None,
    ) -> Holder | None:
        """Publish a claim, wait until its order among the others is known; return the resulting holder."""
        try:
            at = await asyncio.to_thread(self._sender.send, household, expected, to, at_the_door_since)
            await asyncio.wait_for(self._state.read_back(at), COUNTS_WITHIN_S)
        except TimeoutError:
            raise NotAcknowledged(
                "the claim was stored, but its order among the others is not known yet"
            ) from None
        return self._state.claims.holder(household)

    def undo(self, household: str, session: Session) -> str:
        """Return the token that undoes the current hand-over: only the session that made it knows it."""
        holder = self._state.claims.holder(household)
        what = f"undo {household} {holder and holder.id} {holder and holder.since}"
        return hmac.digest(session.token.encode(), what.encode(), "sha256").hex()

    def may_undo(self, household: str, session: Session, shown: str) -> bool:
        """Return whether `shown` is the token of a recent hand-over of `household` that still stands."""
        handed = self._state.claims.returns_to(household) is not None
        return handed and hmac.compare_digest(shown.encode(), self.undo(household, session).encode())

    async def colleagues(self, user: User, area: str) -> list[User]:
        """Return the colleagues to whom `user` can hand a household of `area`."""
        return [each for each in await self._people.team() if each.id != user.id and each.sees(area)]

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


async def _back(request: Request, household: str) -> str:
    """Return the page a form came from: the round, or the household."""
    from_round = (await request.form()).get("from") == "round"
    return MY_ROUND if from_round else f"/households/{household}"
