"""One household: who goes there, and recording the outcome in two taps."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from eropaf.board.explaining import NotOpened, Slip
from eropaf.board.follow_ups import follow_up_of, holding
from eropaf.board.guard import OPENINGS, Guard
from eropaf.board.pages.claiming import MY_ROUND, Claiming
from eropaf.board.results import NOT_REACHED, SPOKEN, TALKED, ways
from eropaf.board.rounds import round_of
from eropaf.board.settled import settled
from eropaf.board.state import State
from eropaf.board.store import Session
from eropaf.board.user import User
from eropaf.board.web import answer, by_a_script, page, parts_of
from eropaf_client.errors import NotAcknowledged
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
# Less than a phone waits (ANSWER_WITHIN_MS of answering.js): one that gives up keeps back all that it has.
ANSWERED_WITHIN_S = 6.0
SHOWN_WITHIN_S = 5.0
# A desk may take half a minute to answer, each time on a thread that claims and results need too.
MOST_ASKING = 2

AskSlips = Callable[[str, str], Sequence[Slip]]

log = structlog.get_logger(__name__)


class HouseholdPage:
    """A household's own page."""

    def __init__(
        self,
        state: State,
        guard: Guard,
        claiming: Claiming,
        reporter: OutcomeReporter,
        ask_slips: AskSlips | None,
    ) -> None:
        """Take `ask_slips`, which asks the desk for a household's contact slips; None: there is nobody to."""
        self._state = state
        self._guard = guard
        self._claiming = claiming
        self._reporter = reporter
        self._ask_slips = ask_slips
        self._asking = asyncio.Semaphore(MOST_ASKING)
        self._under_way = set[asyncio.Task[None]]()

    async def show(self, request: Request) -> Response:
        """Show one household."""
        return await self._page(request)

    async def back(self, request: Request) -> Response:
        """Lead to the household's page, as from its contact slips: those are opened by a button alone."""
        return RedirectResponse(f"/households/{request.path_params['household']}", 303)

    async def contact(self, request: Request) -> Response:
        """Have the desk open the household's contact slips for whoever holds it, and show them once."""
        household, user = request.path_params["household"], request.state.session.user
        holder = self._state.claims.holder(household)
        if self._ask_slips is None or holder is None or holder.id != user.id:
            raise HTTPException(403)
        row = self._state.row(household)
        if row is None or not user.sees(row.update.area):
            return await self._page(request)  # no trace of a look that shows nothing
        await self._guard.limit(OPENINGS, user.id)
        if self._asking.locked():
            log.warning("contact slips not opened", why="the desk is asked as much as may be at once")
            return await self._page(request, 503, slips_wrong=True)
        try:
            async with self._asking:
                slips = await asyncio.to_thread(self._ask_slips, household, user.id)
        except NotOpened as error:
            log.warning("contact slips not opened", why=str(error))
            return await self._page(request, 503, slips_wrong=True)
        return await self._page(request, slips=slips)

    async def _page(
        self,
        request: Request,
        status: int = 200,
        slips: Sequence[Slip] | None = None,
        slips_wrong: bool = False,
    ) -> Response:
        user: User = request.state.session.user
        household = request.path_params["household"]
        if not self._state.shows(household, user):
            raise HTTPException(404)
        row = self._state.row(household)
        walk = round_of(self._state, user)
        holder = self._state.claims.holder(household)
        mine = holder is not None and holder.id == user.id
        shown: dict[str, Any] = {
            "mine": mine,
            "household": household,
            "door_since": self._moment(holder.at_the_door_since) if holder is not None and mine else None,
            "history": self._state.history(household),
            "next": walk.next(after=household),
            "follow_up": holding(self._state.history(household), self._state.today),
            "zone": self._state.zone,
        }
        if row is None:
            return page(request, "off.html", settled=settled(self._state, household, user), **shown)
        undo = request.query_params.get("undo", "")
        came_from = parts_of(request.headers.get("referer", "")).path
        return page(
            request,
            "household.html",
            status,
            slips=slips,
            slips_wrong=slips_wrong,
            ways=ways(row.office_only, any(each.phone for each in slips or ())),
            may_ask=mine and self._ask_slips is not None,
            day_of=self._state.day_of,
            row=row,
            since=self._state.since.mark(user),
            back=MY_ROUND if mine or came_from == MY_ROUND else "/",
            today=self._state.today,
            outcome_id=str(uuid.uuid4()),
            colleagues=await self._claiming.colleagues(user, row.update.area),
            undo=undo if self._claiming.may_undo(household, request.state.session, undo) else None,
            **shown,
        )

    def _moment(self, at_ms: int | None) -> datetime | None:
        return None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, self._state.zone)

    async def register(self, request: Request) -> Response:
        """Register a contact attempt and its outcome. A repeated id counts once.

        Raises:
            NotAcknowledged: no broker has it, or the claim that releases, yet. A phone sends it again.
        """
        session: Session = request.state.session
        form = await request.form()
        household = request.path_params["household"]
        area = self._state.area(household)
        if area is None or not session.user.sees(area):
            raise HTTPException(404)
        said = {name: str(value) for name, value in form.items()}
        outcome = self._outcome(household, session.user, said)
        following = None
        try:
            async with asyncio.timeout(ANSWERED_WITHIN_S if by_a_script(request) else None):
                await asyncio.to_thread(self._reporter.report, outcome)
                following = self._following(outcome, session.user)
                await asyncio.shield(following)
        except TimeoutError:
            if following is None:
                raise NotAcknowledged(
                    "no broker has acknowledged the result yet; it will be sent again"
                ) from None
            # Stored it is. What follows goes on by itself: a phone would only wait for it.
        return answer(request, f"/households/{household}", 200, "stored", stored=True)

    def _following(self, outcome: OutreachOutcome, user: User) -> asyncio.Task[None]:
        """Start the follow-up of a stored result, which completes even if nobody waits for it."""
        following = asyncio.create_task(self._follow(outcome, user))
        self._under_way.add(following)
        following.add_done_callback(self._followed)
        return following

    async def _follow(self, outcome: OutreachOutcome, user: User) -> None:
        """Wait until the outcome is shown; release a household whose case has ended."""
        with suppress(TimeoutError):  # then only the page that follows does not show it yet
            await asyncio.wait_for(self._state.outcome_read(outcome.outcome_id), SHOWN_WITHIN_S)
        holder = self._state.claims.holder(outcome.household)
        if holder is None or holder.id != user.id:
            return
        if outcome.result is not None:
            await self._claiming.move(outcome.household, user, None)
        elif holder.at_the_door_since is not None:
            since = self._moment(holder.at_the_door_since)
            if since is not None and outcome.at >= since:  # who says what came of it has left
                await self._claiming.at_the_door(outcome.household, holder, None)

    def _followed(self, following: asyncio.Task[None]) -> None:
        self._under_way.discard(following)
        if not following.cancelled() and (error := following.exception()):
            log.warning("a household that ended is still in a round", error=type(error).__name__)

    def _outcome(self, household: str, user: User, form: dict[str, str]) -> OutreachOutcome:
        said, now = form.get("outcome", ""), datetime.now(UTC)
        try:
            outcome_id = str(uuid.UUID(form.get("outcome_id", "")))
            channel = ContactChannel(form.get("channel", ""))
            result = None if said in (NOT_REACHED, TALKED) else EndResult(said)
            # How long ago, by the phone: its clock may be minutes off, and the board's is what counts.
            ago = timedelta(milliseconds=int(form.get("ago_ms", "0")))
            if not timedelta() <= ago <= KEPT_OFFLINE:
                raise ValueError("ago_ms")
            at = now - ago
            here = at.astimezone(self._state.zone)
            # Counted from the day on which it was said: a phone may have kept it for some.
            on = self._state.today if self._state.event_clock else here.date()
            follow_up = follow_up_of(form, on)
        except (ValueError, OverflowError):
            raise HTTPException(400) from None
        if result is EndResult.UNKNOWN or channel is ContactChannel.UNKNOWN:
            raise HTTPException(400)
        holder = self._state.claims.held_last(household, user.id)
        return OutreachOutcome(
            outcome_id=outcome_id,
            household=household,
            at=at if not self._state.event_clock else datetime.combine(on, at.timetz()),
            picked_up_on=on if holder is None else min(on, self._state.day_of(holder.since)),
            attempt=ContactAttempt(channel, said == TALKED or result in SPOKEN, on, _day_part(here.hour)),
            result=result,
            follow_up=follow_up,
        )


def _day_part(hour: int) -> DayPart:
    if hour < 12:
        return DayPart.MORNING
    return DayPart.AFTERNOON if hour < 18 else DayPart.EVENING
