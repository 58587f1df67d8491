"""The ranked list, and its changes as they come."""

from __future__ import annotations

import base64
import hmac
import zlib
from collections import Counter
from collections.abc import AsyncIterator

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from eropaf.board.asked import BANDS, Asked, Shown
from eropaf.board.sessions import Sessions
from eropaf.board.state import State
from eropaf.board.store import Session
from eropaf.board.user import User
from eropaf.board.web import page

# What a phone shows before any script has run; the stream brings the whole list.
ROWS_AT_FIRST = 40
# More tabs than anybody has open.
MOST_STREAMS = 12
# 16 + MAX_WBITS: a gzip stream; each event is flushed, so that it arrives when it is told.
GZIP = 16 + zlib.MAX_WBITS


class ListPage:
    """The page that the team keeps open all day."""

    def __init__(self, state: State, sessions: Sessions) -> None:
        self._state = state
        self._sessions = sessions
        self._open: Counter[str] = Counter()

    async def show(self, request: Request) -> Response:
        """Show the top of the list."""
        session: Session = request.state.session
        user: User = session.user
        asked = Asked.of(request.query_params, request.query_params.getlist("band"))
        today = self._state.today
        rows = [row for row in self._state.rows(user) if asked.matches(row, today)]
        return page(
            request,
            "list.html",
            rows=rows[:ROWS_AT_FIRST],
            count=len(rows),
            of_band=Counter(row.update.band.value for row in rows),
            areas=[each for each in self._state.areas if user.sees(each)],
            asked=asked,
            bands=BANDS,
            shown=list(Shown),
            today=today,
            key=_key(session),
            goes=any(row.holder and row.holder.id == user.id for row in rows),
        )

    async def changes(self, request: Request) -> Response:
        """Stream the list and its changes, as long as the browser listens and its session is valid."""
        session: Session = request.state.session
        if self._open[session.token] >= MOST_STREAMS:
            raise HTTPException(429, headers={"Retry-After": "60"})
        # A browser that comes back by itself says it in the header, a page that opens in its address.
        told = request.headers.get("last-event-id") or request.query_params.get("since", "")
        stream = self._counted(session, told)
        headers = {"X-Accel-Buffering": "no", "Vary": "Accept-Encoding"}
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return StreamingResponse(stream, media_type="text/event-stream", headers=headers)
        headers["Content-Encoding"] = "gzip"
        return StreamingResponse(_squeezed(stream), media_type="text/event-stream", headers=headers)

    async def _counted(self, session: Session, told: str) -> AsyncIterator[str]:
        self._open[session.token] += 1
        try:
            holds = self._sessions.watch(session).holds
            async for event in self._state.changes(session.user, holds, told):
                yield event
        finally:
            self._open[session.token] -= 1
            self._open += Counter()  # drops what is at zero


async def _squeezed(events: AsyncIterator[str]) -> AsyncIterator[bytes]:
    squeeze = zlib.compressobj(wbits=GZIP)
    async for event in events:
        yield squeeze.compress(event.encode()) + squeeze.flush(zlib.Z_SYNC_FLUSH)


def _key(session: Session) -> str:
    """Return the key with which a tab seals its rows between two pages: nobody has it after log-out."""
    return base64.b64encode(hmac.digest(session.token.encode(), b"rows kept in a tab", "sha256")).decode()
