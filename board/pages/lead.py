"""The team lead's view: what came in, what is open, whom we reached, and who has how much in hand."""

from __future__ import annotations

from collections import Counter

from starlette.requests import Request
from starlette.responses import Response

from eropaf.board.plot import bars
from eropaf.board.results import CHANNELS
from eropaf.board.row import Row
from eropaf.board.state import State
from eropaf.board.store import Store
from eropaf.board.user import TEAM, User
from eropaf.board.web import page
from eropaf_client.records import Band

USED = [channel.value for channel in CHANNELS]
BANDS = [band.value for band in reversed(Band) if band is not Band.NONE]


class LeadPage:
    """Figures of the whole team, by area and channel."""

    def __init__(self, state: State, store: Store, capacity: int) -> None:
        self._state = state
        self._store = store
        self._capacity = capacity

    async def show(self, request: Request) -> Response:
        """Show the figures of every area that this lead sees, or of one; of every channel, or of one."""
        user: User = request.state.session.user
        own = [each for each in self._state.areas if user.sees(each)]
        area = request.query_params.get("area", "")
        areas = [each for each in own if area in ("", each)]
        asked = request.query_params.get("channel", "")
        channel = asked if asked in USED else ""
        rows = [row for row in self._state.rows(user) if row.update.area in areas]
        figures, today = self._state.figures, self._state.today
        stood, attempts = figures.open(today, areas), figures.attempts(today, areas, channel)
        return page(
            request,
            "lead.html",
            areas=own,
            area=area,
            bands=[(band, sum(row.update.band.value == band for row in rows)) for band in BANDS],
            **self._counts(rows),
            channel=channel,
            channels=USED,
            inflow=bars(figures.inflow(today, areas)),
            stood=bars([(day, count) for day, count, _ in stood], [late for _, _, late in stood]),
            attempts=bars([(day.on, day.attempts) for day in attempts], [day.reached for day in attempts]),
            helped=bars([(day.on, day.reached) for day in attempts], [day.accepted for day in attempts]),
            used=figures.channels(areas),
            by_area=Counter(row.update.area for row in rows).most_common(12),
            workers=await self._workers(rows),
            capacity=self._capacity,
        )

    def _counts(self, rows: list[Row]) -> dict[str, int]:
        today = self._state.today
        return {
            "open": len(rows),
            "overdue": sum((left := row.days_left(today)) is not None and left < 0 for row in rows),
            "held": sum(row.holder is not None for row in rows),
        }

    async def _workers(self, rows: list[Row]) -> list[tuple[str, int]]:
        team = [account.name for account in await self._store.accounts() if account.role in TEAM]
        in_hand = Counter(dict.fromkeys(team, 0))
        in_hand.update(row.holder.name for row in rows if row.holder)
        return sorted(in_hand.items(), key=lambda each: (-each[1], each[0]))
