"""The ranked list, and its changes as they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from eropaf.board.sessions import Sessions
from eropaf.board.state import State
from eropaf.board.store import Session
from eropaf.board.user import User
from eropaf.board.web import page
from eropaf_client.records import Band

# What a phone shows before any script has run; the stream brings the whole list.
ROWS_AT_FIRST = 40
# More tabs than anybody has open.
MOST_STREAMS = 12
BANDS = [band.value for band in reversed(Band) if band is not Band.NONE]


class ListPage:
    """The page that the team has open all day."""

    def __init__(self, state: State, sessions: Sessions) -> None:
        self._state = state
        self._sessions = sessions
        self._open: Counter[str] = Counter()

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
        """Stream the list and its changes, for as long as the browser listens and its session holds."""
        session: Session = request.state.session
        if self._open[session.token] >= MOST_STREAMS:
            raise HTTPException(429, headers={"Retry-After": "60"})
        return StreamingResponse(
            self._counted(session), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
        )

    async def _counted(self, session: Session) -> AsyncIterator[str]:
        self._open[session.token] += 1
        try:
            async for told in self._state.changes(session.user, self._sessions.watch(session).holds):
                yield told
        finally:
            self._open[session.token] -= 1
            self._open += Counter()  # drops what is at zero
