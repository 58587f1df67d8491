"""The board's health, for operators. No household is named here."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from eropaf.board.reading import News
from eropaf.board.state import State
from eropaf.board.store import Store
from eropaf.board.web import page
from eropaf.serving.reading import Reading


class OperatorPage:
    """Readiness, lag, the newest update's age; accounts, and who is logged in."""

    def __init__(self, state: State, store: Store, reading: Reading[News]) -> None:
        self._state = state
        self._store = store
        self._reading = reading

    async def show(self, request: Request) -> Response:
        """Show the current state."""
        behind = await asyncio.to_thread(self._reading.behind)
        newest_at = self._state.newest_at_ms
        return page(
            request,
            "state.html",
            ready=self._state.ready.is_set(),
            behind=behind,
            aside=self._reading.asides,
            age_s=None if newest_at is None else max(0, int(time.time() - newest_at / 1000)),
            listed=len(self._state.ranking),
            browsers=self._state.browsers,
            sessions=[
                (each, self._moment(each.begun_at), self._moment(each.seen_at))
                for each in await self._store.sessions()
            ],
            accounts=await self._store.accounts(),
        )

    def _moment(self, at_s: float) -> datetime:
        return datetime.fromtimestamp(at_s, self._state.zone)
