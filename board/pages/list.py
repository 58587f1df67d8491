"""The ranked list, and its changes as they come."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from eropaf.board.state import State
from eropaf.board.user import User
from eropaf.board.web import page
from eropaf_client.records import Band

# What a phone shows before any script has run; the stream brings the whole list.
ROWS_AT_FIRST = 40
BANDS = [band.value for band in reversed(Band) if band is not Band.NONE]


class ListPage:
    """The page that the team has open all day."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def show(self, request: Request) -> Response:
        """Show the top of the list."""
        user: User = request.state.session.user
        area = request.query_params.get("area", "")
        rows = [row for row in self._state.rows(user) if area in ("", row.update.area)]
        areas = [each for each in self._state.areas if user.sees(each)]
        return page(
            request,
            "list.html",
            rows=rows[:ROWS_AT_FIRST],
            count=len(rows),
            areas=areas,
            area=area,
            bands=BANDS,
            today=self._state.today,
        )

    async def changes(self, request: Request) -> Response:
        """Stream the list and its changes, for as long as the browser listens."""
        user: User = request.state.session.user
        return StreamingResponse(
            self._state.changes(user), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
        )
