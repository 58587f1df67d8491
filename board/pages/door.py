"""A worker checks in at a door, and out: somebody notices when they do not come back."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from eropaf.board.claims import Holder
from eropaf.board.kept import now_ms
from eropaf.board.pages.claiming import Claiming
from eropaf.board.state import State
from eropaf.board.user import Role, User
from eropaf.board.web import answer


class DoorPage:
    """In and out of a door, by whoever goes there."""

    def __init__(self, state: State, claiming: Claiming) -> None:
        self._state = state
        self._claiming = claiming

    async def check_in(self, request: Request) -> Response:
        """Say that who goes there is at the door from now on."""
        household, holder = self._held(request)
        if holder.id != request.state.session.user.id:
            raise HTTPException(403)
        back = f"/households/{household}"
        if (row := self._state.row(household)) and row.office_only:
            return answer(request, back, 409, "office_only")
        await self._claiming.at_the_door(household, holder, now_ms())
        return answer(request, back)

    async def check_out(self, request: Request) -> Response:
        """Say that who went there is back, even if the household left the list meanwhile.

        A lead may say so of a colleague, once they have spoken with them.
        """
        household, holder = self._held(request)
        user: User = request.state.session.user
        if holder.id != user.id and user.role is not Role.LEAD:
            raise HTTPException(403)
        await self._claiming.at_the_door(household, holder, None)
        return answer(request, f"/households/{household}" if holder.id == user.id else "/lead")

    def _held(self, request: Request) -> tuple[str, Holder]:
        household, user = request.path_params["household"], request.state.session.user
        holder = self._state.claims.holder(household)
        # Of a household that was erased a lead still lets its visitor out.
        erased = self._state.area(household) is None and user.role is Role.LEAD
        if holder is None or not (erased or self._state.shows(household, user)):
            raise HTTPException(404)
        return household, holder
