"""The board's state: the list, who goes where, and the outcomes. Lives in the event loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from eropaf.board.address_register import AddressRegister, Premises
from eropaf.board.asking import only_asks
from eropaf.board.came_of import CameOf
from eropaf.board.claims import Claims, Holder
from eropaf.board.figures import Figures
from eropaf.board.kept import now_ms
from eropaf.board.reading import News
from eropaf.board.row import Row, gone, is_open
from eropaf.board.safety import Marks
from eropaf.board.since import Since
from eropaf.board.user import User
from eropaf_client.live_list import LiveList
from eropaf_client.outcomes import OutreachOutcome
from eropaf_client.records import PriorityUpdate
from eropaf_client.schemas.topics import CLAIMS, DOOR_SAFETY
from eropaf_client.sending import Acknowledged

# A browser gets what changed at most this often: quick to the eye, and cheap with many of them.
TOGETHER_S = 0.1
# Less often than any proxy on the way gives up.
KEEP_ALIVE_S = 15.0
ROWS_AT_ONCE = 500


class State:
    """The board's memory, rebuilt from the topics at each start."""

    def __init__(
        self, event_clock: bool, time_zone: str = "Europe/Amsterdam", register: AddressRegister | None = None
    ) -> None:
        self.event_clock = event_clock
        self.zone = ZoneInfo(time_zone)
        self._newest = date.min
        self.newest_at_ms: int | None = None  # when what caused the newest update was stored
        self.ranking = LiveList()
        self.claims = Claims()
        self._marks = Marks()
        self._came_of = CameOf()
        self.figures = Figures(self.zone, self._came_of)
        self.since = Since()
        self.ready = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self.failed: asyncio.Future[None] = self.loop.create_future()
        self._register = register
        self._premises: dict[str, Premises] = {}
        self._areas: dict[str, str] = {}
        self._forgotten: set[str] = set()  # households that were when the day last changed
        self._tidied_on = date.min
        self._last: dict[str, PriorityUpdate] = {}  # what was last told of each, on the list or off it
        self._read: dict[tuple[str, int], int] = {}  # next offset of each partition of claims and marks
        self._left: dict[str, int] = {}  # households off the list, and since when (ms since 1970)
        self._told = asyncio.Condition()  # something was read
        self._takes = 0  # how often something, or nothing more, was read
        self._browsers: set[_Browser] = set()
        self._ended = False

    @property
    def today(self) -> date:
        """Today's date, from which days are counted."""
        return self._newest if self.event_clock else datetime.now(self.zone).date()

    @property
    def browsers(self) -> int:
        """How many browsers listen."""
        return len(self._browsers)

    @property
    def areas(self) -> list[str]:
        """Every area with a household that is, or was, on the list."""
        return sorted(set(self._areas.values()))

    def take(self, news: News | Exception) -> None:
        """Apply what was read. If that fails the board ends, rather than continue half blind."""
        if isinstance(news, Exception):
            self._fail(news)
            return
        try:
            self._take(news)
        except Exception as error:  # ends the board; nothing that strangers write should come so far
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        if not self.failed.done():
            self.failed.set_exception(error)

    def _take(self, news: News) -> None:
        self._takes += 1
        changed = self._take_updates(news) | self._take_claims(news) | self._take_marks(news)
        for stored_at_ms, outcome in news.outcomes:
            self._came_of.take(stored_at_ms, outcome)
        if changed or news.claims or news.outcomes or news.marks or news.caught_up:
            self._telling = asyncio.ensure_future(self._tell())
        if changed:
            self.since.note(changed)
            for browser in self._browsers:
                browser.changed(changed)
        self._tidy()
        if news.caught_up:
            self.ready.set()

    def end(self) -> None:
        """End every browser's stream; each reconnects by itself once a board is back."""
        self._ended = True
        self.wake()

    def day_of(self, at_ms: int) -> date:
        """Return the day of a real instant; with a simulated clock it is today."""
        if self.event_clock:
            return self.today
        return datetime.fromtimestamp(at_ms / 1000, self.zone).date()

    def area(self, household: str) -> str | None:
        """Return the area of a household that is, or was, on the list."""
        return self._areas.get(household)

    def shows(self, household: str, user: User) -> bool:
        """Return whether `user` may see a household, on the list or off it.

        Of an erased one no area is known: it is shown to whoever holds it, who may stand at its door.
        """
        area = self._areas.get(household)
        if area is not None:
            return user.sees(area)
        holder = self.claims.holder(household)
        return holder is not None and holder.id == user.id

    def row(self, household: str) -> Row | None:
        """Return the row of `household`; None if it is not on the list."""
        update = self.ranking.get(household)
        return None if update is None else self._row(update)

    def address(self, household: str) -> str | None:
        """Return where a household is that is, or was, on the list; None once it is forgotten."""
        update = self._last.get(household)
        return None if update is None else self._row(update).address

    def ever(self, user: User) -> Iterable[Row]:
        """Yield the last row of every household `user` may see, including those that left the list."""
        for update in self._last.values():
            if user.sees(update.area):
                yield self._row(update)

    def rows(self, user: User) -> list[Row]:
        """Return the list as `user` sees it, most urgent first."""
        return [self._row(update) for update in self.ranking.ranked() if user.sees(update.area)]

    def _row(self, update: PriorityUpdate) -> Row:
        household = update.household
        mark = self._marks.of(household, self.today)
        return Row(update, self.claims.holder(household), self._premises.get(household), mark)

    def history(self, household: str) -> list[OutreachOutcome]:
        """Return the outcomes of `household` so far, newest first, without what only asks creditors."""
        found = (each for each in self._came_of.of(household) if not only_asks(each))
        return sorted(found, key=lambda each: each.at, reverse=True)

    def has_result_since(self, household: str, at_ms: int) -> bool:
        """Return whether a result of `household` was stored then (ms since 1970) or later."""
        return self._came_of.has_result_since(household, at_ms)

    async def read_back(self, at: Acknowledged) -> None:
        """Wait until the claim or mark that is stored there has been read."""
        async with self._told:
            await self._told.wait_for(lambda: self._read.get((at.topic, at.partition), 0) > at.offset)

    async def read_on(self) -> None:
        """Wait until whatever the reading thread has in hand now was taken."""
        takes = self._takes
        async with self._told:
            await self._told.wait_for(lambda: self._takes > takes)

    async def left_behind(self) -> list[tuple[str, Holder]]:
        """Return who holds a household that left the list since, waiting until somebody does."""
        async with self._told:
            await self._told.wait_for(lambda: self.ready.is_set() and self._left_behind())
            return self._left_behind()

    def _left_behind(self) -> list[tuple[str, Holder]]:
        held = self.claims.held().items()
        return [(each, holder) for each, holder in held if self.left_since(each, holder)]

    def left_since(self, household: str, holder: Holder) -> bool:
        """Return whether a household left the list after `holder`, who is not at its door, claimed it."""
        if self.claims.holder(household) != holder or holder.at_the_door_since is not None:
            return False
        return self._left.get(household, 0) > holder.since

    def left(self, household: str) -> tuple[PriorityUpdate, int] | None:
        """Return what was last told of a household that left the list, and when it left (ms since 1970)."""
        update, at_ms = self._last.get(household), self._left.get(household)
        return None if update is None or at_ms is None else (update, at_ms)

    async def outcome_read(self, outcome_id: str) -> None:
        """Wait until the outcome has been read back."""
        async with self._told:
            await self._told.wait_for(lambda: self._came_of.knows(outcome_id))

    def wake(self) -> None:
        """Have every stream check whether it may continue."""
        for browser in self._browsers:
            browser.changed(set())

    async def changes(
        self, user: User, holds: Callable[[], Awaitable[bool]], told: str = ""
    ) -> AsyncIterator[str]:
        """Yield the list and then each change, as server-sent events, as long as somebody reads.

        `told` is the id of the last event the browser received: if it is one of ours, only later changes are
        sent. `holds` returns whether the session is still valid: it is checked before anything is sent, and
        once it is not, that is the last thing the browser receives.
        """
        browser = _Browser()
        self._browsers.add(browser)
        try:
            mark, changed = self.since.mark(user), self.since.after(user, told)
            if changed is None:
                rows = [row.to_json() for row in self.rows(user)]
                yield _event("start", len(rows))
            else:
                rows = self._seen(user, changed)
            for start in range(0, len(rows), ROWS_AT_ONCE):
                yield _event("rows", rows[start : start + ROWS_AT_ONCE])
                await asyncio.sleep(0)
            # From here on the browser knows all: only now does it hear the mark.
            yield _event("whole", self.today.isoformat(), mark)
            while not self._ended:
                households, mark = await browser.wait(), self.since.mark(user)
                if not await holds():
                    yield "event: ended\ndata:\n\n"
                    return
                yield _event("rows", self._seen(user, households), mark)
                # At midnight, and where days pass quicker than ours, every row says something else.
                yield _event("today", self.today.isoformat(), mark)
        finally:
            self._browsers.discard(browser)

    def _seen(self, user: User, households: Iterable[str]) -> list[dict[str, Any]]:
        return [row for each in households if (row := self._seen_by(user, each))]

    def _seen_by(self, user: User, household: str) -> dict[str, Any] | None:
        row = self.row(household)
        if row is None:
            return gone(household) if user.sees(self._areas.get(household, "")) else None
        return row.to_json() if user.sees(row.update.area) else None

    def _take_updates(self, news: News) -> set[str]:
        for received in news.updates:
            if received.update is None:
                self._forget(received.household, received.origin_at_ms)
            else:
                self._update(received.update)
                self.newest_at_ms = max(self.newest_at_ms or 0, received.origin_at_ms)
            self._note_left(received.household, received.origin_at_ms)
        return {received.household for received in news.updates}

    def _take_claims(self, news: News) -> set[str]:
        changed = set()
        for partition, offset, claim in news.claims:
            if claim is not None and self.claims.apply(claim):
                changed.add(claim.household)
            self._read[CLAIMS, partition] = offset + 1
        return changed

    def _take_marks(self, news: News) -> set[str]:
        changed = set()
        for partition, offset, decision in news.marks:
            if decision is not None:
                self._marks.take(decision)
                changed.add(decision.household)
            self._read[DOOR_SAFETY, partition] = offset + 1
        return changed & self._areas.keys()  # of the others no browser knows

    def _update(self, update: PriorityUpdate) -> None:
        self.figures.update(self.ranking.get(update.household), update)
        self.ranking.apply(update)
        self._areas[update.household] = update.area
        self._last[update.household] = update
        self._look_up(update)
        if is_open(update):
            self._newest = max(self._newest, update.event_at.astimezone(self.zone).date())

    def _note_left(self, household: str, origin_at_ms: int) -> None:
        if household in self.ranking:
            self._left.pop(household, None)
        else:
            # What was read at the start left at some time after what caused it; since then it leaves now.
            self._left.setdefault(household, now_ms() if self.ready.is_set() else origin_at_ms)

    def _look_up(self, update: PriorityUpdate) -> None:
        if self._register is None or update.household in self._premises:
            return  # a household's address never changes
        found = self._register.find(update.postcode, update.house_number, update.addition)
        if found is not None:
            self._premises[update.household] = found

    def _forget(self, household: str, at_ms: int) -> None:
        self.ranking.forget(household)
        self._premises.pop(household, None)
        self.figures.forget(household)
        self._came_of.forget(household, at_ms)
        self._last.pop(household, None)

    def _tidy(self) -> None:
        """Forget, with each new day, what the topics keep no longer: a board runs for months.

        The area of a forgotten household stays for a day more, by which browsers hear that it is gone.
        """
        if self._tidied_on == self.today:
            return
        self._tidied_on = self.today
        self.claims.forget_old()
        self._marks.forget_old(self.today)
        self._came_of.forget_old()
        self.figures.forget_old(self.today)
        long_gone = self._forgotten - self._last.keys()
        self.since.forget(long_gone)
        for household in long_gone:
            self._areas.pop(household, None)
            self._left.pop(household, None)
        self._forgotten = self._areas.keys() - self._last.keys()

    async def _tell(self) -> None:
        async with self._told:
            self._told.notify_all()


class _Browser:
    """The changes not yet sent to one browser."""

    def __init__(self) -> None:
        self._households: set[str] = set()
        self._any = asyncio.Event()

    def changed(self, households: set[str]) -> None:
        self._households |= households
        self._any.set()

    async def wait(self) -> set[str]:
        """Return the changes, combined with those that follow shortly; nothing after a long quiet."""
        try:
            await asyncio.wait_for(self._any.wait(), KEEP_ALIVE_S)
        except TimeoutError:
            return set()
        await asyncio.sleep(TOGETHER_S)
        self._any.clear()
        households, self._households = self._households, set()
        return households


def _event(name: str, data: object, mark: str = "") -> str:
    named = f"id: {mark}\n" if mark else ""
    return f"event: {name}\n{named}data: {json.dumps(data, separators=(',', ':'))}\n\n"
