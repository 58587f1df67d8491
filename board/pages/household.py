"""One household: who goes there, and what came of it, in two taps."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from eropaf.board.pages.claiming import Claiming
from eropaf.board.results import NOT_REACHED, SPOKEN, TALKED
from eropaf.board.state import State
from eropaf.board.store import Session
from eropaf.board.web import answer, page
from eropaf_client.outcomes import (
    ContactAttempt,
    ContactChannel,
    DayPart,
    EndResult,
    OutcomeReporter,
    OutreachOutcome,
)

# A phone that was in a cellar for a weekend still has its say.
KEPT_OFFLINE = timedelta(days=4)


class HouseholdPage:
    """A household's own page."""

    def __init__(self, state: State, claiming: Claiming, reporter: OutcomeReporter) -> None:
        self._state = state
        self._claiming = claiming
        self._reporter = reporter

    async def show(self, request: Request) -> Response:
        """Show one household."""
        row = self._state.row(request.path_params["household"])
        area = self._state.area(request.path_params["household"])
        if area is None or not request.state.session.user.sees(area):
            raise HTTPException(404)
        if row is None:
            return page(request, "off.html")
        return page(
            request,
            "household.html",
            row=row,
            today=self._state.today,
            history=self._state.history(row.household),
            outcome_id=str(uuid.uuid4()),
            colleagues=await self._claiming.colleagues(request.state.session.user),
        )

    async def register(self, request: Request) -> Response:
        """Register a contact attempt and what came of it. The same id twice counts once."""
        session: Session = request.state.session
        form = await request.form()
        household = request.path_params["household"]
        area = self._state.area(household)
        if area is None or not session.user.sees(area):
            raise HTTPException(404)
        outcome = self._outcome(household, {name: str(value) for name, value in form.items()})
        await asyncio.to_thread(self._reporter.report, outcome)
        holder = self._state.claims.holder(household)
        if outcome.result is not None and holder and holder.id == session.user.id:
            await self._claiming.move(household, session.user, None)
        return answer(request, f"/households/{household}", stored=True)

    def _outcome(self, household: str, form: dict[str, str]) -> OutreachOutcome:
        said, now = form.get("outcome", ""), datetime.now(UTC)
        try:
            outcome_id = str(uuid.UUID(form.get("outcome_id", "")))
            channel = ContactChannel(form.get("channel", ""))
            result = None if said in (NOT_REACHED, TALKED) else EndResult(said)
            # How long ago, by the phone: its clock may be minutes off, and the board's is what counts.
            ago = timedelta(milliseconds=int(form.get("ago_ms", "0")))
            if not timedelta() <= ago <= KEPT_OFFLINE:
                raise ValueError("ago_ms")
        except (ValueError, OverflowError):
            raise HTTPException(400) from None
        at = now - ago
        if result is EndResult.UNKNOWN or channel is ContactChannel.UNKNOWN:
            raise HTTPException(400)
        here = at.astimezone(self._state.zone)
        on = self._state.today if self._state.event_clock else here.date()
        holder = self._state.claims.holder(household)
        return OutreachOutcome(
            outcome_id=outcome_id,
            household=household,
            at=at if not self._state.event_clock else datetime.combine(on, at.timetz()),
            picked_up_on=on if holder is None else min(on, self._state.day_of(holder.since)),
            attempt=ContactAttempt(channel, said == TALKED or result in SPOKEN, on, _day_part(here.hour)),
            result=result,
        )


def _day_part(hour: int) -> DayPart:
    if hour < 12:
        return DayPart.MORNING
    return DayPart.AFTERNOON if hour < 18 else DayPart.EVENING
